"""SQLite files: every type, every storage class, every mode, the markers, locks, closed doors."""

import datetime as dt
import sqlite3
import subprocess
import sys
import threading
import uuid
from contextlib import closing
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from connectors.errors import ConfigError, DataError, LeaseLost, TransientError
from connectors.library.sqlite import Sqlite
from connectors.tests.loads import System, access_to

PEOPLE = pl.DataFrame({"id": [1, 2, 3], "name": ["Ada", "", None]})
FIRST, LAST = dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999999)

WRITTEN = {
    "boolean": pl.Series([True, False, None]),
    "int64": pl.Series([-(2**63), 2**63 - 1, None], dtype=pl.Int64),
    "uint64": pl.Series([0, 2**64 - 1, None], dtype=pl.UInt64),
    "int128": pl.Series([-(2**127), 2**127 - 1, None], dtype=pl.Int128),
    "uint128": pl.Series([0, 2**128 - 1, None], dtype=pl.UInt128),
    "float64": pl.Series([0.1, float("-inf"), float("inf"), 5e-324, 1e300, None]),
    "decimal": pl.Series([Decimal(10**38 - 1), Decimal(-1), None], dtype=pl.Decimal(38, 0)),
    "decimal_scale": pl.Series([Decimal("1.10"), Decimal("-0.01"), None], dtype=pl.Decimal(15, 2)),
    "decimal_fraction": pl.Series([Decimal("0.99"), Decimal("-0.01")], dtype=pl.Decimal(2, 2)),
    "text": pl.Series(["", "a\0b", "1.50", "007", "'; DROP TABLE t; --", "🚀 é\n", None]),
    "binary": pl.Series([b"", b"\x00\xff", None]),
    "date": pl.Series([dt.date(1, 1, 1), dt.date(9999, 12, 31), dt.date(2024, 2, 29), None]),
    "time": pl.Series([dt.time(0), dt.time(23, 59, 59, 999999), None]),
    "time_ns": pl.Series([123456789, 0, None]).cast(pl.Time),
    "datetime_ms": pl.Series([FIRST, dt.datetime(2026, 1, 1, 1, 1, 1, 5000)], dtype=pl.Datetime("ms")),
    "datetime_us": pl.Series([FIRST, LAST, None]),
    "datetime_ns": pl.Series([1, -1, None], dtype=pl.Int64).cast(pl.Datetime("ns")),
    "datetime_utc": pl.Series([LAST.replace(tzinfo=dt.UTC), None]),
    "datetime_utc_ns": pl.Series([1, -1, None], dtype=pl.Int64).cast(pl.Datetime("ns", "UTC")),
    "duration_ms": pl.Series([1, -1, None], dtype=pl.Int64).cast(pl.Duration("ms")),
    "duration_us": pl.Series([dt.timedelta(days=-400, microseconds=1), None]),
    "duration_ns": pl.Series([1, -1, None], dtype=pl.Int64).cast(pl.Duration("ns")),
}  # fmt: skip


@pytest.fixture
def system(tmp_path):
    """A SQLite file that is not there yet."""
    return System(Sqlite, access_to(tmp_path), path="a.sqlite3")


def run_sql(system, *statements, **bound):
    with closing(sqlite3.connect(system.access.base / "a.sqlite3")) as connection, connection:
        for statement in statements:
            rows = connection.execute(statement, bound).fetchall()
    return rows


@pytest.mark.parametrize("name", WRITTEN)
def test_values_come_back_exactly(system, name):
    frame = pl.DataFrame({"x": WRITTEN[name]})
    for _ in range(2):
        assert system.load(frame, table="t").rows == frame.height
    assert_frame_equal(system.read(table="t"), pl.concat([frame, frame]))
    for empty in (frame.clear(), pl.DataFrame({"x": [None, None]}, schema=frame.schema)):
        system.load(empty, table="e", mode="replace")
        assert_frame_equal(system.read(table="e"), empty)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (pl.Series([-128], dtype=pl.Int8), pl.Series([-128])),
        (pl.Series([2**32 - 1], dtype=pl.UInt32), pl.Series([2**32 - 1])),
        (pl.Series([1.5], dtype=pl.Float32), pl.Series([1.5])),
        (pl.Series([1.5], dtype=pl.Float32).cast(pl.Float16), pl.Series([1.5])),
        (pl.Series(["a"], dtype=pl.Categorical), pl.Series(["a"])),
        (pl.Series(["a"], dtype=pl.Enum(["a", "b"])), pl.Series(["a"])),
        (pl.Series([None]), pl.Series([None], dtype=pl.String)),
        (
            pl.Series([0]).cast(pl.Datetime("us", "Europe/Berlin")),
            pl.Series([0]).cast(pl.Datetime("us", "UTC")),
        ),
    ],
    ids=["int8", "uint32", "float32", "float16", "categorical", "enum", "null", "zone"],
)
def test_types_that_sqlite_lacks_arrive_as_their_like(system, given, expected):
    for _ in range(2):
        system.load(pl.DataFrame({"x": given}), table="t")
    assert_frame_equal(system.read(table="t"), pl.DataFrame({"x": pl.concat([expected, expected])}))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (pl.Series([1.0, float("nan")]), "holds NaN"),
        (pl.Series([10**7], dtype=pl.Int32).cast(pl.Date), "year outside of 1 to 9999"),
        (pl.Series([-(10**18)]).cast(pl.Datetime("us")), "year outside of 1 to 9999"),
    ],
)
def test_values_that_sqlite_would_spoil_are_refused(system, given, message):
    with pytest.raises(DataError, match=f"'x' {message}|'x' holds a {message}"):
        system.load(pl.DataFrame({"x": given}), table="t")
    assert not (system.access.base / "a.sqlite3").exists()
    assert list(system.access.scratch.iterdir()) == []


@pytest.mark.parametrize(
    "dtype", [pl.List(pl.Int64), pl.Struct({"a": pl.Int64}), pl.Array(pl.Int8, 1)]
)
def test_types_without_a_like_are_refused_before_any_row(system, dtype):
    with pytest.raises(ConfigError, match=r"'odd' is .*JSON text"):
        system.load(pl.DataFrame(schema={"odd": dtype}), table="t")


VALUES = {
    pl.Boolean(): st.booleans(),
    pl.Int64(): st.integers(-(2**63), 2**63 - 1),
    pl.UInt64(): st.integers(0, 2**64 - 1),
    pl.Float64(): st.floats(allow_nan=False).map(lambda value: value + 0.0),
    pl.String(): st.text(),
    pl.Binary(): st.binary(),
    pl.Date(): st.dates(),
    pl.Time(): st.times(),
    pl.Datetime("us"): st.datetimes(),
    pl.Decimal(20, 5): st.decimals(-(10**14), 10**14, places=5),
}


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_values_come_back_exactly(system, data):
    columns = {
        str(dtype): pl.Series(
            data.draw(st.lists(st.none() | values, min_size=4, max_size=4)), dtype=dtype
        )
        for dtype, values in VALUES.items()
    }
    frame = pl.DataFrame(columns)
    system.load(frame, table="t", mode="replace")
    assert_frame_equal(system.read(table="t"), frame)


MIXED = [
    ("", "1, 2.5", pl.Float64(), [1.0, 2.5]),
    ("", "9007199254740993, 0.1", pl.String(), ["9007199254740993", "0.1"]),
    ("", "1, 'a', 0.1, NULL", pl.String(), ["1", "a", "0.1", None]),
    ("", "x'FF', 'é', 1", pl.Binary(), [b"\xff", "é".encode(), b"1"]),
    ("", "NULL", pl.Null(), [None]),
    ("INTEGER", "1, 'one'", pl.String(), ["1", "one"]),
    ("INTEGER", "NULL", pl.Int64(), [None]),
    ("REAL", "1, 9007199254740992", pl.Float64(), [1.0, 9007199254740992.0]),
    ("DECIMAL(10,2)", "1, 2", pl.Float64(), [1.0, 2.0]),
    ("DECIMAL(10,2)", "9007199254740993, 2", pl.Int64(), [9007199254740993, 2]),
    ("NUMERIC", "1, 2", pl.Int64(), [1, 2]),
    ("VARCHAR(2)", "'long text', 5", pl.String(), ["long text", "5"]),
    ("BOOLEAN", "0, 1, NULL", pl.Boolean(), [False, True, None]),
    ("BOOLEAN", "0, 2", pl.Int64(), [0, 2]),
    ("DATE", "'2024-02-29', NULL", pl.Date(), [dt.date(2024, 2, 29), None]),
    ("DATE", "'2023-02-29'", pl.String(), ["2023-02-29"]),
    ("DATE", "'2024-02-29 10:00'", pl.String(), ["2024-02-29 10:00"]),
    ("DATE", "20240229", pl.Int64(), [20240229]),
    ("DATETIME", "'2026-01-02 03:04:05'", pl.Datetime("us"), [dt.datetime(2026, 1, 2, 3, 4, 5)]),
    ("TIMESTAMP", "'2026-01-02 03:04:05.5'", pl.Datetime("us"), [dt.datetime(2026, 1, 2, 3, 4, 5, 500000)]),
    ("TIMESTAMP", "'2026-01-02 03:04:05.1234567'", pl.String(), ["2026-01-02 03:04:05.1234567"]),
    ("TIMESTAMP", "'2026-01-02 25:04:05'", pl.String(), ["2026-01-02 25:04:05"]),
    ("TIMESTAMP", "'2026-01-02T03:04:05Z'", pl.String(), ["2026-01-02T03:04:05Z"]),
    ("TIMESTAMP", "'2026-01-02 03:04:05.'", pl.String(), ["2026-01-02 03:04:05."]),
    ("TIMESTAMPTZ", "'2026-01-02 03:04:05+00:00'", pl.Datetime("us", "UTC"), [dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)]),
    ("TIMESTAMPTZ", "'2026-01-02 03:04:05+01:00'", pl.String(), ["2026-01-02 03:04:05+01:00"]),
    ("TIME", "'24:00:00'", pl.String(), ["24:00:00"]),
    ("DECIMAL_TEXT(5,2)", "'1.5'", pl.String(), ["1.5"]),
    ("DECIMAL_TEXT(5,2)", "'a.10'", pl.String(), ["a.10"]),
    ("UNSIGNED64_TEXT", "'many'", pl.String(), ["many"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "values", "dtype", "expected"), MIXED)
def test_the_values_decide_where_a_declared_type_does_not_hold(
    system, kind, values, dtype, expected
):
    rows = values.replace(", ", "), (")
    run_sql(system, f"CREATE TABLE t (x {kind})", f"INSERT INTO t VALUES ({rows})")
    frame = system.read(table="t")
    assert frame.schema == {"x": dtype}
    assert frame["x"].to_list() == expected
    assert system.read(query="SELECT x FROM t").equals(frame, null_equal=True)


def test_a_value_that_appears_after_the_columns_were_looked_at_is_not_seen(system):
    system.load(PEOPLE, table="t")
    run_sql(system, "PRAGMA journal_mode = WAL")
    with system.opened() as connector:
        found = connector.scan(connector.ReadOptions(table="t"))
        run_sql(system, "INSERT INTO t VALUES ('not a number', x'FF')")
        assert_frame_equal(found.frame.collect(), PEOPLE)
        assert found.rows == 3
    assert system.read(table="t").schema == {"id": pl.String(), "name": pl.Binary()}


def test_append_adds_and_replace_swaps_rows_and_columns(system):
    for _ in range(2):
        system.load(PEOPLE, table="t")
    assert system.read(table="t").height == 6
    cities = pl.DataFrame({"city": ["Graz"]})
    system.load(cities, table="t", mode="replace")
    assert_frame_equal(system.read(table="t"), cities)


def test_error_refuses_a_table_that_exists(system):
    system.load(PEOPLE, table="t", mode="error")
    with pytest.raises(ConfigError, match="T exists already") as caught:
        system.load(PEOPLE, table="T", mode="error")
    assert caught.value.field == "mode"


def test_upsert_changes_known_rows_and_the_last_of_equal_keys_wins(system):
    run_sql(system, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, kept TEXT DEFAULT 'k')")
    system.load(PEOPLE, table="t")
    many = pl.DataFrame({"id": [2] * 120_000 + [9], "name": [f"{n}" for n in range(120_001)]})
    assert system.load(many, table="t", mode="upsert", key=["id"]).rows == 120_001
    assert run_sql(system, "SELECT * FROM t ORDER BY id") == [
        (1, "Ada", "k"), (2, "119999", "k"), (3, None, "k"), (9, "120000", "k"),
    ]  # fmt: skip


def test_upsert_works_without_an_index_and_into_nothing(system):
    for _ in range(2):
        system.load(PEOPLE, table="t", mode="upsert", key=["id"])
        system.load(PEOPLE.select("id"), table="keys", mode="upsert", key=["id"])
    assert_frame_equal(system.read(table="t").sort("id"), PEOPLE)
    assert system.read(table="keys").height == 3


def test_upsert_finds_keys_of_every_type(system):
    frame = pl.DataFrame(
        {name: series.drop_nulls().head(1) for name, series in WRITTEN.items()}
    ).with_columns(note=1)
    key = list(WRITTEN)
    for note in (1, 2):
        system.load(frame.with_columns(note=note), table="t", mode="upsert", key=key)
    assert system.read(table="t")["note"].to_list() == [2]


def test_a_key_without_a_value_is_refused(system):
    with pytest.raises(DataError, match="no value in the key name"):
        system.load(PEOPLE, table="t", mode="upsert", key=["name"])
    with pytest.raises(ConfigError, match="key column 'nothing'"):
        system.load(PEOPLE, table="t", mode="upsert", key=["nothing"])


def test_indexes_triggers_and_views_of_a_replaced_table_stay(system):
    run_sql(
        system,
        'CREATE TABLE "t 1" (id INTEGER, old INTEGER)',
        "CREATE TABLE log (id INTEGER)",
        'CREATE INDEX kept ON "t 1" (id)',
        'CREATE INDEX gone ON "t 1" (old)',
        'CREATE TRIGGER noted AFTER INSERT ON "t 1" BEGIN INSERT INTO log VALUES (new.id); END',
        'CREATE VIEW v AS SELECT id FROM "t 1"',
    )
    system.load(PEOPLE, table="t 1", mode="replace")
    found = run_sql(system, "SELECT name FROM sqlite_master WHERE tbl_name = 't 1' ORDER BY name")
    assert found == [("kept",), ("noted",), ("t 1",)]
    assert system.read(table="v")["id"].to_list() == [1, 2, 3]
    assert system.read(table="log").height == 0


def test_a_unique_index_that_the_new_rows_break_keeps_the_old_rows(system):
    system.load(PEOPLE, table="t")
    run_sql(system, "CREATE UNIQUE INDEX one ON t(id)")
    for mode in ("replace", "append"):
        with pytest.raises(DataError, match=r"UNIQUE constraint failed: t\.id"):
            system.load(pl.concat([PEOPLE, PEOPLE]), table="t", mode=mode)
    assert_frame_equal(system.read(table="t"), PEOPLE)


@pytest.mark.parametrize(
    ("columns", "frame", "message"),
    [
        ("id INTEGER", PEOPLE, "no column 'name'; it has: id"),
        ("id REAL, name TEXT", PEOPLE, "'id' of t holds Float64"),
        ("id TEXT, name TEXT", PEOPLE, "'id' of t holds String"),
        ("id INTEGER, name NUMERIC", PEOPLE, "'name' of t holds Int64 and the rows bring String"),
        ("id INTEGER, name TEXT, x TEXT NOT NULL", PEOPLE, "needs a value in column 'x'"),
        ("id INTEGER, name AS (1)", PEOPLE, "no column 'name'"),
        ("x DECIMAL(10,2)", pl.DataFrame({"x": [Decimal("1.1")]}), "holds Int64"),
        ("x TIMESTAMP", pl.DataFrame({"x": [0]}).cast(pl.Datetime("ns")), "holds Datetime"),
        ("id INTEGER", PEOPLE.with_columns(ID=1), "'id' and 'ID' are one name"),
    ],
)
def test_rows_that_do_not_fit_are_refused_before_any_moves(system, columns, frame, message):
    run_sql(system, f"CREATE TABLE t ({columns})")
    with pytest.raises(ConfigError, match=message):
        system.load(frame, table="t")


def test_append_fills_a_wider_table_by_name(system):
    run_sql(system, "CREATE TABLE t (number INTEGER PRIMARY KEY NOT NULL, NAME VARCHAR, ID)")
    system.load(PEOPLE, table="t")
    assert run_sql(system, "SELECT * FROM t LIMIT 1") == [(1, "Ada", 1)]


def test_a_view_cannot_be_written(system):
    run_sql(system, "CREATE VIEW v AS SELECT 1 AS id")
    for mode in ("append", "replace"):
        with pytest.raises(ConfigError, match="is a view"):
            system.load(PEOPLE, table="v", mode=mode)


def test_a_second_commit_of_one_run_changes_nothing(system):
    run = str(uuid.uuid4())
    for _ in range(2):
        assert system.load(PEOPLE, table="t", run=run, state={"read": {"n": 1}}).rows == 3
    assert system.read(table="t").height == 3
    marker = system.marker(table="t")
    assert (marker.run, marker.state, marker.rows) == (run, {"read": {"n": 1}}, 3)
    assert system.marker(table="t", stream="job/2") is None
    assert system.marker(table="other") is None


def test_who_drops_the_table_resets_what_was_loaded(system):
    system.load(PEOPLE, table="t", state={"read": {"value": "3"}})
    run_sql(system, "DROP TABLE t")
    assert system.marker(table="t") is None


def test_a_worker_with_an_older_fence_cannot_commit(system):
    system.load(PEOPLE, table="t", fence=7, stream="job/2")
    with pytest.raises(LeaseLost, match="taken over"):
        system.load(PEOPLE, table="t", fence=6, mode="replace")

    def overtake():
        system.load(PEOPLE, table="t", fence=9, stream="job/2")

    with pytest.raises(LeaseLost):
        system.load(PEOPLE, table="t", fence=8, before_commit=overtake)
    assert system.read(table="t").height == 6


def test_what_a_dead_attempt_gathered_is_cleared_by_the_next(system):
    with system.opened() as connector:
        target = connector.target(connector.WriteOptions(table="t"), "job/1")

    def scratch():
        return sorted(path.name for path in system.access.scratch.iterdir())

    system.load(PEOPLE, table="t", before_commit=lambda: None)
    script = (
        "import os, pathlib, polars as pl, sys\n"
        "from connectors.base import RunKey\n"
        "from connectors.library.sqlite import Sqlite\n"
        "from connectors.tests.loads import access_to\n"
        "connector = Sqlite(Sqlite.Settings(path='a.sqlite3'), access_to(pathlib.Path(sys.argv[1])))\n"
        "target = connector.target(Sqlite.WriteOptions(table=sys.argv[2]), 'job/1')\n"
        "rows = pl.DataFrame({'id': [1], 'name': ['x']}).lazy()\n"
        "staging = connector.begin(target, rows.collect_schema(), RunKey('dead', 'p', 2))\n"
        "connector.sink(staging, rows, 'p').collect()\n"
        "os.kill(os.getpid(), 9)\n"
    )
    for table in ("t", "other"):
        command = [sys.executable, "-c", script, str(system.access.base), table]
        assert subprocess.run(command, check=False).returncode == -9
    assert len(scratch()) == 2
    assert target.place.endswith("#t")
    system.load(PEOPLE, table="t", fence=3)
    assert len(scratch()) == 1
    assert system.read(table="t").height == 6


def test_a_load_that_fails_leaves_no_trace(system):
    system.load(PEOPLE, table="t")

    def fail():
        assert system.read(table="t").height == 3
        raise DataError("the engine found another number of rows")

    for mode in ("append", "replace", "upsert"):
        with pytest.raises(DataError, match="another number"):
            system.load(PEOPLE, table="t", mode=mode, key=["id"], before_commit=fail)
    assert set(system.discover()) == {"t"}
    assert list(system.access.scratch.iterdir()) == []
    assert_frame_equal(system.read(table="t"), PEOPLE)


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_one_file_can_be_source_and_destination_at_once(system, journal):
    rows = pl.DataFrame({"id": pl.int_range(200_000, eager=True)})
    system.load(rows, table="t")
    run_sql(system, f"PRAGMA journal_mode = {journal}")
    for mode in ("append", "replace", "upsert"):
        with system.opened() as reader:
            frame = reader.scan(reader.ReadOptions(table="t")).frame
            system.load(frame, table="t", mode=mode, key=["id"])
    assert system.read(table="t")["id"].n_unique() == 200_000
    assert run_sql(system, "PRAGMA journal_mode") == [(journal,)]


@pytest.fixture
def holder(system):
    """Another process that holds the write lock."""
    system.load(PEOPLE, table="t")
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN EXCLUSIVE'); print(1, flush=True); input()"
    )
    command = [sys.executable, "-c", script, str(system.access.base / "a.sqlite3")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        process.stdout.readline()
        yield process
        process.communicate("\n")


def test_a_file_that_another_process_locks_is_waited_for(system, holder, monkeypatch):
    monkeypatch.setattr("connectors.sql.sqlite_files.PATIENCE", 0.2)
    for call in (lambda: system.load(PEOPLE, table="t"), lambda: system.read(table="t")):
        with pytest.raises(TransientError, match="another connection holds the file"):
            call()
    with system.opened() as connector:
        report = connector.check()
    assert not report.passed
    assert report.checks[-1].hint


def test_a_commit_waits_for_a_short_lock(system):
    system.load(PEOPLE, table="t")
    path = system.access.base / "a.sqlite3"
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, lambda: connection.execute("ROLLBACK"))
    system.load(PEOPLE, table="t", before_commit=release.start)
    release.join()
    connection.close()
    assert system.read(table="t").height == 6


@pytest.mark.parametrize(
    "query",
    [
        "DROP TABLE t",
        "SELECT 1; DROP TABLE t",
        "SELECT 1) ; DROP TABLE t; --",
        "INSERT INTO t VALUES (1, 'x') RETURNING id",
        "WITH a AS (SELECT 1) DELETE FROM t",
        "ATTACH 'b.sqlite3' AS b",
        "PRAGMA user_version = 7",
        "SELECT load_extension('x')",
        "SELECT * FROM pragma_database_list",
        "SELECT fts3_tokenizer('x', x'00')",
        "SELEC 1",
        "SELECT ?",
        "-- nothing",
    ],
)
def test_queries_that_are_not_one_harmless_select_are_refused(system, query):
    system.load(PEOPLE, table="t")
    with pytest.raises(ConfigError):
        system.read(query=query)
    assert system.read(table="t").height == 3


def test_a_query_may_begin_in_many_ways(system):
    system.load(PEOPLE, table="t")
    for query in (
        "SELECT * FROM t",
        "WITH a AS (SELECT * FROM t) SELECT * FROM a; -- done",
        "VALUES (1), (2), (3)",
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3) SELECT x FROM n",
    ):
        assert system.read(query=query).height == 3


ODD_NAMES = ['a"b', "a b", "select", "🚀", "x'; DROP TABLE t; --", "a.b", 'x" (y INTEGER); --']


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_of_tables_and_columns_are_only_names(system, name):
    frame = pl.DataFrame({name: ["x"], "id": [1]})
    written = '"' + name.replace('"', '""') + '"'
    for mode in ("append", "append", "upsert", "replace"):
        system.load(frame, table=written, mode=mode, key=[name])
    assert_frame_equal(system.read(table=written), frame)
    assert system.read(table=f"main.{written}", columns=[name]).columns == [name]
    assert system.read(table=written, cursor=name).height == 1
    (stream,) = system.discover().values()
    assert_frame_equal(system.read(**stream.options), frame)


def test_unknown_tables_columns_and_schemas_are_named(system):
    system.load(PEOPLE, table="t")
    with pytest.raises(ConfigError, match=r"no table 'u'; known: t$"):
        system.read(table="u")
    with pytest.raises(ConfigError, match="the schema 'main' only, not 'public'"):
        system.read(table="t", schema="public")
    for field in ("columns", "cursor"):
        with pytest.raises(ConfigError, match="no column 'x'; known: id, name") as caught:
            system.read(table="t", **{field: ["x"] if field == "columns" else "x"})
        assert caught.value.field == field


def test_discovery_tells_columns_keys_and_cursors_and_hides_our_own(system):
    run_sql(
        system,
        "CREATE TABLE t (a INTEGER, b TEXT, seen TIMESTAMP, PRIMARY KEY (b, a))",
        "CREATE VIEW v AS SELECT seen FROM t",
    )
    system.load(PEOPLE, table="p")
    streams = system.discover()
    assert set(streams) == {"p", "t", "v"}
    assert (streams["t"].key, streams["t"].cursors) == (("b", "a"), ("a", "seen"))
    assert streams["v"].schema == {"seen": pl.Datetime("us")}


def test_text_that_is_not_utf8_is_an_error_of_the_data(system):
    run_sql(system, "CREATE TABLE t (x TEXT)", "INSERT INTO t VALUES (CAST(x'FF' AS TEXT))")
    with pytest.raises(DataError, match="CAST"):
        system.read(table="t")
    assert system.read(query="SELECT CAST(x AS BLOB) AS x FROM t")["x"].to_list() == [b"\xff"]


def test_databases_in_utf16_are_read(system):
    run_sql(
        system, "PRAGMA encoding = 'UTF-16le'", "CREATE TABLE t (x)", "INSERT INTO t VALUES ('🚀')"
    )
    assert system.read(table="t")["x"].to_list() == ["🚀"]


def test_memory_databases_and_files_of_other_kinds_are_refused(system, tmp_path):
    for path in (":memory:", "file::memory:?cache=shared"):
        with pytest.raises(ConfigError, match="ends with the run"):
            System(Sqlite, system.access, path=path).read(table="t")
    with pytest.raises(ConfigError, match="no SQLite file"):
        system.read(table="t")
    (tmp_path / "a.sqlite3").write_text("this is a text, and no database of any kind at all" * 99)
    with pytest.raises(ConfigError, match="choose a SQLite 3 file"):
        system.read(table="t")


def test_a_check_says_what_is_there(system):
    with system.opened() as connector:
        assert "first load" in connector.check().checks[-1].message
    assert not (system.access.base / "a.sqlite3").exists()
    system.load(PEOPLE, table="t")
    with system.opened() as connector:
        report = connector.check()
    assert report.passed
    assert "1 tables" in report.checks[-1].message


def test_names_that_are_kept_back_cannot_be_written(system):
    for table in ("_millrace_commits", "sqlite_sequence"):
        with pytest.raises(ConfigError, match="kept back"):
            system.load(PEOPLE, table=table)


def test_an_interrupted_read_ends(system):
    system.load(PEOPLE, table="t")
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    with system.opened() as connector:
        timer = threading.Timer(0.5, connector.interrupt)
        timer.start()
        with pytest.raises(TransientError, match="interrupted"):
            connector.scan(connector.ReadOptions(query=endless))
        timer.join()


@pytest.mark.slow
def test_a_million_rows_pass(system):
    numbers = pl.LazyFrame({"id": pl.int_range(1_000_000, eager=True)})
    rows = numbers.with_columns(text=pl.format("row number {}", "id"), half=pl.col("id") / 2)
    assert system.load(rows, table="t").rows == 1_000_000
    assert system.read(table="t").sum().row(0)[0] == 499_999_500_000

"""DuckDB files: every type, every mode, the markers, locks, and closed doors."""

import datetime as dt
import subprocess
import sys
import threading
import uuid
from decimal import Decimal

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from connectors.errors import ConfigError, DataError, LeaseLost, TransientError
from connectors.library.duckdb import Duckdb
from connectors.tests.loads import System, access_to

UTC = dt.UTC
PEOPLE = pl.DataFrame({"id": [1, 2, 3], "name": ["Ada", "", None]})

WRITTEN = {
    "boolean": pl.Series([True, False, None]),
    "int8": pl.Series([-128, 127, None], dtype=pl.Int8),
    "int64": pl.Series([-(2**63), 2**63 - 1, None], dtype=pl.Int64),
    "uint64": pl.Series([0, 2**64 - 1, None], dtype=pl.UInt64),
    "int128": pl.Series([-(2**127), 2**127 - 1, None], dtype=pl.Int128),
    "uint128": pl.Series([0, 2**128 - 1, None], dtype=pl.UInt128),
    "float32": pl.Series([1.1, float("-inf"), None], dtype=pl.Float32),
    "float64": pl.Series([0.1, float("nan"), float("inf"), 5e-324, -0.0, None]),
    "decimal": pl.Series(
        [Decimal(10**38 - 1), Decimal(-1), None],
        dtype=pl.Decimal(38, 0),
    ),
    "decimal_scale": pl.Series([Decimal("1.10"), Decimal("-0.01"), None], dtype=pl.Decimal(15, 2)),
    "text": pl.Series(["", "a\0b", "'; DROP TABLE t; --", "🚀 é\n", None]),
    "binary": pl.Series([b"", b"\x00\xff", None]),
    "date": pl.Series([dt.date(1, 1, 1), dt.date(9999, 12, 31), None]),
    "time": pl.Series([dt.time(0), dt.time(23, 59, 59, 999999), None]),
    "datetime_ms": pl.Series([dt.datetime(2026, 1, 1, 1, 1, 1, 5000)], dtype=pl.Datetime("ms")),
    "datetime_us": pl.Series([dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999999)]),
    "datetime_ns": pl.Series([1, -1, None], dtype=pl.Int64).cast(pl.Datetime("ns")),
    "datetime_utc": pl.Series([dt.datetime(2026, 3, 29, 1, 30, tzinfo=UTC), None]),
    "enum": pl.Series(["b", "it's", None], dtype=pl.Enum(["a", "b", "it's", ""])),
    "list": pl.Series([[1, None], [], None]),
    "array": pl.Series([[1, 2], None], dtype=pl.Array(pl.Int32, 2)),
    "struct": pl.Series(
        [{"a b": 1, 'c"d': [dt.date(2026, 1, 1)]}, None],
        dtype=pl.Struct({"a b": pl.Int64, 'c"d': pl.List(pl.Date)}),
    ),
    "nested_time": pl.Series([[123456789]]).cast(pl.List(pl.Time)),
    "nested_decimal": pl.Series([[Decimal("1.5")]], dtype=pl.List(pl.Decimal(20, 5))),
}


@pytest.fixture
def system(tmp_path):
    """A DuckDB file that is not there yet."""
    return System(Duckdb, access_to(tmp_path), db_path="a.duckdb")


def run_sql(system, sql):
    with duckdb.connect(str(system.access.base / "a.duckdb")) as connection:
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize("name", WRITTEN)
def test_values_come_back_exactly(system, name):
    frame = pl.DataFrame({"x": WRITTEN[name]})
    assert system.load(frame, table="t").rows == frame.height
    assert_frame_equal(system.read(table="t"), frame)
    system.load(frame, table="t")
    assert_frame_equal(system.read(table="t"), pl.concat([frame, frame]))


VALUES = {
    pl.Boolean(): st.booleans(),
    pl.Int64(): st.integers(-(2**63), 2**63 - 1),
    pl.UInt64(): st.integers(0, 2**64 - 1),
    pl.Int128(): st.integers(-(2**127), 2**127 - 1),
    pl.Float32(): st.floats(width=32),
    pl.Float64(): st.floats(),
    pl.String(): st.text(),
    pl.Binary(): st.binary(),
    pl.Date(): st.dates(),
    pl.Time(): st.times(),
    pl.Datetime("us"): st.datetimes(),
    pl.Datetime("us", "UTC"): st.datetimes(timezones=st.just(UTC)),
    pl.Decimal(38, 5): st.decimals(-(10**32), 10**32, places=5),
    pl.List(pl.Int64()): st.lists(st.none() | st.integers(-9, 9), max_size=3),
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
    assert_frame_equal(system.read(table="t"), frame, check_exact=True)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (pl.Series(["a", None], dtype=pl.Categorical), pl.Series(["a", None])),
        (pl.Series([None, None]), pl.Series([None, None], dtype=pl.String)),
        (
            pl.Series([1.5], dtype=pl.Float32).cast(pl.Float16),
            pl.Series([1.5], dtype=pl.Float32),
        ),
        (
            pl.Series([dt.timedelta(days=400, microseconds=1)]),
            pl.Series(["9600:00:00.000001"]),
        ),
        (
            pl.Series([0]).cast(pl.Datetime("ms", "Europe/Berlin")),
            pl.Series([0]).cast(pl.Datetime("us", "UTC")),
        ),
    ],
    ids=["categorical", "null", "float16", "duration", "zone"],
)
def test_types_that_duckdb_lacks_arrive_as_their_like(system, given, expected):
    for _ in range(2):
        system.load(pl.DataFrame({"x": given}), table="t")
    both = pl.DataFrame({"x": pl.concat([expected, expected])})
    assert_frame_equal(system.read(table="t"), both)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (pl.Series([1]).cast(pl.Time), "nanoseconds"),
        (pl.Series([1]).cast(pl.Datetime("ns", "UTC")), "nanoseconds"),
        (pl.Series([1]).cast(pl.Duration("ns")), "nanoseconds"),
    ],
    ids=["time", "datetime", "duration"],
)
def test_digits_that_duckdb_cannot_keep_are_refused(system, given, message):
    with pytest.raises(DataError, match=message):
        system.load(pl.DataFrame({"x": given}), table="t")
    assert system.discover() == {}


def test_types_without_a_like_are_refused_before_any_row(system):
    frame = pl.DataFrame({"odd": [[1]]}).cast(pl.List(pl.Duration("ns")))
    with pytest.raises(ConfigError, match="'odd'"):
        system.load(frame, table="t")


READ = [
    ("TINYINT", "-128", pl.Int8(), -128),
    ("HUGEINT", "-170141183460469231731687303715884105728", pl.Int128(), -(2**127)),
    ("UHUGEINT", "340282366920938463463374607431768211455", pl.UInt128(), 2**128 - 1),
    ("BIGNUM", "'1" + "0" * 50 + "'", pl.String(), "1" + "0" * 50),
    ("DECIMAL(38,10)", "'1.5'", pl.Decimal(38, 10), Decimal("1.5")),
    ("UUID", "'F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6'", pl.String(), "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
    ("BIT", "'0101011'", pl.String(), "0101011"),
    ("BLOB", "'\\x00\\xFF'", pl.Binary(), b"\x00\xff"),
    ("TIME", "'23:59:59.999999'", pl.Time(), dt.time(23, 59, 59, 999999)),
    ("TIMETZ", "'10:11:12+02:30'", pl.String(), "10:11:12+02:30"),
    ("TIMESTAMP_S", "'2026-01-01 01:02:03'", pl.Datetime("ms"), dt.datetime(2026, 1, 1, 1, 2, 3)),
    ("TIMESTAMPTZ", "'2026-01-01 02:00:00+02'", pl.Datetime("us", "UTC"), dt.datetime(2026, 1, 1, tzinfo=UTC)),
    ("INTERVAL", "'1 year 2 days 3.5 seconds'", pl.String(), "1 year 2 days 00:00:03.5"),
    ("ENUM('a','b')", "'b'", pl.Enum(["a", "b"]), "b"),
    ("JSON", "'{\"a\": 1}'", pl.String(), '{"a": 1}'),
    ("HUGEINT[]", "[1::HUGEINT << 100]", pl.List(pl.String()), [str(2**100)]),
    ("STRUCT(i INTERVAL, n INTEGER)", "{'i': '1 day', 'n': 2}", pl.Struct({"i": pl.String(), "n": pl.Int32()}), {"i": "1 day", "n": 2}),
    ("MAP(VARCHAR, INTEGER)", "MAP {'k': 1}", pl.Map(pl.String(), pl.Int32()), {"k": 1}),
    ("UNION(n INTEGER, s VARCHAR)", "union_value(n := 1)", pl.String(), "1"),
    ("GEOMETRY", "'POINT (1 2)'", pl.String(), "POINT (1 2)"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "dtype", "expected"), READ, ids=[row[0] for row in READ])
def test_types_of_duckdb_arrive_exactly_or_as_text(system, kind, value, dtype, expected):
    run_sql(system, f"CREATE TABLE t (x {kind}); INSERT INTO t VALUES ({value}), (NULL)")
    frame = system.read(table="t")
    assert frame.schema == {"x": dtype}
    assert frame["x"].to_list() == [expected, None]
    empty = system.read(query="SELECT * FROM t WHERE false")
    assert (empty.height, empty.schema) == (0, {"x": dtype})


def test_a_variant_arrives_as_text(system):
    system.load(PEOPLE, table="t")
    assert system.read(query="SELECT 42::VARIANT AS x")["x"].to_list() == ["42"]


@pytest.mark.parametrize(
    "value",
    ["'infinity'::DATE", "'-infinity'::TIMESTAMP", "'infinity'::TIMESTAMPTZ", "'24:00:00'::TIME"],
)
def test_moments_that_polars_cannot_hold_are_refused(system, value):
    run_sql(system, f"CREATE TABLE t AS SELECT {value} AS x")
    with pytest.raises(DataError, match="'x' holds infinity"):
        system.read(table="t")


def test_append_adds_and_replace_swaps_rows_and_columns(system):
    system.load(PEOPLE, table="t")
    system.load(PEOPLE, table="t")
    assert system.read(table="t").height == 6
    cities = pl.DataFrame({"city": ["Graz"]})
    system.load(cities, table="t", mode="replace")
    assert_frame_equal(system.read(table="t"), cities)


def test_error_refuses_a_table_that_exists(system):
    system.load(PEOPLE, table="t", mode="error")
    with pytest.raises(ConfigError, match=r"^T exists already") as caught:
        system.load(PEOPLE, table="T", mode="error")
    assert caught.value.field == "mode"


def test_upsert_changes_known_rows_and_the_last_of_equal_keys_wins(system):
    run_sql(
        system, "CREATE TABLE t (id BIGINT PRIMARY KEY, name VARCHAR, tags VARCHAR[] DEFAULT [])"
    )
    system.load(PEOPLE, table="t")
    many = pl.DataFrame({"id": [2] * 300_000 + [9], "name": [f"{n}" for n in range(300_001)]})
    assert system.load(many, table="t", mode="upsert", key=["id"]).rows == 300_001
    assert run_sql(system, "FROM t ORDER BY id") == [
        (1, "Ada", []), (2, "299999", []), (3, None, []), (9, "300000", []),
    ]  # fmt: skip
    assert set(system.discover()) == {"t"}


def test_upsert_into_nothing_makes_the_table(system):
    system.load(PEOPLE, table="t", mode="upsert", key=["id"])
    assert_frame_equal(system.read(table="t").sort("id"), PEOPLE)


def test_upsert_of_key_columns_only_adds_what_is_missing(system):
    keys = PEOPLE.select("id")
    for _ in range(2):
        system.load(keys, table="t", mode="upsert", key=["id"])
    assert_frame_equal(system.read(table="t").sort("id"), keys)


def test_a_key_without_a_value_is_refused(system):
    with pytest.raises(DataError, match="no value in the key name"):
        system.load(PEOPLE, table="t", mode="upsert", key=["name"])
    with pytest.raises(ConfigError, match="key column 'nothing'"):
        system.load(PEOPLE, table="t", mode="upsert", key=["nothing"])


def test_indexes_and_views_of_a_replaced_table_stay(system):
    run_sql(
        system,
        'CREATE SCHEMA s; CREATE TABLE s."t 1" (id INTEGER, old INTEGER); '
        'CREATE INDEX kept ON s."t 1"(id); CREATE INDEX gone ON s."t 1"(old);'
        'CREATE VIEW v AS SELECT id FROM s."t 1"',
    )
    system.load(PEOPLE, table="t 1", schema="s", mode="replace")
    assert run_sql(system, "SELECT index_name FROM duckdb_indexes()") == [("kept",)]
    assert system.read(table="v")["id"].to_list() == [1, 2, 3]


def test_a_unique_index_that_the_new_rows_break_keeps_the_old_rows(system):
    system.load(PEOPLE, table="t")
    run_sql(system, "CREATE UNIQUE INDEX one ON t(id)")
    with pytest.raises(DataError, match="UNIQUE constraint violation"):
        system.load(pl.concat([PEOPLE, PEOPLE]), table="t", mode="replace")
    assert_frame_equal(system.read(table="t"), PEOPLE)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (PEOPLE.with_columns(city=1), "no column 'city'; it has: id, name"),
        (PEOPLE.with_columns(pl.col("id").cast(pl.String)), "'id' of t holds Int64"),
        (PEOPLE.select("name"), "needs a value in column 'id'"),
        (PEOPLE.with_columns(ID=1), "'id' and 'ID' are one name"),
    ],
    ids=["missing", "type", "required", "case"],
)
def test_rows_that_do_not_fit_are_refused_before_any_moves(system, frame, message):
    run_sql(system, "CREATE TABLE t (id BIGINT NOT NULL, name VARCHAR)")
    with pytest.raises(ConfigError, match=message):
        system.load(frame, table="t")


def test_append_fills_a_wider_table_by_name(system):
    run_sql(system, "CREATE TABLE t (extra INTEGER, NAME VARCHAR, ID HUGEINT)")
    system.load(PEOPLE, table="t")
    assert run_sql(system, "FROM t LIMIT 1") == [(None, "Ada", 1)]


def test_a_constraint_that_the_rows_break_is_an_error_of_the_data(system):
    run_sql(system, "CREATE TABLE t (id BIGINT CHECK (id < 3), name VARCHAR)")
    with pytest.raises(DataError, match="CHECK"):
        system.load(PEOPLE, table="t")
    assert system.read(table="t").height == 0


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
    system.load(PEOPLE, table="t", fence=7)
    assert system.read(table="t").height == 6


def test_a_load_that_commits_meanwhile_in_this_process_is_seen(system):
    system.load(PEOPLE, table="t")

    def overtake():
        system.load(PEOPLE, table="t", fence=3, stream="job/2")

    with pytest.raises(LeaseLost):
        system.load(PEOPLE, table="t", fence=2, before_commit=overtake)
    assert system.read(table="t").height == 6


def test_a_load_that_fails_leaves_no_trace(system):
    system.load(PEOPLE, table="t")

    def fail():
        assert system.read(table="t").height == 3
        raise DataError("the engine found another number of rows")

    for mode in ("append", "replace", "upsert"):
        with pytest.raises(DataError, match="another number"):
            system.load(PEOPLE, table="t", mode=mode, key=["id"], before_commit=fail)
    assert run_sql(system, "SELECT table_name FROM duckdb_tables() ORDER BY 1") == [
        ("_millrace_commits",), ("t",),
    ]  # fmt: skip
    assert_frame_equal(system.read(table="t"), PEOPLE)


def test_one_file_can_be_source_and_destination_at_once(system):
    rows = pl.DataFrame({"id": pl.int_range(400_000, eager=True)})
    system.load(rows, table="t")
    for mode in ("append", "replace", "upsert"):
        with system.opened() as writer, system.opened() as reader:
            # As the engine does it: the destination comes first.
            writer.committed(writer.target(writer.WriteOptions(table="t"), "s"))
            frame = reader.scan(reader.ReadOptions(table="t")).frame
            system.load(frame, table="t", mode=mode, key=["id"])
    assert system.read(table="t")["id"].n_unique() == 400_000
    assert system.read(table="t").height == 800_000


def test_a_file_that_this_process_reads_is_waited_for(system):
    system.load(PEOPLE, table="t")
    with system.opened() as reader:
        reader.discover()
        with pytest.raises(TransientError, match="being read in this process"):
            system.load(PEOPLE, table="t")


@pytest.fixture
def holder(system):
    """The id of another process that has the file open."""
    system.load(PEOPLE, table="t")
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    command = [sys.executable, "-c", script, str(system.access.base / "a.duckdb")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        process.stdout.readline()
        yield process.pid
        process.communicate("\n")


def test_a_file_that_another_process_holds_is_waited_for(system, holder):
    for call in (lambda: system.load(PEOPLE, table="t"), lambda: system.read(table="t")):
        with pytest.raises(TransientError, match=f"PID {holder}"):
            call()
    with system.opened() as connector:
        report = connector.check()
    assert not report.passed
    assert str(holder) in report.checks[-1].message


def test_readers_of_other_processes_do_not_keep_readers_out(system):
    system.load(PEOPLE, table="t")
    path = str(system.access.base / "a.duckdb")
    with duckdb.connect(path, read_only=True):
        pass
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True);"
        "print(1, flush=True); input()"
    )
    command = [sys.executable, "-c", script, path]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        process.stdout.readline()
        assert system.read(table="t").height == 3
        process.communicate("\n")


@pytest.mark.parametrize(
    "query",
    [
        "DROP TABLE t",
        "SELECT 1; DROP TABLE t",
        "SELECT 1) AS q; DROP TABLE t; --",
        "INSERT INTO t VALUES (1, 'x') RETURNING id",
        "COPY t TO 'out.csv'",
        "SET threads = 1",
        "ATTACH 'b.duckdb'",
        "INSTALL httpfs",
        "PRAGMA database_list",
        "SELEC 1",
        "-- nothing",
    ],
)
def test_queries_that_are_not_one_select_are_refused(system, query):
    system.load(PEOPLE, table="t")
    with pytest.raises(ConfigError):
        system.read(query=query)
    assert system.read(table="t").height == 3


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_text('a.duckdb')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM 'http://127.0.0.1:1/x.parquet'",
        "SELECT nextval('numbers')",
    ],
)
def test_queries_reach_the_file_and_nothing_else_and_change_nothing(system, query):
    run_sql(system, "CREATE SEQUENCE numbers")
    with pytest.raises((ConfigError, TransientError, DataError)):
        system.read(query=query)
    # In a process that also writes, the file is open for writing.
    with system.opened() as writer:
        writer.committed(writer.target(writer.WriteOptions(table="t"), "s"))
        with pytest.raises((ConfigError, TransientError, DataError)):
            system.read(query=query)
    assert run_sql(system, "SELECT nextval('numbers')") == [(1,)]


def test_a_query_may_begin_in_many_ways(system):
    system.load(PEOPLE, table="t")
    for query in (
        "FROM t",
        "WITH a AS (FROM t) SELECT * FROM a; -- done",
        "VALUES (1), (2), (3)",
        "SELECT id FROM t UNION ALL SELECT 1 LIMIT 3;",
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
    assert system.read(table=written, columns=[name]).columns == [name]
    assert system.read(table=written, cursor=name).height == 1
    (stream,) = system.discover().values()
    assert_frame_equal(system.read(**stream.options), frame)


def test_unknown_tables_and_columns_are_named_with_the_known_ones(system):
    system.load(PEOPLE, table="t")
    with pytest.raises(ConfigError, match=r"no table 'u'; known: t$"):
        system.read(table="u")
    for field in ("columns", "cursor"):
        with pytest.raises(ConfigError, match="no column 'x'; known: id, name") as caught:
            system.read(table="t", **{field: ["x"] if field == "columns" else "x"})
        assert caught.value.field == field


def test_discovery_tells_columns_keys_and_cursors_and_hides_our_own(system):
    run_sql(
        system,
        "CREATE SCHEMA s; CREATE TABLE s.t (a INTEGER, b VARCHAR, seen TIMESTAMP, PRIMARY KEY (b, a));"
        "CREATE VIEW v AS SELECT 1.5 AS x",
    )
    system.load(PEOPLE, table="p")
    streams = system.discover()
    assert set(streams) == {"p", "s.t", "v"}
    found = streams["s.t"]
    assert (found.namespace, found.key, found.cursors) == ("s", ("b", "a"), ("a", "seen"))
    assert streams["v"].schema == {"x": pl.Decimal(2, 1)}


def test_only_the_wanted_columns_are_read(system):
    run_sql(system, "CREATE VIEW v AS SELECT 1 AS good, error('read the bad column') AS bad")
    assert system.read(table="v", columns=["good"]).columns == ["good"]
    with system.opened() as connector:
        frame = connector.scan(connector.ReadOptions(table="v")).frame
        assert frame.select("good").collect(engine="streaming").height == 1


def test_rows_that_cannot_be_computed_are_an_error_of_the_data(system):
    system.load(PEOPLE, table="t")
    with pytest.raises(DataError, match="Could not convert"):
        system.read(query="SELECT CAST(name AS INTEGER) AS x FROM t")


def test_memory_databases_and_missing_files_are_refused(system, tmp_path):
    with pytest.raises(ConfigError, match="ends with the run"):
        System(Duckdb, system.access, path=":memory:").read(table="t")
    with pytest.raises(ConfigError, match="no DuckDB file"):
        system.read(table="t")
    (tmp_path / "a.duckdb").write_text("this is a text, and no database of any kind at all" * 99)
    with pytest.raises(ConfigError, match="not a DuckDB database"):
        system.read(table="t")
    with pytest.raises(ConfigError, match="outside of the folders"):
        System(Duckdb, system.access, path="../b.duckdb").read(table="t")


def test_a_check_says_what_is_there(system):
    with system.opened() as connector:
        assert "first load" in connector.check().checks[-1].message
    assert not (system.access.base / "a.duckdb").exists()
    system.load(PEOPLE, table="t")
    with system.opened() as connector:
        report = connector.check()
    assert report.passed
    assert "1 tables" in report.checks[-1].message
    assert report.details["version"] == duckdb.__version__


def test_our_own_tables_cannot_be_written(system):
    with pytest.raises(ConfigError, match="kept by Millrace"):
        system.load(PEOPLE, table="_millrace_commits")


def test_an_interrupted_read_ends(system):
    with system.opened() as connector:
        system.load(PEOPLE, table="t")
        endless = "SELECT count(*) AS n FROM range(1000000000) a, range(1000000000) b"
        frame = connector.scan(connector.ReadOptions(query=endless)).frame
        timer = threading.Timer(0.5, connector.interrupt)
        timer.start()
        with pytest.raises(TransientError, match=r"[Ii]nterrupt"):
            frame.collect(engine="streaming")
        timer.join()


@pytest.mark.slow
def test_a_million_rows_pass_in_little_memory(tmp_path):
    system = System(Duckdb, access_to(tmp_path, memory=256 << 20), db_path="a.duckdb")
    numbers = pl.LazyFrame({"id": pl.int_range(1_000_000, eager=True)})
    rows = numbers.with_columns(text=pl.format("row number {}", "id"), half=pl.col("id") / 2)
    assert system.load(rows, table="t").rows == 1_000_000
    assert system.read(table="t").sum().row(0)[0] == 499_999_500_000

"""Writing PostgreSQL: every Polars type, exactly or not at all."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from connectors.errors import ConfigError, DataError

# A column of Polars, the type that it gets, and the server's own text of its values.
WRITTEN = {
    "boolean": (pl.Series([True, None]), "boolean", ["true", None]),
    "int8": (pl.Series([-128, 127], dtype=pl.Int8), "smallint", ["-128", "127"]),
    "uint8": (pl.Series([0, 255], dtype=pl.UInt8), "smallint", ["0", "255"]),
    "int16": (pl.Series([-(2**15)], dtype=pl.Int16), "smallint", ["-32768"]),
    "uint16": (pl.Series([65535], dtype=pl.UInt16), "integer", ["65535"]),
    "int32": (pl.Series([-(2**31)], dtype=pl.Int32), "integer", ["-2147483648"]),
    "uint32": (pl.Series([2**32 - 1], dtype=pl.UInt32), "bigint", ["4294967295"]),
    "int64": (pl.Series([-(2**63)]), "bigint", [str(-(2**63))]),
    "uint64": (pl.Series([2**64 - 1], dtype=pl.UInt64), "numeric(20,0)", [str(2**64 - 1)]),
    "int128": (
        pl.Series([-(2**127), 2**127 - 1, None], dtype=pl.Int128),
        "numeric(39,0)",
        [str(-(2**127)), str(2**127 - 1), None],
    ),
    "uint128": (pl.Series([2**128 - 1], dtype=pl.UInt128), "numeric(39,0)", [str(2**128 - 1)]),
    "decimal": (
        pl.Series([Decimal("-0.0000000001"), Decimal(10**28 - 1)], dtype=pl.Decimal(38, 10)),
        "numeric(38,10)",
        ["-0.0000000001", f"{10**28 - 1}.0000000000"],
    ),
    "decimal_fine": (
        pl.Series([Decimal("0.1234")], dtype=pl.Decimal(4, 4)),
        "numeric(4,4)",
        ["0.1234"],
    ),
    "float32": (
        pl.Series([1.1, float("nan")], dtype=pl.Float32),
        "real",
        ["1.1", "NaN"],
    ),
    "float64": (
        pl.Series([5e-324, float("-inf"), -0.0]),
        "double precision",
        ["5e-324", "-Infinity", "-0"],
    ),
    "text": (
        pl.Series(["", None, "'; DROP TABLE t; --", "é🚀\n\\N\t"]),
        "text",
        ["", None, "'; DROP TABLE t; --", "é🚀\n\\N\t"],
    ),
    "categorical": (pl.Series(["a", None], dtype=pl.Categorical), "text", ["a", None]),
    "enum": (pl.Series(["b", None], dtype=pl.Enum(["a", "b"])), "text", ["b", None]),
    "null": (pl.Series([None, None], dtype=pl.Null), "text", [None, None]),
    "binary": (pl.Series([b"", b"\x00\xff"]), "bytea", ["\\x", "\\x00ff"]),
    "date": (
        pl.Series([dt.date(1, 1, 1), dt.date(9999, 12, 31)]),
        "date",
        ["0001-01-01", "9999-12-31"],
    ),
    "time": (pl.Series([dt.time(23, 59, 59, 999999)]), "time", ["23:59:59.999999"]),
    "datetime_ms": (
        pl.Series([dt.datetime(2026, 1, 1, 1, 1, 1, 5000)], dtype=pl.Datetime("ms")),
        "timestamp",
        ["2026-01-01 01:01:01.005"],
    ),
    "datetime_us": (
        pl.Series([dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999999)]),
        "timestamp",
        ["0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"],
    ),
    "datetime_ns": (
        pl.Series([dt.datetime(2026, 1, 1, 0, 0, 0, 1)], dtype=pl.Datetime("ns")),
        "timestamp",
        ["2026-01-01 00:00:00.000001"],
    ),
    "datetime_zone": (
        pl.Series([dt.datetime(2026, 7, 1)]).dt.replace_time_zone("Europe/Berlin"),
        "timestamptz",
        ["2026-06-30 22:00:00+00"],
    ),
    "duration": (
        pl.Series([dt.timedelta(days=400, microseconds=-1), dt.timedelta(days=-1)]),
        "interval",
        ["9599:59:59.999999", "-24:00:00"],
    ),
    "list": (pl.Series([[1, None], [], None]), "bigint[]", ["{1,NULL}", "{}", None]),
    "list_text": (pl.Series([['a,"', ""]]), "text[]", ['{"a,\\"",""}']),
    "list_decimal": (
        pl.Series([[Decimal("1.50")]], dtype=pl.List(pl.Decimal(10, 2))),
        "numeric(10,2)[]",
        ["{1.50}"],
    ),
    "array": (pl.Series([[1, 2]], dtype=pl.Array(pl.Int64, 2)), "bigint[]", ["{1,2}"]),
    "struct": (
        pl.Series([{"a": 0.1, "b": ['x"', None]}, None]),
        "jsonb",
        ['{"a": 0.1, "b": ["x\\"", null]}', None],
    ),
    "list_of_lists": (pl.Series([[[1, 2], [3]], None]), "jsonb", ["[[1, 2], [3]]", None]),
}


LONG = {"time": "time without time zone", "timestamp": "timestamp without time zone"}
LONG |= {"timestamptz": "timestamp with time zone"}
ROWS = max(series.len() for series, _, _ in WRITTEN.values())


@pytest.mark.parametrize("mode", ["replace", "append", "upsert"])
def test_every_type_arrives_exactly(system, sql, rows_of, mode):
    columns = {
        name: series.extend_constant(None, ROWS - series.len())
        for name, (series, *_) in WRITTEN.items()
    }
    frame = pl.DataFrame({"id": range(ROWS), **columns})
    key = {"key": ["id"]} if mode == "upsert" else {}
    for _ in ("made", "there already"):
        system.load(frame, table="t", mode=mode, **key)
    sql.execute("SET TimeZone = 'UTC'")
    for name, (_, kind, texts) in WRITTEN.items():
        padded = [*texts, *[None] * (ROWS - len(texts))]
        times = 2 if mode == "append" else 1
        found = rows_of(f'SELECT id, "{name}"::text FROM t ORDER BY id')
        assert found == [[at, text] for at, text in enumerate(padded) for _ in range(times)], name
        [[held]] = rows_of(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
            f"WHERE attrelid = 't'::regclass AND attname = '{name}'"
        )
        assert held == LONG.get(kind, kind), name


REFUSED = {
    "nul": (pl.Series(["fine", "a\0b"]), "NUL character"),
    "nul_in_list": (pl.Series([["a\0b"]]), "NUL character"),
    "nul_in_struct": (pl.Series([{"a": "a\0b"}]), "NUL character"),
    "nanoseconds": (pl.Series([1], dtype=pl.Int64).cast(pl.Datetime("ns")), "nanoseconds"),
    "nanoseconds_time": (pl.Series([1], dtype=pl.Int64).cast(pl.Time), "nanoseconds"),
    "nanoseconds_duration": (pl.Series([1]).cast(pl.Duration("ns")), "nanoseconds"),
    "nan_in_struct": (pl.Series([{"a": float("nan")}]), "JSON"),
    "far_date": (pl.Series([2**31 - 1], dtype=pl.Int32).cast(pl.Date), "far"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_value_that_cannot_be_held_ends_the_load_and_leaves_the_table(system, rows_of, name):
    series, reason = REFUSED[name]
    system.load(pl.DataFrame({"v": ["old"]}), table="t", mode="replace")
    with pytest.raises(DataError, match=reason) as caught:
        system.load(pl.DataFrame({"the column": series}), table="t", mode="replace")
    assert "the column" in str(caught.value)
    assert rows_of("SELECT v FROM t") == [["old"]]
    assert rows_of("SELECT count(*) FROM pg_class WHERE relname LIKE '\\_millrace\\_%\\_1'") == [
        [0]
    ]


def test_a_struct_with_decimals_is_refused_before_any_row_moves(system):
    frame = pl.DataFrame({"v": [{"price": Decimal("1.10")}]})
    with pytest.raises(DataError, match="'v' nests Decimal"):
        system.load(frame, table="t", mode="replace")


@pytest.mark.parametrize(
    ("kind", "series"),
    [
        ("integer", pl.Series([1])),
        ("text", pl.Series([1])),
        ("real", pl.Series([0.1])),
        ("numeric(10,2)", pl.Series([Decimal("1.234")])),
        ("timestamp(0)", pl.Series([dt.datetime(2026, 1, 1, 0, 0, 0, 1)])),
        ("timestamptz", pl.Series([dt.datetime(2026, 1, 1)])),
        ("money", pl.Series([Decimal("1.234")])),
        ("interval(0)", pl.Series(["1.5 seconds"])),
        ("numeric(50,1)", pl.Series(["1.55"])),
        ("bigint GENERATED ALWAYS AS (1) STORED", pl.Series([1])),
    ],
)
def test_append_to_a_column_that_would_change_the_values_is_refused(
    system, sql, rows_of, kind, series
):
    sql.execute(f"CREATE TABLE t (v {kind})")
    with pytest.raises(ConfigError, match="'v'"):
        system.load(pl.DataFrame({"v": series}), table="t", mode="append")
    assert rows_of("SELECT * FROM t") == []


def test_texts_go_into_columns_that_are_read_as_text(system, sql, rows_of):
    sql.execute("CREATE TYPE mood AS ENUM ('sad', 'happy')")
    sql.execute(
        "CREATE TABLE t (u uuid, i inet, j jsonb, m mood, iv interval, n numeric, a inet[], d date)"
    )
    sql.execute(
        "INSERT INTO t VALUES (gen_random_uuid(), '10.0.0.1', '{\"a\": 1}', 'sad', '1 mon', 1e40, "
        "'{10.0.0.1}', '2024-01-01')"
    )
    [before] = rows_of("SELECT * FROM t")
    system.load(system.read(table="t"), table="t", mode="append")
    assert rows_of("SELECT * FROM t") == [before, before]


def test_a_text_that_is_not_of_the_columns_type_names_the_value(system, sql):
    sql.execute("CREATE TABLE t (u uuid)")
    with pytest.raises(DataError, match="not-a-uuid"):
        system.load(pl.DataFrame({"u": ["not-a-uuid"]}), table="t", mode="append")


# Where DuckDB's encoder has no room for the digits that it adds, it writes another value.
DIGITS = [
    (9, 8),
    (9, 9),
    (16, 16),
    (17, 17),
    (18, 17),
    (18, 18),
    (38, 36),
    (37, 37),
    (38, 37),
    (38, 38),
]


def test_decimals_keep_every_digit_behind_the_point(system, rows_of):
    values = {f"{p},{s}": Decimal((0, (9,) * p, -s)) for p, s in DIGITS}
    rows = pl.DataFrame(
        {
            name: pl.Series(
                [value.copy_negate(), None, value], dtype=pl.Decimal(*map(int, name.split(",")))
            )
            for name, value in values.items()
        }
    )
    for mode in ("replace", "append"):
        system.load(rows, table="t", mode=mode)
    found = rows_of("SELECT * FROM t")
    expected = [
        [one.copy_negate() for one in values.values()],
        [None] * len(values),
        [*values.values()],
    ]
    assert found == expected * 2
    types = rows_of(
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = 't'::regclass AND attnum > 0"
    )
    assert types == [[f"numeric({name})"] for name in values]

"""Every type of PostgreSQL, value by value: what is read is what the server holds."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from connectors.errors import DataError

UTC = dt.UTC
UUID = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
US = pl.Datetime("us")
# SQL type, SQL value, what Polars gets, and the value in it.
READ = [
    ("boolean", "true", pl.Boolean(), True),
    ("smallint", "-32768", pl.Int16(), -32768),
    ("integer", "-2147483648", pl.Int32(), -(2**31)),
    ("bigint", "-9223372036854775808", pl.Int64(), -(2**63)),
    ("real", "3.5", pl.Float32(), 3.5),
    ("double precision", "5e-324", pl.Float64(), 5e-324),
    ("double precision", "'-Infinity'", pl.Float64(), float("-inf")),
    ("numeric(15,2)", "1234567890123.45", pl.Decimal(15, 2), Decimal("1234567890123.45")),
    (
        "numeric(38,10)",
        "-1234567890123456789012345678.0123456789",
        pl.Decimal(38, 10),
        Decimal("-1234567890123456789012345678.0123456789"),
    ),
    ("numeric(5,-2)", "12345", pl.Decimal(7, 0), Decimal(12300)),
    ("numeric(3,5)", "0.00123", pl.Decimal(5, 5), Decimal("0.00123")),
    ("numeric", "1e40::numeric + 0.123456789", pl.String(), f"1{'0' * 40}.123456789"),
    ("numeric", "'NaN'", pl.String(), "NaN"),
    ("numeric", "'-Infinity'", pl.String(), "-Infinity"),
    ("numeric(39,0)", "9" * 39, pl.String(), "9" * 39),
    ("text", "E'h\\u00e9 \\U0001F600\\n\\\\'", pl.String(), "hé 😀\n\\"),
    ("text", "''", pl.String(), ""),
    ("varchar(10)", "'ab  '", pl.String(), "ab  "),
    ("char(5)", "'ab'", pl.String(), "ab   "),
    ('"char"', "'z'", pl.String(), "z"),
    ("name", "'nm'", pl.String(), "nm"),
    ("bytea", "'\\x00ff'", pl.Binary(), b"\x00\xff"),
    ("date", "'0001-01-01 BC'", pl.Date(), None),
    ("date", "'9999-12-31'", pl.Date(), dt.date(9999, 12, 31)),
    ("time", "'23:59:59.999999'", pl.Time(), dt.time(23, 59, 59, 999999)),
    ("time(0)", "'01:02:03'", pl.Time(), dt.time(1, 2, 3)),
    ("timetz", "'23:59:59.999999+05:30'", pl.String(), "23:59:59.999999+05:30"),
    ("timestamp", "'0001-01-01 00:00:00.000001'", US, dt.datetime(1, 1, 1, 0, 0, 0, 1)),
    (
        "timestamptz",
        "'2024-01-01 12:34:56.789012+02'",
        pl.Datetime("us", "UTC"),
        dt.datetime(2024, 1, 1, 10, 34, 56, 789012, tzinfo=UTC),
    ),
    ("interval", "'1 mon 2 days 03:04:05.000006'", pl.String(), "1 mon 2 days 03:04:05.000006"),
    ("money", "'-12.34'", pl.Decimal(23, 4), Decimal("-12.3400")),
    ("uuid", f"'{UUID}'", pl.String(), UUID),
    ("json", '\'{"a": 1,  "a":1.50}\'', pl.String(), '{"a": 1,  "a":1.50}'),
    ("jsonb", '\'{"b":1,"a":1.50}\'', pl.String(), '{"a": 1.50, "b": 1}'),
    ("xml", "'<a/>'", pl.String(), "<a/>"),
    ("inet", "'192.168.1.1/24'", pl.String(), "192.168.1.1/24"),
    ("inet", "'10.0.0.1'", pl.String(), "10.0.0.1"),
    ("cidr", "'10.0.0.0/8'", pl.String(), "10.0.0.0/8"),
    ("macaddr", "'08:00:2b:01:02:03'", pl.String(), "08:00:2b:01:02:03"),
    ("bit(3)", "B'101'", pl.String(), "101"),
    ("varbit", "B'10101'", pl.String(), "10101"),
    ("int4range", "'[1,5)'", pl.String(), "[1,5)"),
    ("point", "'(1.5,2)'", pl.String(), "(1.5,2)"),
    ("polygon", "'((0,0),(1,1))'", pl.String(), "((0,0),(1,1))"),
    ("tsvector", "'a fat cat'", pl.String(), "'a' 'cat' 'fat'"),
    ("oid", "4294967295", pl.Int64(), 4294967295),
    ("pg_lsn", "'16/B374D848'", pl.String(), "16/B374D848"),
    ("mood", "'happy'", pl.String(), "happy"),
    ("positive", "5", pl.Int32(), 5),
    ("price", "12.34", pl.Decimal(10, 2), Decimal("12.34")),
    ("pair", "ROW(1, 'x y')", pl.String(), '(1,"x y")'),
    ("integer[]", "'{1,NULL,3}'", pl.List(pl.Int32()), [1, None, 3]),
    ("integer[]", "'{}'", pl.List(pl.Int32()), []),
    ("text[]", '\'{a,NULL,"b,c",""}\'', pl.List(pl.String()), ["a", None, "b,c", ""]),
    ("numeric(10,2)[]", "'{1.50}'", pl.List(pl.Decimal(10, 2)), [Decimal("1.50")]),
    ("numeric[]", "'{1.5,NaN}'", pl.List(pl.String()), ["1.5", "NaN"]),
    ("timestamp[]", "'{2024-01-01}'", pl.List(US), [dt.datetime(2024, 1, 1)]),
    ("uuid[]", f"'{{{UUID}}}'", pl.List(pl.String()), [UUID]),
    ("mood[]", "'{sad,happy}'", pl.List(pl.String()), ["sad", "happy"]),
    ("inet[]", "'{10.0.0.1}'", pl.List(pl.String()), ["10.0.0.1"]),
    ("char(3)[]", "'{a}'", pl.List(pl.String()), ["a  "]),
    ("bytea[]", "ARRAY['\\x00'::bytea]", pl.List(pl.String()), ["\\x00"]),
]
MAKE_TYPES = """
    CREATE TYPE mood AS ENUM ('sad', 'happy');
    CREATE DOMAIN positive AS integer CHECK (value > 0);
    CREATE DOMAIN amount AS numeric(10,2);
    CREATE DOMAIN price AS amount;
    CREATE TYPE pair AS (a integer, b text);
"""
# Types and values that neither Polars nor the scanner can say: an error, never another value.
REFUSED = [
    ("numeric(15,2)", "'NaN'"),
    ("numeric(38,2)", "'NaN'"),
    ("numeric(5,2)[]", "'{1,NaN}'"),
    ("price", "'NaN'"),
    ("date", "'infinity'"),
    ("date", "'-infinity'"),
    ("date", "'5874897-12-31'"),
    ("date[]", "'{infinity}'"),
    ("timestamp", "'infinity'"),
    ("timestamp", "'-infinity'"),
    ("timestamp", "'294276-12-31'"),
    ("timestamptz", "'infinity'"),
    ("timestamptz[]", "'{-infinity}'"),
    ("time", "'24:00:00'"),
    ("time[]", "'{24:00:00}'"),
    ("integer[]", "'{{1,2},{3,4}}'"),
]


def held(sql):
    """Return the types that this server holds; one may be built without a library for XML."""
    built = "SELECT setting FROM pg_config WHERE name = 'CONFIGURE'"
    has_xml = "libxml" in sql.execute(built).fetchone()[0]
    return [one for one in READ if has_xml or one[0] != "xml"]


def test_every_type_is_read_as_the_server_holds_it(system, sql):
    sql.execute(MAKE_TYPES)
    known = held(sql)
    columns = [f'"c{at}" {kind}' for at, (kind, *_) in enumerate(known)]
    values = ", ".join(value for _, value, *_ in known)
    sql.execute(f"CREATE TABLE t ({', '.join(columns)})")
    sql.execute(f"INSERT INTO t VALUES ({values})")
    sql.execute("INSERT INTO t DEFAULT VALUES")
    for found in (system.read(table="t"), system.read(query="SELECT * FROM t;")):
        assert found.schema == {f"c{at}": dtype for at, (_, _, dtype, _) in enumerate(known)}
        for at, (kind, text, _, value) in enumerate(known):
            if value is not None:
                given = found[f"c{at}"].to_list()
                assert given == [value, None], f"{kind} {text}"
    assert system.discover()["t"].schema == found.schema


@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_a_value_that_cannot_be_said_ends_the_read_and_names_its_column(system, sql, kind, value):
    sql.execute(MAKE_TYPES)
    sql.execute(f'CREATE TABLE t (id integer, "odd one" {kind})')
    sql.execute(
        f"INSERT INTO t SELECT n, NULL FROM generate_series(1, 1000) n; "
        f"INSERT INTO t VALUES (0, {value})"
    )
    with pytest.raises(DataError, match=r"odd one|several dimensions") as caught:
        system.read(table="t")
    assert ",," not in str(caught.value)
    assert system.read(table="t", columns=["id"]).height == 1001
    assert system.read(query='SELECT "odd one"::text FROM t').height == 1001


def test_years_before_christ_are_read(system, sql):
    sql.execute("CREATE TABLE t AS SELECT '4713-01-01 BC'::date d, '4713-01-01 BC'::timestamp s")
    found = system.read(table="t").select(pl.all().dt.year())
    assert found.row(0) == (-4712, -4712)


def test_zero_is_not_taken_for_nan(system, sql):
    sql.execute("CREATE TABLE t AS SELECT 0::numeric(15,2) AS zero FROM generate_series(1, 10)")
    assert system.read(table="t")["zero"].to_list() == [Decimal(0)] * 10


def test_texts_do_not_depend_on_the_settings_of_the_role(system, sql):
    sql.execute("ALTER ROLE CURRENT_USER SET TimeZone = 'Asia/Tokyo'")
    sql.execute("ALTER ROLE CURRENT_USER SET IntervalStyle = 'iso_8601'")
    sql.execute("ALTER ROLE CURRENT_USER SET DateStyle = 'SQL, DMY'")
    try:
        sql.execute(
            "CREATE TABLE t AS SELECT '1 day'::interval i, "
            "tstzrange('2024-02-01 00:00+00', NULL) r, '2024-02-01 00:00+00'::timestamptz z"
        )
        row = system.read(table="t").row(0)
    finally:
        sql.execute("ALTER ROLE CURRENT_USER RESET ALL")
    assert row == ("1 day", '["2024-02-01 00:00:00+00",)', dt.datetime(2024, 2, 1, tzinfo=UTC))

"""Every type of MySQL, value by value: what is read is what the server holds."""

import datetime as dt
import struct
from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connectors.configuration import validate
from connectors.errors import DataError

UTC = dt.UTC
US = pl.Datetime("us")
POINT = b"\1\1\0\0\0" + struct.pack("<dd", 1.5, 2)
# SQL type, SQL value, what Polars gets, and the value in it.
READ = [
    ("tinyint(1)", "1", pl.Boolean(), True),
    ("tinyint(1)", "0", pl.Boolean(), False),
    ("tinyint", "-128", pl.Int8(), -128),
    ("tinyint unsigned", "255", pl.UInt8(), 255),
    ("smallint", "-32768", pl.Int16(), -32768),
    ("smallint unsigned", "65535", pl.UInt16(), 65535),
    ("mediumint", "-8388608", pl.Int32(), -8388608),
    ("mediumint unsigned", "16777215", pl.UInt32(), 16777215),
    ("int(5) zerofill", "7", pl.UInt32(), 7),
    ("int", "-2147483648", pl.Int32(), -(2**31)),
    ("int unsigned", "4294967295", pl.UInt32(), 2**32 - 1),
    ("bigint", "-9223372036854775808", pl.Int64(), -(2**63)),
    ("bigint unsigned", "18446744073709551615", pl.UInt64(), 2**64 - 1),
    ("float", "1.17549e-38", pl.Float32(), struct.unpack("f", struct.pack("f", 1.17549e-38))[0]),
    ("double", "2.2250738585072014e-308", pl.Float64(), 2.2250738585072014e-308),
    ("double", "-1.7976931348623157e308", pl.Float64(), -1.7976931348623157e308),
    ("decimal(15,2)", "-1234567890123.45", pl.Decimal(15, 2), Decimal("-1234567890123.45")),
    ("decimal(5,0)", "99999", pl.Decimal(5, 0), Decimal(99999)),
    ("decimal(3,3)", "-0.999", pl.Decimal(3, 3), Decimal("-0.999")),
    ("decimal(10,2) unsigned", "12345678.90", pl.Decimal(10, 2), Decimal("12345678.90")),
    (
        "decimal(38,30)",
        "-12345678." + "1" * 30,
        pl.Decimal(38, 30),
        Decimal("-12345678." + "1" * 30),
    ),
    ("decimal(38,0)", "9" * 38, pl.Decimal(38, 0), Decimal("9" * 38)),
    ("decimal(65,30)", "9" * 35 + "." + "9" * 30, pl.String(), "9" * 35 + "." + "9" * 30),
    ("bit(1)", "b'1'", pl.Boolean(), True),
    ("bit(5)", "b'10101'", pl.UInt64(), 21),
    ("bit(64)", "0xFFFFFFFFFFFFFFFE", pl.UInt64(), 2**64 - 2),
    ("year", "2155", pl.Int16(), 2155),
    ("year", "0", pl.Int16(), 0),
    ("date", "'9999-12-31'", pl.Date(), dt.date(9999, 12, 31)),
    ("date", "'1582-10-10'", pl.Date(), dt.date(1582, 10, 10)),
    ("date", "'2000-02-29'", pl.Date(), dt.date(2000, 2, 29)),
    ("datetime", "'1000-01-01'", US, dt.datetime(1000, 1, 1)),
    ("datetime(3)", "'1969-12-31 23:59:59.999'", US, dt.datetime(1969, 12, 31, 23, 59, 59, 999000)),
    (
        "datetime(6)",
        "'9999-12-31 23:59:59.999999'",
        US,
        dt.datetime(9999, 12, 31, 23, 59, 59, 999999),
    ),
    (
        "timestamp(6) null",
        "'2024-03-31 02:30:00.123456'",
        pl.Datetime("us", "UTC"),
        dt.datetime(2024, 3, 31, 2, 30, 0, 123456, tzinfo=UTC),
    ),
    (
        "timestamp null",
        "'2038-01-19 03:14:07'",
        pl.Datetime("us", "UTC"),
        dt.datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC),
    ),
    ("time", "'838:59:59'", pl.Duration("us"), dt.timedelta(hours=838, minutes=59, seconds=59)),
    (
        "time(6)",
        "'-838:59:58.000001'",
        pl.Duration("us"),
        -dt.timedelta(hours=838, minutes=59, seconds=58, microseconds=1),
    ),
    ("time", "'00:00:00'", pl.Duration("us"), dt.timedelta(0)),
    ("char(5)", "'ab'", pl.String(), "ab"),
    ("varchar(10)", "'ab  '", pl.String(), "ab  "),
    ("varchar(13)", "'twelve bytes'", pl.String(), "twelve bytes"),
    ("varchar(13)", "'13 bytes text'", pl.String(), "13 bytes text"),
    ("varchar(300)", "repeat('é', 250)", pl.String(), "é" * 250),
    ("text", "''", pl.String(), ""),
    ("longtext", "'h\u00e9 \U0001f600 \\n\\\\'", pl.String(), "hé 😀 \n\\"),
    ("longtext", "'a\\0b'", pl.String(), "a\0b"),
    ("longtext", "repeat('x', 100000)", pl.String(), "x" * 100_000),
    ("varchar(10) character set latin1", "'h\u00e9\u20ac'", pl.String(), "hé€"),
    ("varchar(10) character set utf16", "'h\u00e9\U0001f600'", pl.String(), "hé😀"),
    ("enum('small','big')", "'big'", pl.String(), "big"),
    ("set('a','b','c')", "'c,a'", pl.String(), "a,c"),
    ("json", '\'{"a": 1.50,  "b": "\u00e9"}\'', pl.String(), '{"a": 1.50,  "b": "é"}'),
    (
        "uuid",
        "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
        pl.String(),
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    ),
    ("inet6", "'::1'", pl.String(), "::1"),
    ("binary(4)", "0x00FF", pl.Binary(), b"\x00\xff\0\0"),
    ("varbinary(10)", "0x00FF", pl.Binary(), b"\x00\xff"),
    ("blob", "''", pl.Binary(), b""),
    ("longblob", "repeat(0xFE, 70000)", pl.Binary(), b"\xfe" * 70_000),
    ("point", "ST_GeomFromText('POINT(1.5 2)', 4326)", pl.Binary(), POINT),
]


def test_every_type_is_read_as_the_server_holds_it(system, sql):
    columns = [f"c{at} {kind}" for at, (kind, *_) in enumerate(READ)]
    values = ", ".join(value for _, value, *_ in READ)
    sql(
        "SET time_zone = '+00:00'",
        f"CREATE TABLE t ({', '.join(columns)}) CHARACTER SET utf8mb4",
        f"INSERT INTO t VALUES ({values})",
        "INSERT INTO t VALUES ()",
    )
    for found in (system.read(table="t"), system.read(query="SELECT * FROM t; -- all")):
        assert found.schema == {f"c{at}": dtype for at, (_, _, dtype, _) in enumerate(READ)}
        for at, (kind, text, _, value) in enumerate(READ):
            assert found[f"c{at}"].to_list() == [value, None], f"{kind} {text}"
    assert system.discover()["t"].schema == found.schema


def test_values_are_found_wherever_others_are_missing(system, sql):
    sql(
        "CREATE TABLE t (a int, b varchar(20), c datetime(6), d bigint, e varchar(300), f time)",
        "INSERT INTO t SELECT if(seq % 2, seq, null), if(seq % 3, concat('b', seq), null), "
        "if(seq % 5, '2024-01-01' + interval seq second, null), if(seq % 7, -seq, null), "
        "if(seq % 11, repeat('e', seq % 300), null), if(seq % 13, sec_to_time(seq), null) "
        "FROM seq_1_to_5000",
    )
    found = system.read(table="t")
    start = dt.datetime(2024, 1, 1)
    expected = pl.DataFrame(
        [
            (
                seq if seq % 2 else None,
                f"b{seq}" if seq % 3 else None,
                start + dt.timedelta(seconds=seq) if seq % 5 else None,
                -seq if seq % 7 else None,
                "e" * (seq % 300) if seq % 11 else None,
                dt.timedelta(seconds=seq) if seq % 13 else None,
            )
            for seq in range(1, 5001)
        ],
        schema=found.schema,
        orient="row",
    )
    assert_frame_equal(found, expected)


def test_a_session_time_zone_does_not_move_a_timestamp(system, sql):
    sql(
        "SET time_zone = '+09:00'",
        "CREATE TABLE t (at timestamp)",
        "INSERT INTO t VALUES ('2024-01-01 09:00:00')",
    )
    assert system.read(table="t").item() == dt.datetime(2024, 1, 1, tzinfo=UTC)


ZERO = (
    "SET sql_mode = 'ALLOW_INVALID_DATES'",
    "CREATE TABLE t (d date NOT NULL, s datetime(2) NOT NULL, z timestamp NOT NULL)",
    "INSERT INTO t VALUES ('0000-00-00', '0000-00-00', 0)",
    "INSERT INTO t VALUES ('2024-00-10', '2024-02-30 01:02:03.5', '2024-01-01')",
    "INSERT INTO t VALUES ('2024-02-29', '1900-02-29', '2024-01-01')",
)


def test_dates_that_no_calendar_has_become_null_and_are_counted(system, sql):
    sql(*ZERO)
    with system.opened() as connector:
        scan = connector.scan(validate(connector.ReadOptions, {"table": "t"}))
        found = scan.frame.collect(engine="streaming")
        remarks = [remark.message.partition(",")[0] for remark in scan.remarks()]
    assert found["d"].to_list() == [None, None, dt.date(2024, 2, 29)]
    assert found["s"].to_list() == [None, None, None]
    assert found["z"].null_count() == 1
    assert remarks == [
        "2 dates of column 'd' that no calendar has",
        "3 dates of column 's' that no calendar has",
        "1 dates of column 'z' that no calendar has",
    ]


def test_dates_that_no_calendar_has_can_be_read_as_text_or_refused(system, sql):
    sql(*ZERO)
    system.settings["zero_dates"] = "text"
    found = system.read(table="t")
    assert found["d"].to_list() == ["0000-00-00", "2024-00-10", "2024-02-29"]
    assert found["s"].to_list()[:2] == ["0000-00-00 00:00:00.00", "2024-02-30 01:02:03.50"]
    assert system.discover()["t"].schema == found.schema
    system.settings["zero_dates"] = "error"
    with pytest.raises(DataError, match=r"'d' holds dates that no calendar has"):
        system.read(table="t")


def test_a_tinyint_of_width_one_is_never_squeezed_into_a_boolean(system, sql):
    sql("CREATE TABLE t (flag tinyint(1))", "INSERT INTO t VALUES (1), (2), (NULL)")
    with pytest.raises(DataError, match=r"'flag' is tinyint\(1\).*integer"):
        system.read(table="t")
    system.settings["tinyint1"] = "integer"
    assert system.read(table="t")["flag"].to_list() == [1, 2, None]


def test_times_are_times_of_a_day_where_a_person_says_so(system, sql):
    sql("CREATE TABLE t (at time(6))", "INSERT INTO t VALUES ('23:59:59.999999'), (NULL)")
    system.settings["times"] = "time"
    assert system.read(table="t")["at"].to_list() == [dt.time(23, 59, 59, 999999), None]
    sql("INSERT INTO t VALUES ('24:00:00')")
    with pytest.raises(DataError, match=r"'at' holds a time .* beyond 24:00"):
        system.read(table="t")


@pytest.mark.slow
def test_a_row_longer_than_a_packet_of_the_protocol_is_read(system, sql):
    sql(
        "CREATE TABLE t (id int, big longblob, tail varchar(10))",
        "INSERT INTO t VALUES (1, NULL, 'a'), (2, NULL, 'b'), (3, NULL, 'c')",
        "UPDATE t SET big = repeat('x', 15000000)",
    )
    again = "if(id = 2, big, NULL)"
    query = f"SELECT id, big, {again} AS second, {again} AS third, tail FROM t"
    found = system.read(query=query).sort("id")
    assert found["tail"].to_list() == ["a", "b", "c"]
    for name, wide in (("big", [1, 1, 1]), ("second", [None, 1, None]), ("third", [None, 1, None])):
        sizes = [one and one * 15_000_000 for one in wide]
        assert found[name].bin.size().to_list() == sizes
        assert found[name][1] == b"x" * 15_000_000

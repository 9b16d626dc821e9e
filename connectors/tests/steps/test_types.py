"""cast, parse_date and hash_column: exact, or refused with the value named."""

import hashlib
import hmac
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from connectors.errors import ConfigError, DataError
from connectors.tests.steps.frames import run

BERLIN = ZoneInfo("Europe/Berlin")


def cast(values, wanted, dtype=None, on_error="error"):
    rows = pl.DataFrame({"x": pl.Series(values, dtype=dtype, strict=False)})
    return run("cast", {"types": {"x": wanted}, "on_error": on_error}, rows)["x"].to_list()


@pytest.mark.parametrize(
    ("given", "dtype", "wanted", "made"),
    [
        (["1", " -2 ", "+3", None], pl.String, "integer", [1, -2, 3, None]),
        (["255"], pl.String, "uint8", [255]),
        (["1.5", "1e3", "-.5"], pl.String, "float", [1.5, 1000.0, -0.5]),
        (["1.50", "7"], pl.String, "decimal(10, 2)", [Decimal("1.50"), Decimal("7.00")]),
        (["true", "No", "1"], pl.String, "boolean", [True, False, True]),
        (["2024-02-29"], pl.String, "date", [date(2024, 2, 29)]),
        (["09:30"], pl.String, "time", [time(9, 30)]),
        (
            ["2026-01-31T08:00:00.5"],
            pl.String,
            "datetime",
            [datetime(2026, 1, 31, 8, 0, 0, 500000)],
        ),
        (
            ["2026-01-31 08:00:00+02:00"],
            pl.String,
            "datetime[us, Europe/Berlin]",
            [datetime(2026, 1, 31, 7, tzinfo=BERLIN)],
        ),
        ([1, None], pl.Int64, "text", ["1", None]),
        ([2.0, -7.0], pl.Float64, "int32", [2, -7]),
        ([0.1], pl.Float64, "decimal(18, 4)", [Decimal("0.1000")]),
        ([1, 0], pl.Int64, "boolean", [True, False]),
        ([True, None], pl.Boolean, "integer", [1, None]),
        ([300], pl.Int64, "int16", [300]),
        ([Decimal("5.00")], pl.Decimal(10, 2), "integer", [5]),
        ([Decimal("5.25")], pl.Decimal(10, 2), "text", ["5.25"]),
        ([date(2026, 1, 1)], pl.Date, "datetime", [datetime(2026, 1, 1)]),
        ([datetime(2026, 1, 1, 9)], pl.Datetime, "date", [date(2026, 1, 1)]),
        ([datetime(2026, 1, 1, 9)], pl.Datetime, "time", [time(9)]),
    ],
)
def test_what_fits_is_converted(given, dtype, wanted, made):
    assert cast(given, wanted, dtype) == made


@pytest.mark.parametrize(
    ("given", "dtype", "wanted", "told"),
    [
        (["1", "1.5"], pl.String, "integer", "'1.5' is no int64"),
        (["", "1"], pl.String, "integer", "'' is no int64"),
        (["256"], pl.String, "uint8", "'256' is no uint8"),
        (["1,5"], pl.String, "float", "'1,5' is no float64"),
        (["1.555"], pl.String, "decimal(10, 2)", r"'1.555' is no decimal\(10, 2\)"),
        (["perhaps"], pl.String, "boolean", "'perhaps' is no boolean"),
        (["2026-02-30"], pl.String, "date", "'2026-02-30' is no date"),
        ([1.5], pl.Float64, "integer", "1.5 is no int64"),
        ([float("nan")], pl.Float64, "integer", "nan is no int64"),
        ([0.125], pl.Float64, "decimal(10, 2)", "0.125 is no decimal"),
        ([300], pl.Int64, "int8", "300 is no int8"),
        ([2], pl.Int64, "boolean", "2 is no boolean"),
        ([Decimal("5.25")], pl.Decimal(10, 2), "integer", "5.25 is no int64"),
    ],
)
def test_what_does_not_fit_is_named_or_becomes_nothing(given, dtype, wanted, told):
    with pytest.raises(DataError, match=f"^Column 'x': {told}") as error:
        cast(given, wanted, dtype)
    assert "\n" not in error.value.message
    assert cast(given, wanted, dtype, on_error="null")[-1] is None or given[0] == ""


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"types": {}}, "at least 1"),
        ({"types": {"x": "money"}}, "unknown type 'money'; known: text"),
        ({"types": {"y": "text"}}, "no column 'y'; there are: x"),
        ({"types": {"x": "time"}}, "Column 'x' is Int64, which has no meaning as Time"),
    ],
)
def test_a_type_that_cannot_be_is_told(config, told):
    with pytest.raises(ConfigError, match=told):
        run("cast", config, pl.DataFrame({"x": [1]}))


def test_one_column_may_be_said_plainly():
    rows = pl.DataFrame({"x": ["1", "z"]})
    found = run("cast", {"column": "x", "type": "integer", "on_error": None}, rows)
    assert found["x"].to_list() == [1, None]


def parsed(texts, **config):
    rows = pl.DataFrame({"d": pl.Series(texts, dtype=pl.String)})
    return run("parse_date", {"columns": ["d"], **config}, rows)["d"]


@pytest.mark.parametrize(
    ("text", "config", "made"),
    [
        ("2026-01-31", {}, date(2026, 1, 31)),
        (" 31.1.2026 ", {"formats": ["%Y-%m-%d", "%d.%m.%Y"]}, date(2026, 1, 31)),
        ("31 Jan 26", {"format": "%d %b %y"}, date(2026, 1, 31)),
        ("2026-01-31 23:59:59", {"format": "%Y-%m-%d %H:%M:%S"}, date(2026, 1, 31)),
        ("31/01/2026", {"format": "%d/%m/%Y", "to": "datetime"}, datetime(2026, 1, 31)),
        (
            "2026-07-01 12:00",
            {"format": "%Y-%m-%d %H:%M", "to": "datetime", "zone": "Europe/Berlin"},
            datetime(2026, 7, 1, 10, tzinfo=UTC),
        ),
        (
            "2026-01-31T08:00:00+0530",
            {"format": "%Y-%m-%dT%H:%M:%S%z", "to": "datetime"},
            datetime(2026, 1, 31, 2, 30, tzinfo=UTC),
        ),
    ],
)
def test_dates_are_read_in_the_formats_that_are_said(text, config, made):
    assert parsed([text, None], **config).to_list() == [made, None]


def test_a_time_with_a_zone_keeps_it():
    config = {"format": "%Y-%m-%d %H:%M", "to": "datetime", "zone": "Europe/Berlin"}
    found = parsed(["2026-07-01 12:00", "2026-10-25 02:30"], **config)
    assert found.dtype == pl.Datetime("us", "Europe/Berlin")
    # The second one was shown twice by the clocks there; it is the earlier one.
    hours = found.dt.convert_time_zone("UTC").dt.hour()
    assert hours.to_list() == [10, 0]


@pytest.mark.parametrize(
    ("text", "config"),
    [
        ("2026-02-30", {}),
        ("soon", {"formats": ["%d.%m.%Y", "%Y"]}),
        (
            "2026-03-29 02:30",
            {"format": "%Y-%m-%d %H:%M", "to": "datetime", "zone": "Europe/Berlin"},
        ),
    ],
)
def test_a_text_that_is_no_date_is_named_or_becomes_nothing(text, config):
    with pytest.raises(DataError, match=f"Column 'd': '{text}' is no date"):
        parsed(["", text][1:], **config)
    assert parsed([text], on_error="null", **config).to_list() == [None]


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"formats": ["%Q"]}, "'%Q' in '%Q' is unknown"),
        ({"zone": "Mars/Base", "to": "datetime"}, "no time zone 'Mars/Base'"),
        ({"zone": "UTC"}, "a date has no time zone"),
        ({"formats": ["%H:%M%z", "%H:%M"], "to": "datetime"}, "say the `zone`"),
        ({"formats": []}, "at least 1"),
    ],
)
def test_formats_that_cannot_be_are_refused(config, told):
    with pytest.raises(ConfigError, match=told):
        parsed(["x"], **config)


def test_values_become_digests():
    rows = pl.DataFrame({"who": ["Ünal", "", None], "id": [1, 2, 3]})
    found = run("hash_column", {"columns": ["who", "id"]}, rows)
    assert found["who"].to_list() == [
        hashlib.sha256("Ünal".encode()).hexdigest(),
        hashlib.sha256(b"").hexdigest(),
        None,
    ]
    assert found["id"][0] == hashlib.sha256(b"1").hexdigest()
    salted = run("hash_column", {"column": "who", "algorithm": "sha512", "salt": "s"}, rows)
    assert salted["who"][0] == hmac.digest(b"s", "Ünal".encode(), "sha512").hex()
    with pytest.raises(ConfigError, match="'sha256', 'sha512'"):
        run("hash_column", {"columns": ["who"], "algorithm": "crc32"}, rows)

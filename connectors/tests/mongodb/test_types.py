"""Every type of BSON comes as itself, as exact text, or is kept beside; none is lost."""

import json
import math
import uuid
from datetime import UTC, datetime
from decimal import Decimal

import polars as pl
import pytest
from bson import (
    Binary,
    Code,
    DBRef,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
    UuidRepresentation,
    json_util,
)
from bson.datetime_ms import DatetimeMS
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.documents.codec import CODEC, decode
from connectors.documents.columns import EXTRA, Builder
from connectors.documents.texts import spelling
from connectors.documents.types import infer
from connectors.errors import ConfigError, DataError

NOON = datetime(2024, 2, 29, 12, 0, 0, 123_000)
ID = ObjectId("0123456789abcdef01234567")
WHO = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")
HUGE = "9" * 34


def built(*values, types=None, columns=None, **options):
    """Return the frame of documents `{_id, f: value}`, decoded from BSON as they are sent."""
    import bson

    raw = b"".join(
        bson.encode({"_id": number, "f": value}, codec_options=CODEC)
        for number, value in enumerate(values)
    )
    documents = decode(raw)
    found = types or infer(documents)
    builder = Builder(found, extra=EXTRA, legacy=options.pop("legacy", "python"), **options)
    return builder.frame(documents, columns or [*found, EXTRA], spelling(raw))


@pytest.mark.parametrize(
    ("values", "dtype", "read"),
    [
        ([ID, None], pl.String, [str(ID), None]),
        (["", "a\0b", "🦉", None], pl.String, ["", "a\0b", "🦉", None]),
        ([True, False, None], pl.Boolean, [True, False, None]),
        ([1, Int64(2**63 - 1), -(2**63)], pl.Int64, [1, 2**63 - 1, -(2**63)]),
        ([1.5, math.inf, None], pl.Float64, [1.5, math.inf, None]),
        ([1, 1.5, Int64(2**53)], pl.Float64, [1.0, 1.5, 2.0**53]),
        ([b"\0\xff", b""], pl.Binary, [b"\0\xff", b""]),
        ([NOON, None], pl.Datetime("ms", "UTC"), [NOON.replace(tzinfo=UTC), None]),
        (
            [datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_000)],
            pl.Datetime("ms", "UTC"),
            [
                datetime(1, 1, 1, tzinfo=UTC),
                datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
            ],
        ),
        (
            [Decimal128("1.50"), Decimal128("-12"), Decimal128("0"), 7],
            pl.Decimal(38, 2),
            [Decimal("1.50"), Decimal(-12), Decimal(0), Decimal(7)],
        ),
        ([Decimal128(HUGE)], pl.Decimal(38, 0), [Decimal(HUGE)]),
        ([Decimal128(f"{HUGE}E-10")], pl.Decimal(38, 10), [Decimal(f"{HUGE}E-10")]),
        (
            [Binary(WHO.bytes, 4), Binary(WHO.bytes, 3)],
            pl.String,
            [str(WHO), str(WHO)],
        ),
    ],
)
def test_a_type_of_bson_has_its_type_of_column(values, dtype, read):
    frame = built(*values)
    assert frame.schema["f"] == dtype
    assert frame["f"].to_list() == read
    assert frame[EXTRA].null_count() == len(values)


@pytest.mark.parametrize(
    "values",
    [
        [{"a": {"b": [1, 2.5, None, Int64(5)]}, "c": ID, "d": NOON}],
        [[1, "x", True]],
        ["text", 5],
        [ID, "0123456789abcdef01234567", 5, Int64(2**60), 2.5, True, NOON, b"\0", [1], {"a": 1}],
        [Int64(2**53 + 1), 0.5],
        [Timestamp(1, 2), Regex("^a", "i"), Code("f()"), MinKey(), MaxKey(), DBRef("c", ID)],
        [Binary(b"abc", 5), Binary(b"abc", 128), Binary(WHO.bytes, 4)],
        [Decimal128("NaN"), Decimal128("Infinity"), Decimal128("1E+6000")],
        [Decimal128("1E-6000"), Decimal128("0.1")],
        [DatetimeMS(10**15), NOON],
        [{"a": math.inf, "b": [-math.inf]}],
        [None],
    ],
)
def test_what_no_column_holds_is_text_that_means_the_same(values):
    frame = built(*values)
    assert frame.schema["f"] == pl.String
    options = json_util.JSONOptions(
        json_mode=json_util.JSONMode.RELAXED,
        datetime_conversion=CODEC.datetime_conversion,
        uuid_representation=UuidRepresentation.UNSPECIFIED,
        tz_aware=False,
    )
    texts = frame["f"].to_list()
    back = [None if one is None else json_util.loads(one, json_options=options) for one in texts]
    plain = [Regex.from_native(one) if hasattr(one, "match") else one for one in back]
    assert plain == values
    assert frame[EXTRA].null_count() == len(values)


def test_a_nan_stays_one_in_a_text():
    (text,) = built({"a": math.nan})["f"].to_list()
    assert json.loads(text) == {"a": {"$numberDouble": "NaN"}}


@pytest.mark.parametrize(
    ("legacy", "representation"),
    [
        ("java", UuidRepresentation.JAVA_LEGACY),
        ("csharp", UuidRepresentation.CSHARP_LEGACY),
        ("python", UuidRepresentation.PYTHON_LEGACY),
    ],
)
def test_an_old_uuid_is_read_as_its_driver_wrote_it(legacy, representation):
    assert built(Binary.from_uuid(WHO, representation), legacy=legacy)["f"][0] == str(WHO)


@pytest.mark.parametrize(
    ("kind", "fits", "misfit"),
    [
        ("int64", [5.0, 5], 5.5),
        ("int64", [Int64(1)], "1"),
        ("int64", [1], True),
        ("int64", [1], 2.0**60),
        ("float64", [1], 2**53 + 1),
        ("float64", [1.0], Decimal128("1")),
        ("decimal(5,2)", [Decimal128("999.99"), 1], Decimal128("1000")),
        ("decimal(5,2)", [Decimal128("1E+2")], Decimal128("0.001")),
        ("decimal(5,2)", [1], 0.5),
        ("decimal(5,2)", [1], Decimal128("NaN")),
        ("string", ["a"], 1),
        ("string", ["a"], Code("a")),
        ("objectid", [ID], str(ID)),
        ("uuid", [Binary(WHO.bytes, 4)], Binary(WHO.bytes, 5)),
        ("binary", [b"a"], Binary(b"a", 7)),
        ("timestamp", [NOON], DatetimeMS(10**15)),
        ("boolean", [True], 1),
        ("string", ["a"], [1, 2]),
    ],
)
def test_a_value_that_does_not_fit_lies_beside_and_nothing_else_does(kind, fits, misfit):
    frame = built(*fits, misfit, types={"_id": "int64", "f": kind})
    assert frame["f"].null_count() == 1
    assert frame["f"][-1] is None
    kept = json.loads(frame[EXTRA][-1])
    assert kept == json.loads(spelling(b"")({"f": misfit}))
    assert frame[EXTRA].null_count() == len(fits)


def test_without_a_place_beside_a_misfit_is_an_error_that_says_what_to_do():
    types = {"_id": "int64", "f": "int64"}
    with pytest.raises(DataError, match=r"_id 1 holds str 'x' there; read '_extra' too.*json"):
        built(5, "x", types=types, columns=["f"])
    with pytest.raises(DataError, match=r"Field 'f' is read as int64.*set `types`"):
        built(5, "x", types=types, refuses=True)


def test_a_key_is_never_left_out_of_its_column():
    with pytest.raises(DataError, match="Field '_id' is read as string"):
        built(1, types={"_id": "string", "f": "int64"})


def test_fields_without_a_column_are_kept_beside():
    frame = built({"a": 1}, 5, types={"_id": "int64"})
    assert frame[EXTRA].to_list() == ['{"f":{"a":1}}', '{"f":5}']


NUMBERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1).map(Int64),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(-(10**20), 10**20, places=6).map(Decimal128),
)
MILLISECONDS = st.datetimes().map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
VALUES = st.one_of(
    st.none(), NUMBERS, st.text(), st.booleans(), st.binary(), MILLISECONDS, st.just(ID)
)


@settings(deadline=None)
@given(st.lists(VALUES, max_size=8), st.lists(VALUES, max_size=8))
def test_whatever_comes_is_in_its_column_or_beside_it(sampled, others):
    """Columns are made for the first values; the others need not fit them."""
    kinds = {"_id": "int64", **infer([{"f": value} for value in sampled])}
    frame = built(*sampled, *others, types=kinds)
    assert frame.height == len(sampled) + len(others)
    for row, value in zip(frame.iter_rows(named=True), [*sampled, *others], strict=True):
        beside = json.loads(row[EXTRA] or "{}")
        assert (row.get("f") is not None) + ("f" in beside) == (value is not None) or (
            value is None and not row.get("f") and beside == {"f": None}
        )
    assert frame[EXTRA].head(len(sampled)).null_count() == len(sampled) or "f" not in kinds


@settings(deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=6))
def test_numbers_of_several_types_are_widened_exactly(numbers):
    frame = built(*numbers)
    for got, number in zip(frame["f"].to_list(), numbers, strict=True):
        exact = number.to_decimal() if isinstance(number, Decimal128) else Decimal(number)
        if isinstance(got, str):
            found = json.loads(got)
            found = found["$numberDecimal"] if isinstance(found, dict) else found
            assert Decimal(found) == exact
        else:
            assert Decimal(got) == exact


def test_a_type_that_is_unknown_is_refused_with_the_known_ones(read, database):
    with pytest.raises(ValueError, match=r"Unknown type 'money'; known: objectid, string"):
        read("orders", types={"price": "money"})
    with pytest.raises(ConfigError, match="There is no collection 'orders'"):
        read("orders", types={"price": "DECIMAL(38, 4)"})

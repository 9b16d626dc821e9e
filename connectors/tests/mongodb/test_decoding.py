"""Columns out of BSON side by side are those that come value by value."""

import math
from datetime import datetime

import bson
import polars as pl
import pytest
from bson import Binary, Code, DBRef, Decimal128, Int64, ObjectId, Regex, Timestamp
from bson.datetime_ms import DatetimeMS
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.documents import decoding
from connectors.documents.codec import CODEC, decode
from connectors.documents.columns import EXTRA, Builder
from connectors.documents.decoding import frame_of
from connectors.documents.texts import spelling
from connectors.documents.types import SIMPLE
from connectors.errors import DataError

NOON = datetime(2024, 2, 29, 12, 0, 0, 123_000)
VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1).map(Int64),
    st.integers(-(2**31), 2**31 - 1),
    st.floats(),
    st.text(),
    st.binary(max_size=20),
    st.booleans(),
    st.decimals(-(10**12), 10**12, places=3).map(Decimal128),
    st.sampled_from(
        [
            ObjectId("0123456789abcdef01234567"),
            NOON,
            DatetimeMS(10**15),
            Decimal128("1E+3"),
            Decimal128("-0.01"),
            Decimal128("-0"),
            Decimal128("NaN"),
            Decimal128("9" * 34),
            Decimal128("1E+6000"),
            Binary(bytes(16), 4),
            Binary(b"x", 128),
            {"a": {"b": [1, None, "x"]}},
            {"a": math.nan},
            [1, 2.5],
            [],
            Code("f()"),
            Regex("^a"),
            Timestamp(1, 2),
            DBRef("c", 1),
            "a text of more than twelve bytes",
        ]
    ),
)
KINDS = st.sampled_from([*SIMPLE, "decimal(38,3)", "decimal(5,2)", "decimal(38,0)"])
NAMES = ["a", "name of a field", "ä", ""]
DOCUMENTS = st.lists(st.dictionaries(st.sampled_from([*NAMES, "more"]), VALUES), max_size=6)


def both(documents, types, columns=None, **options):
    """Return the frame of each way."""
    part = b"".join(bson.encode(one, codec_options=CODEC) for one in documents)
    builders = [Builder(types, extra=EXTRA, legacy="python", **options) for _ in range(2)]
    columns = columns or [*types, EXTRA]
    quick = frame_of(builders[0], part, columns, decode)
    slow = builders[1].frame(decode(part), columns, spelling(part))
    assert builders[0].misfits == builders[1].misfits
    return quick, slow


@pytest.fixture(autouse=True)
def even_few(monkeypatch):
    """The quick way is taken for few documents too."""
    monkeypatch.setattr(decoding, "FEW", 1)


@settings(max_examples=300, deadline=None)
@given(DOCUMENTS, st.lists(KINDS, min_size=4, max_size=4))
def test_both_ways_say_the_same_of_any_documents(documents, kinds):
    quick, slow = both(documents, dict(zip(NAMES, kinds, strict=True)))
    assert quick.schema == slow.schema
    assert quick.equals(slow, null_equal=True)


@settings(max_examples=100, deadline=None)
@given(st.permutations(NAMES), st.lists(st.permutations(NAMES), min_size=1, max_size=4))
def test_fields_may_come_in_any_order(sampled, orders):
    documents = [{name: name for name in order} for order in orders]
    quick, slow = both(documents, dict.fromkeys(sampled, "string"))
    assert quick.equals(slow)


def test_all_types_of_columns_take_the_quick_way(monkeypatch):
    values = {
        "objectid": ObjectId("0123456789abcdef01234567"),
        "string": "🦉 and more than twelve bytes",
        "boolean": True,
        "int64": Int64(-5),
        "float64": -1.5,
        "timestamp": NOON,
        "binary": b"\0" * 20,
        "json": {"a": [1]},
        "decimal(38,3)": Decimal128("-1.50"),
    }
    documents = [values, {}, dict.fromkeys(values), values] * 50
    quick, slow = both(documents, {kind: kind for kind in values})
    assert quick.equals(slow)
    part = b"".join(bson.encode(one, codec_options=CODEC) for one in documents if one)
    monkeypatch.setattr(Builder, "frame", None)
    builder = Builder({kind: kind for kind in values}, extra=EXTRA, legacy="python")
    assert frame_of(builder, part, list(values), decode).height == 150


def test_a_text_that_is_none_is_told_and_not_read_as_another():
    good = bson.encode({"_id": 1, "f": "good text, and long"})
    bad = good.replace(b"good", b"\xff\xfe\xfd\xfc")
    builder = Builder({"_id": "int64", "f": "string"}, extra=EXTRA, legacy="python")
    with pytest.raises(bson.errors.InvalidBSON):
        frame_of(builder, good + bad, ["_id", "f"], decode)


def test_the_slow_way_judges_what_the_quick_one_leaves():
    documents = [{"_id": n, "f": n} for n in range(100)] + [{"_id": 100, "f": "x"}]
    with pytest.raises(DataError, match="the document with _id 100 holds str 'x'"):
        both(documents, {"_id": "int64", "f": "int64"}, ["_id", "f"])
    quick, slow = both(documents, {"_id": "int64", "f": "int64"})
    assert quick.equals(slow)
    assert quick[EXTRA].to_list()[-2:] == [None, '{"f":"x"}']


def test_columns_are_chosen_and_ordered():
    documents = [{"_id": n, "a": n, "b": str(n)} for n in range(100)]
    types = {"_id": "int64", "a": "int64", "b": "string"}
    quick, slow = both(documents, types, ["b", "_id"])
    assert quick.equals(slow)
    assert quick.schema == {"b": pl.String(), "_id": pl.Int64()}

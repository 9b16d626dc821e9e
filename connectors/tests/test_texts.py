"""Values of any type as exact text, and what is refused when no text is wanted."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from connectors import registry
from connectors.base import Destination
from connectors.configuration import validate
from connectors.errors import ConfigError, DataError
from connectors.holding import demand_held, fitted, unheld
from connectors.tests.loads import access_to
from connectors.texts import can_be_text, with_texts

TEXTS = [
    (pl.Series([dt.timedelta(days=-400, microseconds=1)]), "-P399DT23H59M59.999999S"),
    (pl.Series([1], dtype=pl.Duration("ns")), "PT0.000000001S"),
    (pl.Series([123_456_789]).cast(pl.Time), "00:00:00.123456789"),
    (
        pl.Series([0]).cast(pl.Datetime("ns", "Europe/Berlin")),
        "1970-01-01T01:00:00.000000000+01:00",
    ),
    (pl.Series([b"\x00\xff"]), "00ff"),
    (pl.Series([-(2**127)], dtype=pl.Int128), str(-(2**127))),
    (pl.Series([Decimal("1.50")], dtype=pl.Decimal(38, 2)), "1.50"),
    (pl.Series([[1, None]]), "[1,null]"),
    (pl.Series([[2**64 - 1]], dtype=pl.List(pl.UInt64)), "[18446744073709551615]"),
    (pl.Series([[1.5, 5e-324]]), "[1.5,5e-324]"),
    (pl.Series([[1, 2]], dtype=pl.Array(pl.Int8, 2)), "[1,2]"),
    (pl.Series([[["a"], []]]), '[["a"],[]]'),
    (pl.Series([{"at": dt.date(1, 1, 1), "n": Decimal("0.10")}]), '{"at":"0001-01-01","n":"0.10"}'),
    (pl.Series([[{"k": 'é"\n\0', "v": b"\1"}]]), '[{"k":"é\\"\\n\\u0000","v":"01"}]'),
    (
        pl.Series([[{"key": "a", "value": 1}]]).cast(pl.Map(pl.String(), pl.Int64())),
        '[{"key":"a","value":1}]',
    ),
]


@pytest.mark.parametrize(("values", "text"), TEXTS, ids=[str(one.dtype) for one, _ in TEXTS])
def test_a_value_of_any_type_has_an_exact_text(values, text):
    frame = pl.LazyFrame({"x": pl.concat([values, pl.Series([None], dtype=values.dtype)])})
    assert can_be_text(values.dtype)
    found = with_texts(frame, ["x"]).collect(engine="streaming")
    assert found["x"].to_list() == [text, None]


@pytest.mark.parametrize("odd", [[[1.5, float("nan")]], [{"a": [float("-inf")]}]])
def test_nan_inside_of_a_list_has_no_json_and_is_refused(odd):
    with pytest.raises(DataError, match="'x' nests NaN or infinity"):
        with_texts(pl.LazyFrame({"x": odd}), ["x"]).collect()


@pytest.mark.parametrize(
    ("destination", "held", "lacking"),
    [
        ("postgres", pl.Duration("us"), pl.Struct({"a": pl.Date})),
        ("mysql", pl.UInt64(), pl.List(pl.Decimal(9, 2))),
        ("sqlite", pl.Int128(), pl.List(pl.Int64)),
        ("duckdb", pl.List(pl.Date), pl.List(pl.Duration("ns"))),
        ("csv", pl.Decimal(38, 9), pl.Binary()),
        ("json", pl.List(pl.Int64), pl.Binary()),
        ("delta", pl.Date(), pl.Time()),
        ("iceberg", pl.Time(), pl.Duration("us")),
    ],
)
def test_a_destination_says_without_connecting_what_it_cannot_hold(destination, held, lacking):
    plugin = registry.destination(destination)
    assert set(unheld(plugin, {"a": held, "b": lacking})) == {"b"}


def test_parquet_lacks_nothing_but_python_objects():
    assert set(unheld(registry.destination("parquet"), {"a": pl.Object(), "b": pl.Time()})) == {"a"}


def test_the_error_names_column_and_type_and_says_what_to_do():
    plugin = registry.destination("delta")
    options = {"table": "t"}
    with pytest.raises(DataError, match=r"Column 'at' is Time, and Delta .* set `unheld_types` to"):
        demand_held(plugin, {"at": pl.Time()}, validate(plugin.WriteOptions, options))
    chosen = validate(plugin.WriteOptions, {**options, "unheld_types": "text"})
    assert demand_held(plugin, {"id": pl.Int64(), "at": pl.Time()}, chosen) == ["at"]


def test_what_has_no_text_is_refused_even_then():
    plugin = registry.destination("csv")
    chosen = validate(plugin.WriteOptions, {"unheld_types": "text"})
    with pytest.raises((ConfigError, DataError), match="'x'"):
        demand_held(plugin, {"x": pl.Object()}, chosen)


@pytest.mark.parametrize("name", registry.names())
def test_every_destination_offers_text_under_the_same_name(name):
    plugin = registry.connector(name)
    if issubclass(plugin, Destination):
        assert "unheld_types" in plugin.WriteOptions.model_fields


def test_columns_are_stored_as_text_where_a_person_names_them(tmp_path):
    plugin = registry.destination("json")
    destination = plugin(plugin.Settings(path="x.json"), access_to(tmp_path))
    options = plugin.WriteOptions(text_columns=("x", "s"))
    frame = pl.LazyFrame({"x": [float("nan"), -0.0, None], "s": ["a", None, ""], "n": [1, 2, 3]})
    found = fitted(destination, frame, options).collect()
    assert found["x"].to_list() == ["NaN", "-0.0", None]
    assert found["s"].to_list() == ["a", None, ""]
    assert found["n"].dtype == pl.Int64
    with pytest.raises(ConfigError, match="no column 'x' to store as text; there are: n"):
        fitted(destination, frame.select("n"), options)

"""What changed between two loads is told apart, and each policy decides about each change."""

import polars as pl
import pytest

from connectors.errors import ConfigError, DataError
from jobs.engine.drift import Action, Kind, compared, decided, told
from jobs.engine.shaping import shaped
from jobs.plan import SchemaPolicy

TABLE = [
    (pl.Int32(), pl.Int64(), Kind.WIDENED),
    (pl.UInt8(), pl.Int16(), Kind.WIDENED),
    (pl.Int64(), pl.Decimal(38, 0), Kind.WIDENED),
    (pl.Float32(), pl.Float64(), Kind.WIDENED),
    (pl.Decimal(10, 2), pl.Decimal(12, 2), Kind.WIDENED),
    (pl.Decimal(10, 2), pl.Decimal(12, 4), Kind.WIDENED),
    (pl.Datetime("ms"), pl.Datetime("us"), Kind.WIDENED),
    (pl.Date(), pl.Datetime("us"), Kind.WIDENED),
    (pl.Enum(["a"]), pl.String(), Kind.WIDENED),
    (pl.Null(), pl.String(), Kind.WIDENED),
    (pl.Int64(), pl.Int32(), Kind.NARROWED),
    (pl.Float64(), pl.Float32(), Kind.NARROWED),
    (pl.Decimal(12, 2), pl.Decimal(10, 2), Kind.NARROWED),
    (pl.Datetime("us"), pl.Date(), Kind.NARROWED),
    (pl.String(), pl.Null(), Kind.NARROWED),
    (pl.Int64(), pl.UInt64(), Kind.CHANGED),
    (pl.Decimal(10, 2), pl.Decimal(10, 4), Kind.CHANGED),
    (pl.Int64(), pl.String(), Kind.CHANGED),
    (pl.Datetime("us"), pl.Datetime("us", "UTC"), Kind.CHANGED),
    (pl.List(pl.Int32), pl.List(pl.Int64), Kind.CHANGED),
    (pl.Boolean(), pl.Int64(), Kind.CHANGED),
]


@pytest.mark.parametrize(("before", "after", "kind"), TABLE)
def test_a_change_of_type_is_told_apart(before, after, kind):
    (change,) = compared({"a": before}, {"a": after})
    assert (change.column, change.kind) == ("a", kind)
    assert (change.shown()["from"], change.shown()["to"]) == (str(before), str(after))


def test_new_and_dropped_columns_are_told_apart_and_equal_ones_are_not_named():
    changes = compared({"a": pl.Int64(), "b": pl.String()}, {"a": pl.Int64(), "c": pl.Date()})
    assert [(one.column, one.kind) for one in changes] == [("c", Kind.NEW), ("b", Kind.DROPPED)]
    assert compared({"a": pl.Int64(), "b": pl.Date()}, {"b": pl.Date(), "a": pl.Int64()}) == []


def test_a_rename_is_a_dropped_and_a_new_column_and_says_so():
    renamed = compared({"old": pl.String()}, {"new": pl.String()})
    assert [one.kind for one in renamed] == [Kind.NEW, Kind.DROPPED]
    assert "renamed at its source" in told(renamed)
    assert "renamed" not in told(compared({"old": pl.String()}, {"new": pl.Int64()}))


@pytest.mark.parametrize(
    ("policy", "is_anew", "actions"),
    [
        ("evolve", False, "added kept widened cast taken"),
        ("evolve", True, "added removed widened taken taken"),
        ("ignore", False, "left_out kept cast cast cast"),
        ("ignore", True, "left_out kept cast cast cast"),
        ("notify", False, "left_out kept cast cast cast"),
        ("freeze", False, "refused refused refused refused refused"),
    ],
)
def test_a_policy_decides_about_each_kind_of_change(policy, is_anew, actions):
    changes = compared(
        {"gone": pl.String(), "wide": pl.Int32(), "narrow": pl.Int64(), "other": pl.Int64()},
        {"new": pl.Date(), "wide": pl.Int64(), "narrow": pl.Int32(), "other": pl.String()},
    )
    found = {
        one.kind: one.action for one in decided(changes, SchemaPolicy(policy), is_anew=is_anew)
    }
    kinds = (Kind.NEW, Kind.DROPPED, Kind.WIDENED, Kind.NARROWED, Kind.CHANGED)
    assert [found[kind] for kind in kinds] == [Action(word) for word in actions.split()]


def shape(data, known, *, is_filled=False):
    """Return what is left of a frame in its known shape."""
    frame = pl.LazyFrame(data)
    return shaped(frame, frame.collect_schema(), known, is_filled=is_filled).collect()


def test_only_known_columns_are_left_in_their_order_and_types():
    known = {"b": pl.Int32(), "a": pl.String()}
    made = shape({"a": ["x"], "new": [1], "b": [2]}, known)
    assert made.schema == known
    assert made.rows() == [(2, "x")]


def test_a_column_that_is_gone_is_null_where_the_table_is_made_anew_and_missing_elsewhere():
    known = {"gone": pl.Date(), "a": pl.Int64()}
    assert shape({"a": [1]}, known).columns == ["a"]
    made = shape({"a": [1]}, known, is_filled=True)
    assert (made.schema, made.rows()) == (known, [(None, 1)])


@pytest.mark.parametrize(
    ("values", "known"),
    [
        (pl.Series([1, None, -(2**31)]), pl.Int32()),
        (pl.Series([1.5, None, float("nan")]), pl.Float32()),
        (pl.Series(["1", None, "-7"]), pl.Int64()),
        (pl.Series([1, 2]), pl.String()),
        (pl.Series([2.0, -3.0]), pl.Int64()),
        (pl.Series([None, None]), pl.Struct({"a": pl.Int64()})),
    ],
)
def test_values_that_the_known_type_holds_exactly_are_cast(values, known):
    made = shape({"a": values}, {"a": known})
    assert made.schema == {"a": known}
    assert made["a"].cast(values.dtype).eq_missing(values).all()


@pytest.mark.parametrize(
    ("values", "known"),
    [
        (pl.Series([1, 2**31]), pl.Int32()),
        (pl.Series([0.1]), pl.Float32()),
        (pl.Series([2.5]), pl.Int64()),
        (pl.Series(["007"]), pl.Int64()),
        (pl.Series(["x"]), pl.Int64()),
        (pl.Series(["2026-01-01 10:00:00"]).str.to_datetime(), pl.Date()),
        (pl.Series(["1.25"]).cast(pl.Decimal(10, 2)), pl.Decimal(10, 1)),
    ],
)
def test_a_value_that_the_known_type_does_not_hold_is_refused_with_its_column(values, known):
    with pytest.raises(DataError, match=r"Column 'a' was .* schema_policy"):
        shape({"a": values}, {"a": known})


@pytest.mark.parametrize(
    ("values", "known"),
    [
        (pl.Series([[1]]), pl.String()),
        (pl.Series([5]), pl.Date()),
        (pl.Series([True]), pl.Int64()),
        (pl.Series([0], dtype=pl.Datetime("us", "UTC")), pl.Datetime("us")),
    ],
)
def test_values_of_another_sort_are_refused_before_a_row_moves(values, known):
    frame = pl.LazyFrame({"a": values})
    with pytest.raises(ConfigError, match="Column 'a' was"):
        shaped(frame, frame.collect_schema(), {"a": known}, is_filled=False)

"""Expressions of add_column: what they mean, the same on each engine, and what is refused."""

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest

from connectors.errors import ConfigError
from connectors.tests.steps.frames import run

NAN = float("nan")
ROWS = pl.DataFrame(
    {
        "id": [1, 2, 3],
        "low": pl.Series([-7, 7, None], dtype=pl.Int32),
        "zero": [0, 2, 3],
        "price": pl.Series(["1.25", "-2.50", None]).cast(pl.Decimal(10, 2)),
        "rate": pl.Series(["0.125", "2.000", "1.5"]).cast(pl.Decimal(8, 3)),
        "ratio": [2.5, -2.5, NAN],
        "name": ["Ada L", "ünal", None],
        "key": ["a-b-c", "x", ""],
        "day": [date(2024, 2, 29), date(2026, 1, 1), None],
        "seen": pl.Series([datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC), None, None]),
        "is_new": [True, False, None],
        "order by": ["q", "r", "s"],
    }
)


def made(expression):
    return run("add_column", {"name": "new", "expression": expression}, ROWS)["new"]


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("1", [1, 1, 1]),
        ("id + 1", [2, 3, 4]),
        ("-low", [7, -7, None]),
        ("id * 2 - low", [9, -3, None]),
        ("id / zero", [None, 1.0, 1.0]),
        ("low // 2", [-4, 3, None]),
        ("low % 2", [1, 1, None]),
        ("low // (id - 1)", [None, 7, None]),
        ("price * rate", [Decimal("0.15625"), Decimal("-5.00000"), None]),
        ("price * 1.1", [Decimal("1.375"), Decimal("-2.750"), None]),
        ("price + id", [Decimal("2.25"), Decimal("-0.50"), None]),
        ("price - rate", [Decimal("1.125"), Decimal("-4.500"), None]),
        ("price * ratio", [3.125, 6.25, None]),
        ("ratio * 2", [5.0, -5.0, NAN]),
        ("price / 2", [0.625, -1.25, None]),
        ("round(ratio)", [3.0, -3.0, NAN]),
        ("round(ratio * 0.05, 1)", [0.1, -0.1, NAN]),
        ("floor(ratio) + ceil(ratio)", [5.0, -5.0, NAN]),
        ("abs(low) + abs(id)", [8, 9, None]),
        ("sqrt(ratio + 1.5)", [2.0, None, NAN]),
        ("upper(name) || '!'", ["ADA L!", "ÜNAL!", None]),
        ("'#' || id || ' ' || is_new", ["#1 true", "#2 false", None]),
        ("concat(name, '/', price)", ["Ada L/1.25", "ünal/-2.50", "/"]),
        ("length(name)", [5, 4, None]),
        ("substring(name, 2, 3)", ["da ", "nal", None]),
        ("substring(name from 2)", ["da L", "nal", None]),
        ("left(name, 2) || right(name, 1)", ["AdL", "ünl", None]),
        ("replace(key, '-', '.')", ["a.b.c", "x", ""]),
        ("trim(both 'a' from key)", ["-b-c", "x", ""]),
        ("lpad(id, 3, '0')", ["001", "002", "003"]),
        ("split_part(key, '-', 2)", ["b", "", ""]),
        ("starts_with(name, 'Ada') or contains(key, 'x')", [True, True, None]),
        ("name like 'A%' and name not ilike '%NAL'", [True, False, None]),
        ("regexp_matches(key, '^[a-z]$')", [False, True, False]),
        ("year(day) * 100 + month(day)", [202402, 202601, None]),
        ("extract(hour from seen)", [7, None, None]),
        ("date_trunc('month', day)", [date(2024, 2, 1), date(2026, 1, 1), None]),
        ("strftime(seen, '%d.%m.%Y %H:%M')", ["06.05.2026 07:08", None, None]),
        ("day >= '2025-01-01'", [False, True, None]),
        ("seen < timestamp '2026-05-06 07:08:10'", [True, None, None]),
        ("cast(seen as date) = date '2026-05-06'", [True, None, None]),
        ("id in (1, 3)", [True, False, True]),
        ("name not in ('Ada L')", [False, True, None]),
        ("id between 2 and 9", [False, True, True]),
        ("ratio > 2", [True, False, True]),
        ("price = 1.25", [True, False, None]),
        ("not is_new", [False, True, None]),
        ("low is null or price is not null", [True, True, True]),
        ("coalesce(low, id, 0)", [-7, 7, 3]),
        ("coalesce(price, 0)", [Decimal("1.25"), Decimal("-2.50"), Decimal("0.00")]),
        ("ifnull(name, 'nobody')", ["Ada L", "ünal", "nobody"]),
        ("nullif(zero, 0)", [None, 2, 3]),
        ("case when low > 0 then 'up' when low < 0 then 'down' end", ["down", "up", None]),
        ("case id when 1 then price else 0 end", [Decimal("1.25"), Decimal(0), Decimal(0)]),
        ("cast(id as varchar) || cast(price as varchar)", ["11.25", "2-2.50", None]),
        ("id::double / 2", [0.5, 1.0, 1.5]),
        ("\"order by\" || '''; DROP TABLE x; --'", [f"{one}'; DROP TABLE x; --" for one in "qrs"]),
        ("1 -- a comment", [1, 1, 1]),
    ],
)
def test_an_expression_means_what_it_means_in_sql(expression, values):
    expected = pl.Series("new", values, dtype=made(expression).dtype)
    assert made(expression).equals(expected, null_equal=True), made(expression)


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("prise * 2", "There is no column 'prise'; there are: id, low"),
        ("ID + 1", "There is no column 'ID'"),
        ("name + 1", r"\+ needs numbers, and one of its values is String"),
        ("name > id", "do not go together"),
        ("id = 'x'", "'x' cannot be compared"),
        ("is_new and id", "A condition is true or false, and this is Int64"),
        ("upper(id)", "upper needs a text, not Int64"),
        ("ratio || 'x'", "use strftime for times"),
        ("cast(name as integer)", "the steps cast and parse_date"),
        ("cast(price as decimal(10, 1))", "would cut off"),
        ("year(name)", "year needs a date"),
        ("left(name, id)", "needs a whole number that is written out"),
        ("round(price, 1)", "take floats"),
        ("99999999999999999999 + 1", "no number of 64 bits"),
    ],
)
def test_what_does_not_go_with_the_columns_is_told(expression, told):
    with pytest.raises(ConfigError, match=told):
        made(expression)


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("", "from 1 to 20,000 characters"),
        ("1 +", "No SQL: syntax error at end of input"),
        ("id) from x; select (1", "one expression|No SQL"),
        ("1; select 2", "one expression"),
        ("1, 2", "one expression"),
        ("1 from input", "one expression"),
        ("1 where true", "one expression"),
        ("id union select 1", "one expression"),
        ("read_text('/etc/passwd')", "Unknown function 'read_text'; known: abs, ceil"),
        ("getenv('HOME')", "Unknown function"),
        ("sum(id)", "Unknown function 'sum'"),
        ("sum(id) over ()", "no window"),
        ("(select 1)", "no subquery"),
        ("*", "no star"),
        ("?", "No SQL|no parameter|written"),
        ("id collate nocase", "no collate"),
        ("round(" * 12 + "ratio" + ")" * 12, "too big once it is spelled out"),
        ("id / (" * 20 + "id" + ")" * 20, "too big once it is spelled out"),
        ("(" * 200 + "1" + ")" * 200 + "+ abs(" * 120 + "1" + ")" * 120, "nested too deeply"),
    ],
)
def test_what_is_no_expression_is_refused_when_it_is_saved(expression, told):
    with pytest.raises(ConfigError, match=told):
        run("add_column", {"name": "new", "expression": expression}, ROWS)


def test_a_sum_that_64_bits_do_not_hold_is_refused():
    big = pl.DataFrame({"id": [2**62, 1]})
    with pytest.raises(Exception, match=r"out of range|conversion from `i128`"):
        run("add_column", {"name": "new", "expression": "id * 4"}, big)


@pytest.mark.parametrize(
    ("config", "values"),
    [
        ({"name": "new", "value": "x"}, ["x"] * 3),
        ({"name": "new", "value": 7}, [7] * 3),
        ({"name": "new", "value": False}, [False] * 3),
        ({"name": "new", "value": "2026-01-31", "type": "date"}, [date(2026, 1, 31)] * 3),
        ({"name": "new", "value": "1.5", "type": "decimal(10, 2)"}, [Decimal("1.50")] * 3),
        ({"name": "new", "value": "id + 1", "from_expression": True}, [2, 3, 4]),
        ({"name": "new", "from_expression": "id + 1"}, [2, 3, 4]),
    ],
)
def test_a_constant_is_the_same_in_each_row(config, values):
    assert run("add_column", config, ROWS)["new"].to_list() == values


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"name": "id", "value": 1}, "There is a column 'id' already"),
        ({"name": "Id", "value": 1}, "There is a column 'id' already"),
        ({"name": "new"}, "give a value, or an expression"),
        ({"name": "new", "value": [1]}, "a value is a text"),
        ({"name": "new", "value": "x", "type": "date"}, "which is Date"),
        ({"name": "new", "value": 1, "type": "money"}, "unknown type 'money'; known: text"),
    ],
)
def test_a_column_that_cannot_be_added_is_refused(config, told):
    with pytest.raises(ConfigError, match=told):
        run("add_column", config, ROWS)


def test_a_column_is_replaced_in_its_place_where_that_is_said():
    found = run("add_column", {"name": "low", "expression": "id * 10", "replace": True}, ROWS)
    assert found.columns == ROWS.columns
    assert found["low"].to_list() == [10, 20, 30]

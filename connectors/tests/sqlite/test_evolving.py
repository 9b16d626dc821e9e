"""Columns of a SQLite table that grow with a load, which makes a table anew to widen them."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from connectors.errors import ConfigError
from connectors.tests.sqlite.database import PEOPLE, run_sql

WIDE = pl.DataFrame({"id": [2**63]}, schema={"id": pl.UInt64})


def grow(system, rows=WIDE, **options):
    system.load(rows, table="t", evolve=True, **options)


def test_indexes_triggers_and_views_stay_where_a_column_is_widened(system):
    system.load(PEOPLE, table="t")
    run_sql(
        system,
        "CREATE INDEX by_name ON t (name)",
        "CREATE VIEW v AS SELECT count(*) AS n FROM t",
        "CREATE TABLE told (n)",
        "CREATE TRIGGER tell AFTER INSERT ON t BEGIN INSERT INTO told VALUES (new.id); END",
    )
    grow(system)
    assert run_sql(system, "SELECT n FROM v") == [(4,)]
    assert run_sql(system, "SELECT n FROM told") == [("9223372036854775808",)]
    left = "SELECT name FROM sqlite_master WHERE tbl_name = 't' ORDER BY name"
    assert run_sql(system, left) == [("by_name",), ("t",), ("tell",)]
    assert system.read(table="t")["id"].to_list() == [1, 2, 3, 2**63]


def test_a_table_with_rules_lets_columns_join_and_is_not_made_anew(system):
    run_sql(system, 'CREATE TABLE t (id INTEGER PRIMARY KEY, "check" TEXT)')
    grow(system, pl.DataFrame({"id": [1], "city": ["Bonn"]}))
    with pytest.raises(ConfigError, match=r"'id' of t is too narrow.*PRIMARY.*by hand"):
        grow(system)
    assert run_sql(system, "SELECT * FROM t") == [(1, None, "Bonn")]


def test_words_of_rules_in_names_are_no_rules(system):
    run_sql(system, 'CREATE TABLE t (id INTEGER, "check" TEXT, `unique` TEXT, [primary] TEXT)')
    grow(system)
    assert system.read(table="t").columns == ["id", "check", "unique", "primary"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (dt.date(2026, 1, 2), dt.datetime(2026, 1, 2, 3, 4, 5, 6)),
        (Decimal("-1.5"), Decimal("1.00001")),
        (7, Decimal("1.25")),
    ],
)
def test_old_values_are_written_as_the_wider_type_is(system, old, new):
    sizes = {"v": pl.Decimal(9, -new.as_tuple().exponent)} if isinstance(new, Decimal) else {}
    narrow = {"v": pl.Decimal(6, 1)} if isinstance(old, Decimal) else {}
    system.load(pl.DataFrame({"v": [old, None]}, schema_overrides=narrow), table="t")
    grow(system, pl.DataFrame({"v": [new]}, schema_overrides=sizes))
    found = system.read(table="t")["v"].to_list()
    expected = dt.datetime(2026, 1, 2) if isinstance(old, dt.date) else old
    assert found == [expected, None, new]


def test_milliseconds_become_microseconds_with_and_without_a_zone(system):
    moment = dt.datetime(2026, 1, 2, 3, 4, 5, 678_000)
    narrow = {"plain": pl.Datetime("ms"), "zoned": pl.Datetime("ms", "UTC")}
    wide = {"plain": pl.Datetime("us"), "zoned": pl.Datetime("us", "UTC")}
    rows = pl.DataFrame({"plain": [moment], "zoned": [moment]})
    zoned = rows.with_columns(pl.col("zoned").dt.replace_time_zone("UTC"))
    system.load(zoned.cast(narrow), table="t")
    grow(system, zoned.cast(wide))
    assert system.read(table="t").rows() == zoned.rows() * 2
    assert len(run_sql(system, "SELECT DISTINCT plain, zoned FROM t")) == 1


@pytest.mark.parametrize("narrow", [pl.Int32(), pl.Decimal(6, 1)])
def test_narrower_rows_are_written_as_the_column_is(system, narrow):
    wide = pl.DataFrame({"v": ["1.25"]}).cast(pl.Decimal(12, 2))
    system.load(wide, table="t")
    system.load(pl.DataFrame({"v": [5]}).cast(narrow), table="t")
    system.load(pl.DataFrame({"v": [5]}).cast(narrow), table="t", mode="upsert", key=["v"])
    found = system.read(table="t")
    assert found.schema == wide.schema
    assert found["v"].to_list() == [Decimal("1.25"), Decimal("5.00")]


def test_a_view_as_a_target_and_a_computed_column_are_refused(system):
    run_sql(system, "CREATE VIEW t AS SELECT 1 AS id")
    with pytest.raises(ConfigError, match="t is a view"):
        grow(system)
    run_sql(system, "CREATE TABLE u (id INTEGER, twice INTEGER AS (id * 2))")
    with pytest.raises(ConfigError, match="computes column 'Twice' itself"):
        system.load(pl.DataFrame({"id": [1], "Twice": [2]}), table="u", evolve=True)


def test_more_columns_than_sqlite_holds_are_refused_cleanly(system):
    system.load(pl.DataFrame({f"a{n}": [n] for n in range(1_500)}), table="t")
    with pytest.raises(ConfigError, match="too many columns"):
        grow(system, pl.DataFrame({f"b{n}": [n] for n in range(1_500)}))
    assert len(system.read(table="t").columns) == 1_500

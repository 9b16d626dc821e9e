"""Columns of a DuckDB table that grow with a load: what hangs on them, and what cannot be."""

import polars as pl
import pytest

from connectors.errors import ConfigError
from connectors.tests.duckdb.database import PEOPLE, run_sql

WIDE = pl.DataFrame({"id": [2**40], "city": ["Bonn"]})


def grow(system, rows=WIDE, **options):
    system.load(rows, table="t", evolve=True, **options)


def test_indexes_come_back_where_a_column_is_widened(system):
    run_sql(system, "CREATE TABLE t (id INTEGER, name VARCHAR)")
    run_sql(system, "CREATE INDEX by_name ON t (name)")
    grow(system)
    assert run_sql(system, "SELECT index_name FROM duckdb_indexes()") == [("by_name",)]
    assert run_sql(system, "SELECT * FROM t") == [(2**40, None, "Bonn")]


def test_a_column_with_an_index_of_its_own_is_not_widened(system):
    run_sql(system, "CREATE TABLE t (id INTEGER)")
    run_sql(system, "CREATE UNIQUE INDEX by_id ON t (id)")
    with pytest.raises(ConfigError, match=r"'id' of t is too narrow.*an index depends on it"):
        grow(system)
    assert run_sql(system, "SELECT index_name FROM duckdb_indexes()") == [("by_id",)]
    assert system.read(table="t").columns == ["id"]


def test_a_primary_key_lets_others_join_and_is_not_widened_itself(system):
    run_sql(system, "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR)")
    grow(system, WIDE.with_columns(id=pl.lit(1, pl.Int32)))
    with pytest.raises(ConfigError, match=r"Column 'id' of t is too narrow.*PRIMARY KEY.*by hand"):
        grow(system, WIDE.with_columns(street=pl.lit("x")))
    assert run_sql(system, "SELECT * FROM t") == [(1, None, "Bonn")]


def test_a_view_on_the_table_goes_on(system):
    system.load(PEOPLE.cast({"id": pl.Int32}), table="t")
    run_sql(system, "CREATE VIEW v AS SELECT id, name FROM t")
    grow(system)
    assert run_sql(system, "SELECT max(id) FROM t") == [(2**40,)]


def test_a_view_as_a_target_and_a_computed_column_are_refused(system):
    run_sql(system, "CREATE VIEW t AS SELECT 1 AS id")
    with pytest.raises(ConfigError, match="t is a view"):
        grow(system)
    run_sql(system, "CREATE TABLE u (id BIGINT, city VARCHAR GENERATED ALWAYS AS ('x'))")
    with pytest.raises(ConfigError, match="generated column"):
        system.load(WIDE, table="u", evolve=True)


def test_an_enum_becomes_text_for_other_words(system):
    run_sql(system, "CREATE TYPE size AS ENUM ('s', 'm'); CREATE TABLE t (size size)")
    run_sql(system, "INSERT INTO t VALUES ('m')")
    grow(system, pl.DataFrame({"size": ["huge"]}))
    assert run_sql(system, "SELECT size FROM t") == [("m",), ("huge",)]


def test_names_that_differ_in_case_only_are_one(system):
    system.load(PEOPLE, table="t")
    grow(system, pl.DataFrame({"ID": [4], "Name": ["Eve"]}))
    assert system.read(table="t").columns == ["id", "name"]

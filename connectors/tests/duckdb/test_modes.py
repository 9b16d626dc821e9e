"""What each write mode does to the rows, indexes and views that are there."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connectors.errors import ConfigError, DataError
from connectors.tests.duckdb.database import PEOPLE, run_sql


def test_append_adds_and_replace_swaps_rows_and_columns(system):
    system.load(PEOPLE, table="t")
    system.load(PEOPLE, table="t")
    assert system.read(table="t").height == 6
    cities = pl.DataFrame({"city": ["Graz"]})
    system.load(cities, table="t", mode="replace")
    assert_frame_equal(system.read(table="t"), cities)


def test_error_refuses_a_table_that_exists(system):
    system.load(PEOPLE, table="t", mode="error")
    with pytest.raises(ConfigError, match=r"^T exists already") as caught:
        system.load(PEOPLE, table="T", mode="error")
    assert caught.value.field == "mode"


def test_upsert_changes_known_rows_and_the_last_of_equal_keys_wins(system):
    run_sql(
        system, "CREATE TABLE t (id BIGINT PRIMARY KEY, name VARCHAR, tags VARCHAR[] DEFAULT [])"
    )
    system.load(PEOPLE, table="t")
    many = pl.DataFrame({"id": [2] * 300_000 + [9], "name": [f"{n}" for n in range(300_001)]})
    assert system.load(many, table="t", mode="upsert", key=["id"]).rows == 300_001
    assert run_sql(system, "FROM t ORDER BY id") == [
        (1, "Ada", []), (2, "299999", []), (3, None, []), (9, "300000", []),
    ]  # fmt: skip
    assert set(system.discover()) == {"t"}


def test_upsert_into_nothing_makes_the_table(system):
    system.load(PEOPLE, table="t", mode="upsert", key=["id"])
    assert_frame_equal(system.read(table="t").sort("id"), PEOPLE)


def test_upsert_of_key_columns_only_adds_what_is_missing(system):
    keys = PEOPLE.select("id")
    for _ in range(2):
        system.load(keys, table="t", mode="upsert", key=["id"])
    assert_frame_equal(system.read(table="t").sort("id"), keys)


def test_a_key_without_a_value_is_refused(system):
    with pytest.raises(DataError, match="no value in the key name"):
        system.load(PEOPLE, table="t", mode="upsert", key=["name"])
    with pytest.raises(ConfigError, match="key column 'nothing'"):
        system.load(PEOPLE, table="t", mode="upsert", key=["nothing"])


def test_indexes_and_views_of_a_replaced_table_stay(system):
    run_sql(
        system,
        'CREATE SCHEMA s; CREATE TABLE s."t 1" (id INTEGER, old INTEGER); '
        'CREATE INDEX kept ON s."t 1"(id); CREATE INDEX gone ON s."t 1"(old);'
        'CREATE VIEW v AS SELECT id FROM s."t 1"',
    )
    system.load(PEOPLE, table="t 1", schema="s", mode="replace")
    assert run_sql(system, "SELECT index_name FROM duckdb_indexes()") == [("kept",)]
    assert system.read(table="v")["id"].to_list() == [1, 2, 3]


def test_a_unique_index_that_the_new_rows_break_keeps_the_old_rows(system):
    system.load(PEOPLE, table="t")
    run_sql(system, "CREATE UNIQUE INDEX one ON t(id)")
    with pytest.raises(DataError, match="UNIQUE constraint violation"):
        system.load(pl.concat([PEOPLE, PEOPLE]), table="t", mode="replace")
    assert_frame_equal(system.read(table="t"), PEOPLE)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (PEOPLE.with_columns(city=1), "no column 'city'; it has: id, name"),
        (PEOPLE.with_columns(pl.col("id").cast(pl.String)), "'id' of t holds Int64"),
        (PEOPLE.select("name"), "needs a value in column 'id'"),
        (PEOPLE.with_columns(ID=1), "'id' and 'ID' are one name"),
    ],
    ids=["missing", "type", "required", "case"],
)
def test_rows_that_do_not_fit_are_refused_before_any_moves(system, frame, message):
    run_sql(system, "CREATE TABLE t (id BIGINT NOT NULL, name VARCHAR)")
    with pytest.raises(ConfigError, match=message):
        system.load(frame, table="t")


def test_append_fills_a_wider_table_by_name(system):
    run_sql(system, "CREATE TABLE t (extra INTEGER, NAME VARCHAR, ID HUGEINT)")
    system.load(PEOPLE, table="t")
    assert run_sql(system, "FROM t LIMIT 1") == [(None, "Ada", 1)]


def test_a_constraint_that_the_rows_break_is_an_error_of_the_data(system):
    run_sql(system, "CREATE TABLE t (id BIGINT CHECK (id < 3), name VARCHAR)")
    with pytest.raises(DataError, match="CHECK"):
        system.load(PEOPLE, table="t")
    assert system.read(table="t").height == 0


def test_a_view_cannot_be_written(system):
    run_sql(system, "CREATE VIEW v AS SELECT 1 AS id")
    for mode in ("append", "replace"):
        with pytest.raises(ConfigError, match="is a view"):
            system.load(PEOPLE, table="v", mode=mode)

"""What each write mode does to the rows, indexes, triggers and views that are there."""

from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connectors.errors import ConfigError, DataError
from connectors.tests.sqlite.database import PEOPLE, run_sql


def test_append_adds_and_replace_swaps_rows_and_columns(system):
    for _ in range(2):
        system.load(PEOPLE, table="t")
    assert system.read(table="t").height == 6
    cities = pl.DataFrame({"city": ["Graz"]})
    system.load(cities, table="t", mode="replace")
    assert_frame_equal(system.read(table="t"), cities)


def test_error_refuses_a_table_that_exists(system):
    system.load(PEOPLE, table="t", mode="error")
    with pytest.raises(ConfigError, match="T exists already") as caught:
        system.load(PEOPLE, table="T", mode="error")
    assert caught.value.field == "mode"


def test_upsert_changes_known_rows_and_the_last_of_equal_keys_wins(system):
    run_sql(system, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, kept TEXT DEFAULT 'k')")
    system.load(PEOPLE, table="t")
    many = pl.DataFrame({"id": [2] * 120_000 + [9], "name": [f"{n}" for n in range(120_001)]})
    assert system.load(many, table="t", mode="upsert", key=["id"]).rows == 120_001
    assert run_sql(system, "SELECT * FROM t ORDER BY id") == [
        (1, "Ada", "k"), (2, "119999", "k"), (3, None, "k"), (9, "120000", "k"),
    ]  # fmt: skip


def test_upsert_works_without_an_index_and_into_nothing(system):
    for _ in range(2):
        system.load(PEOPLE, table="t", mode="upsert", key=["id"])
        system.load(PEOPLE.select("id"), table="keys", mode="upsert", key=["id"])
    assert_frame_equal(system.read(table="t").sort("id"), PEOPLE)
    assert system.read(table="keys").height == 3


def test_a_key_without_a_value_is_refused(system):
    with pytest.raises(DataError, match="no value in the key name"):
        system.load(PEOPLE, table="t", mode="upsert", key=["name"])
    with pytest.raises(ConfigError, match="key column 'nothing'"):
        system.load(PEOPLE, table="t", mode="upsert", key=["nothing"])


def test_indexes_triggers_and_views_of_a_replaced_table_stay(system):
    run_sql(
        system,
        'CREATE TABLE "t 1" (id INTEGER, old INTEGER)',
        "CREATE TABLE log (id INTEGER)",
        'CREATE INDEX kept ON "t 1" (id)',
        'CREATE INDEX gone ON "t 1" (old)',
        'CREATE TRIGGER noted AFTER INSERT ON "t 1" BEGIN INSERT INTO log VALUES (new.id); END',
        'CREATE VIEW v AS SELECT id FROM "t 1"',
    )
    system.load(PEOPLE, table="t 1", mode="replace")
    found = run_sql(system, "SELECT name FROM sqlite_master WHERE tbl_name = 't 1' ORDER BY name")
    assert found == [("kept",), ("noted",), ("t 1",)]
    assert system.read(table="v")["id"].to_list() == [1, 2, 3]
    assert system.read(table="log").height == 0


def test_a_unique_index_that_the_new_rows_break_keeps_the_old_rows(system):
    system.load(PEOPLE, table="t")
    run_sql(system, "CREATE UNIQUE INDEX one ON t(id)")
    for mode in ("replace", "append"):
        with pytest.raises(DataError, match=r"UNIQUE constraint failed: t\.id"):
            system.load(pl.concat([PEOPLE, PEOPLE]), table="t", mode=mode)
    assert_frame_equal(system.read(table="t"), PEOPLE)


@pytest.mark.parametrize(
    ("columns", "frame", "message"),
    [
        ("id INTEGER", PEOPLE, "no column 'name'; it has: id"),
        ("id REAL, name TEXT", PEOPLE, "'id' of t holds Float64"),
        ("id TEXT, name TEXT", PEOPLE, "'id' of t holds String"),
        ("id INTEGER, name NUMERIC", PEOPLE, "'name' of t holds Int64 and the rows bring String"),
        ("id INTEGER, name TEXT, x TEXT NOT NULL", PEOPLE, "needs a value in column 'x'"),
        ("id INTEGER, name AS (1)", PEOPLE, "no column 'name'"),
        ("x DECIMAL(10,2)", pl.DataFrame({"x": [Decimal("1.1")]}), "holds Int64"),
        ("x TIMESTAMP", pl.DataFrame({"x": [0]}).cast(pl.Datetime("ns")), "holds Datetime"),
        ("id INTEGER", PEOPLE.with_columns(ID=1), "'id' and 'ID' are one name"),
    ],
)
def test_rows_that_do_not_fit_are_refused_before_any_moves(system, columns, frame, message):
    run_sql(system, f"CREATE TABLE t ({columns})")
    with pytest.raises(ConfigError, match=message):
        system.load(frame, table="t")


def test_append_fills_a_wider_table_by_name(system):
    run_sql(system, "CREATE TABLE t (number INTEGER PRIMARY KEY NOT NULL, NAME VARCHAR, ID)")
    system.load(PEOPLE, table="t")
    assert run_sql(system, "SELECT * FROM t LIMIT 1") == [(1, "Ada", 1)]


def test_a_view_cannot_be_written(system):
    run_sql(system, "CREATE VIEW v AS SELECT 1 AS id")
    for mode in ("append", "replace"):
        with pytest.raises(ConfigError, match="is a view"):
            system.load(PEOPLE, table="v", mode=mode)

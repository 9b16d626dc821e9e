"""Replacing a table of PostgreSQL: what hangs on it stays, or the load is refused."""

import uuid

import polars as pl
import pytest

from connectors.errors import ConfigError, DataError

OLD = pl.DataFrame({"id": [1, 2], "name": ["one", "two"]})
NEW = pl.DataFrame({"id": [2, 3], "name": ["TWO", None]})


def test_a_replaced_table_keeps_its_grants_and_owner(system, sql, rows_of):
    role = f"reader_{uuid.uuid4().hex[:8]}"
    sql.execute(f"CREATE ROLE {role}")
    try:
        system.load(OLD, table="t", mode="replace")
        sql.execute(f"GRANT SELECT ON t TO {role}; GRANT UPDATE (name) ON t TO {role}")
        sql.execute("GRANT SELECT ON t TO PUBLIC")
        system.load(NEW.with_columns(more=pl.lit(1)), table="t", mode="replace")
        asked = f"has_table_privilege('{role}', 't', 'SELECT')"
        column = f"has_column_privilege('{role}', 't', 'name', 'UPDATE')"
        assert rows_of(f"SELECT {asked}, {column}") == [[True, True]]
        assert rows_of("SELECT relacl::text ~ '=r/' FROM pg_class WHERE relname = 't'") == [[True]]
    finally:
        sql.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_a_replaced_table_keeps_what_hangs_on_it_where_the_columns_stay(system, sql, rows_of):
    sql.execute("CREATE TABLE t (id bigint PRIMARY KEY, name varchar(5) NOT NULL DEFAULT 'x')")
    sql.execute("CREATE VIEW v AS SELECT * FROM t")
    system.load(OLD, table="t", mode="replace")
    assert rows_of("SELECT * FROM v") == [[1, "one"], [2, "two"]]
    assert system.discover()["t"].key == ("id",)
    with pytest.raises(DataError, match="null value"):
        system.load(NEW, table="t", mode="replace")
    assert rows_of("SELECT * FROM v") == [[1, "one"], [2, "two"]]


def test_a_table_with_a_view_cannot_be_replaced_by_other_columns(system, sql, rows_of):
    system.load(OLD, table="t", mode="replace")
    sql.execute("CREATE VIEW v AS SELECT * FROM t")
    with pytest.raises(ConfigError, match="view v depends on table t"):
        system.load(NEW.with_columns(more=pl.lit(1)), table="t", mode="replace")
    assert rows_of("SELECT count(*) FROM v") == [[2]]


def test_a_table_that_other_rows_refer_to_cannot_be_emptied(system, sql, rows_of):
    sql.execute("CREATE TABLE t (id bigint PRIMARY KEY, name text)")
    sql.execute("CREATE TABLE child (id bigint REFERENCES t ON DELETE CASCADE)")
    with pytest.raises(ConfigError, match=r"child.*upsert"):
        system.load(OLD, table="t", mode="replace")
    system.load(OLD, table="t", mode="upsert", key=["id"])
    assert rows_of("SELECT count(*) FROM t") == [[2]]


def test_a_partitioned_table_is_filled_and_never_dropped(system, sql, rows_of):
    sql.execute("CREATE TABLE t (id bigint, name text) PARTITION BY RANGE (id)")
    sql.execute("CREATE TABLE t_a PARTITION OF t FOR VALUES FROM (0) TO (2)")
    sql.execute("CREATE TABLE t_b PARTITION OF t DEFAULT")
    system.load(OLD, table="t", mode="append")
    system.load(NEW, table="t", mode="replace")
    assert rows_of("SELECT * FROM t_b ORDER BY id") == [[2, "TWO"], [3, None]]
    assert rows_of("SELECT * FROM t_a") == []
    with pytest.raises(ConfigError, match="partitions"):
        system.load(NEW.select("id"), table="t", mode="replace")
    with pytest.raises(ConfigError, match="partitions"):
        system.load(NEW.select("id"), table="t_a", mode="replace")

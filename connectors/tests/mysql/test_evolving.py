"""Columns of a MySQL table that grow by one ALTER TABLE before the rows: what stays, what cannot be."""

import uuid

import polars as pl
import pytest

from connectors.errors import ConfigError, DataError, LeaseLost

WIDE = pl.DataFrame({"id": [2**40], "city": ["Bönn 🚀"]})


def grow(system, rows=WIDE, **options):
    system.load(rows, table="t", evolve=True, **options)


def types_of(sql):
    found = sql(
        "SELECT COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS "
        "WHERE TABLE_SCHEMA = database() AND TABLE_NAME = 't' ORDER BY ORDINAL_POSITION"
    )
    return dict(found)


def test_all_that_is_said_of_a_column_stays_where_it_is_widened(system, sql):
    sql(
        "CREATE TABLE t (id INT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'a, `b`' PRIMARY KEY, "
        "n SMALLINT NOT NULL DEFAULT 5, KEY (n)) CHARACTER SET latin1"
    )
    grow(system, mode="upsert", key=["id"])
    grow(system, pl.DataFrame({"id": [1], "n": [70_000]}), mode="upsert", key=["id"])
    assert types_of(sql) == {"id": "bigint(20)", "n": "bigint(20)", "city": "longtext"}
    [[_, told]] = sql("SHOW CREATE TABLE t")
    assert "`id` bigint(20) NOT NULL AUTO_INCREMENT COMMENT 'a, `b`'" in told
    assert "`n` bigint(20) NOT NULL DEFAULT 5" in told
    assert sql("SELECT * FROM t ORDER BY id") == [[1, 70_000, None], [2**40, 5, "Bönn 🚀"]]


def test_texts_and_bytes_that_are_longer_get_room(system, sql):
    sql(
        "CREATE TABLE t (a VARCHAR(3) CHARACTER SET latin1, b TINYTEXT, c VARBINARY(2), "
        "d VARCHAR(3), e VARCHAR(9), KEY (d))"
    )
    rows = {"a": ["12345"], "b": ["x" * 300], "c": [b"123"], "d": ["1234"], "e": ["123456789"]}
    grow(system, pl.DataFrame(rows))
    assert types_of(sql) == {
        "a": "longtext",
        "b": "longtext",
        "c": "longblob",
        "d": "varchar(4)",
        "e": "varchar(9)",
    }
    assert sql("SELECT * FROM t") == [[value[0] for value in rows.values()]]


def test_three_bytes_floats_and_digits_of_seconds_are_widened(system, sql):
    sql("CREATE TABLE t (m MEDIUMINT, f FLOAT, at DATETIME, d DATE, p DECIMAL(6,2))")
    sql("INSERT INTO t VALUES (-8388608, 0.25, '2026-01-02 03:04:05', '2026-01-02', 1234.56)")
    moment = pl.datetime(2026, 1, 2, 3, 4, 5, 678_901)
    rows = pl.select(
        m=pl.lit(2**31 - 1, pl.Int32),
        f=pl.lit(1e300),
        at=moment,
        d=moment,
        p=pl.lit("1.00001").cast(pl.Decimal(9, 5)),
    )
    grow(system, rows)
    assert types_of(sql) == {
        "m": "int(11)",
        "f": "double",
        "at": "datetime(6)",
        "d": "datetime(6)",
        "p": "decimal(9,5)",
    }
    shown = sql("SELECT m, f, CAST(at AS CHAR), CAST(d AS CHAR), CAST(p AS CHAR) FROM t ORDER BY m")
    assert shown == [
        [-8388608, 0.25, "2026-01-02 03:04:05.000000", "2026-01-02 00:00:00.000000", "1234.56000"],
        [2**31 - 1, 1e300, *["2026-01-02 03:04:05.678901"] * 2, "1.00001"],
    ]


def test_a_view_a_computed_and_a_required_column_are_refused(system, sql):
    sql("CREATE VIEW t AS SELECT 1 AS id")
    with pytest.raises(ConfigError, match="t is a view"):
        grow(system)
    sql("CREATE TABLE u (id BIGINT, city TEXT AS ('x'))")
    with pytest.raises(ConfigError, match="computes column 'city' itself"):
        system.load(WIDE, table="u", evolve=True)
    sql("CREATE TABLE w (id BIGINT, name TEXT NOT NULL)")
    with pytest.raises(ConfigError, match="needs a value in column 'name'"):
        system.load(WIDE, table="w", evolve=True)


def test_what_the_server_refuses_to_change_is_told_and_nothing_moves(system, sql):
    sql(
        "CREATE TABLE t (id INT PRIMARY KEY)",
        "CREATE TABLE u (t INT, FOREIGN KEY (t) REFERENCES t (id))",
    )
    with pytest.raises(ConfigError, match=r"t cannot grow for city, id: .*by hand"):
        grow(system)
    assert types_of(sql) == {"id": "int(11)"}


def test_an_alter_whose_rows_never_came_is_harmless_and_is_not_repeated(system, sql):
    system.load(pl.DataFrame({"id": [1], "name": ["Ada"]}), table="t")
    sql("CREATE TRIGGER stop BEFORE INSERT ON t FOR EACH ROW SIGNAL SQLSTATE '45000'")
    run = str(uuid.uuid4())
    with pytest.raises(DataError):
        grow(system, run=run)
    assert sql("SELECT * FROM t") == [[1, "Ada", None]]
    sql("DROP TRIGGER stop")
    grow(system, run=run)
    assert sql("SELECT id, city FROM t ORDER BY id") == [[1, None], [2**40, "Bönn 🚀"]]


def test_who_lost_the_target_alters_nothing(system, sql):
    system.load(pl.DataFrame({"id": [1]}), table="t")

    def overtake():
        system.load(pl.DataFrame({"id": [2]}), table="t", fence=3, stream="job/2")

    with pytest.raises(LeaseLost):
        grow(system, fence=2, before_commit=overtake)
    assert types_of(sql) == {"id": "bigint(20)"}


def test_names_that_differ_in_case_only_are_one(system, sql):
    system.load(pl.DataFrame({"id": [1], "name": ["a"]}), table="t")
    grow(system, pl.DataFrame({"ID": [2], "Name": ["b"]}))
    assert list(types_of(sql)) == ["id", "name"]

"""Columns of a PostgreSQL table that grow with a load: what hangs on them, and what cannot be."""

import polars as pl
import pytest

from connectors.errors import ConfigError

WIDE = pl.DataFrame({"id": [2**40], "city": ["Bonn"]})


def grow(system, rows=WIDE, **options):
    system.load(rows, table="t", evolve=True, **options)


def types_of(rows_of, table="t"):
    return dict(
        rows_of(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
            f"WHERE attrelid = '{table}'::regclass AND attnum > 0 ORDER BY attnum"
        )
    )


def test_keys_and_indexes_stay_where_a_column_is_widened(system, sql, rows_of):
    sql.execute(
        "CREATE TABLE t (id int PRIMARY KEY, name text DEFAULT 'x'); CREATE INDEX i ON t (name)"
    )
    sql.execute("INSERT INTO t VALUES (1, 'one')")
    grow(system, mode="upsert", key=["id"])
    assert types_of(rows_of) == {"id": "bigint", "name": "text", "city": "text"}
    assert rows_of("SELECT * FROM t ORDER BY id") == [[1, "one", None], [2**40, "x", "Bonn"]]
    assert len(rows_of("SELECT 1 FROM pg_index WHERE indrelid = 't'::regclass")) == 2


def test_a_text_with_an_end_becomes_text_where_a_value_is_longer(system, sql, rows_of):
    sql.execute("CREATE TABLE t (id bigint, short varchar(3), long varchar(9))")
    rows = pl.DataFrame({"id": [1], "short": ["12345"], "long": ["123456789"]})
    grow(system, rows)
    assert types_of(rows_of) == {"id": "bigint", "short": "text", "long": "character varying(9)"}
    assert rows_of("SELECT * FROM t") == [[1, "12345", "123456789"]]


def test_digits_of_numbers_and_seconds_are_not_rounded(system, sql, rows_of):
    sql.execute("CREATE TABLE t (n numeric(6,2), at timestamp(0), r real)")
    sql.execute("INSERT INTO t VALUES (1234.56, '2026-01-02 03:04:05', 0.1)")
    rows = pl.select(
        n=pl.lit("1.00001").cast(pl.Decimal(9, 5)),
        at=pl.datetime(2026, 1, 2, 3, 4, 5, 678_901),
        r=pl.lit(0.1),
    )
    grow(system, rows)
    assert types_of(rows_of) == {
        "n": "numeric(9,5)",
        "at": "timestamp without time zone",
        "r": "double precision",
    }
    assert rows_of("SELECT n::text, at::text, r::real::text FROM t ORDER BY n DESC") == [
        ["1234.56000", "2026-01-02 03:04:05", "0.1"],
        ["1.00001", "2026-01-02 03:04:05.678901", "0.1"],
    ]


def test_a_view_on_a_column_that_is_too_narrow_is_named(system, sql, rows_of):
    sql.execute("CREATE TABLE t (id int); CREATE VIEW v AS SELECT id FROM t")
    with pytest.raises(ConfigError, match=r"t cannot grow for city, id.*used by a view.*by hand"):
        grow(system)
    grow(system, WIDE.with_columns(id=pl.lit(1, pl.Int32)))
    assert types_of(rows_of) == {"id": "integer", "city": "text"}


def test_a_view_a_computed_and_a_required_column_are_refused(system, sql):
    sql.execute("CREATE VIEW t AS SELECT 1 AS id")
    with pytest.raises(ConfigError, match="t is a view"):
        grow(system)
    sql.execute("CREATE TABLE u (id bigint, city text GENERATED ALWAYS AS ('x') STORED)")
    with pytest.raises(ConfigError, match="computes column 'city' itself; drop it"):
        system.load(WIDE, table="u", evolve=True)
    sql.execute("CREATE TABLE w (id bigint, name text NOT NULL)")
    with pytest.raises(ConfigError, match=r"needs a value in column 'name'.*default.*NULL.*bring"):
        system.load(WIDE, table="w", evolve=True)


def test_names_that_differ_in_case_are_two_columns(system, rows_of):
    system.load(pl.DataFrame({"id": [1], "name": ["a"]}), table="t")
    grow(system, pl.DataFrame({"id": [2], "Name": ["b"], "select": [1]}))
    assert rows_of("SELECT * FROM t ORDER BY id") == [[1, "a", None, None], [2, None, "b", 1]]


def test_more_columns_than_a_table_has_are_refused_cleanly(system, rows_of):
    system.load(pl.DataFrame({f"a{n}": [n] for n in range(900)}), table="t")
    with pytest.raises(ConfigError, match=r"t cannot grow .*1600 columns"):
        grow(system, pl.DataFrame({f"b{n}": [n] for n in range(900)}))
    assert len(types_of(rows_of)) == 900


def test_a_table_of_somebody_else_is_not_changed(system, sql, rows_of, postgres_url, settings):
    sql.execute("CREATE TABLE t (id bigint)")
    sql.execute("DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN PASSWORD 'guest'")
    sql.execute("GRANT ALL ON SCHEMA public TO guest; GRANT ALL ON t TO guest")
    system.settings |= {"username": "guest", "password": "guest"}
    try:
        with pytest.raises(
            ConfigError, match=r"t cannot grow for city: must be owner.*as its owner"
        ):
            grow(system)
        assert rows_of("SELECT * FROM t") == []
    finally:
        sql.execute("DROP OWNED BY guest CASCADE; DROP ROLE guest")


def test_partitions_grow_with_their_table(system, sql, rows_of):
    sql.execute("CREATE TABLE t (id bigint) PARTITION BY RANGE (id)")
    sql.execute("CREATE TABLE t1 PARTITION OF t DEFAULT")
    grow(system)
    assert types_of(rows_of, "t1") == {"id": "bigint", "city": "text"}

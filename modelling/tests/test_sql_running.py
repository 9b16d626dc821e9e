"""Scripts of a model run on real databases, and the databases then hold to what the model says."""

import sqlite3

import duckdb
import psycopg
import pytest
from pymysql.constants import CLIENT

from modelling.formats import sql
from modelling.tests.test_sql import SHOP
from tests.servers.mysql import connect


def test_a_script_runs_on_sqlite():
    with sqlite3.connect(":memory:") as database:
        database.execute("PRAGMA foreign_keys=ON")
        database.executescript(sql.render(sql.parse(SHOP).document, dialect="sqlite"))
        database.execute("INSERT INTO customers (email) VALUES ('a')")
        assert database.execute("SELECT id, country FROM customers").fetchall() == [(1, "DE")]
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            database.execute("INSERT INTO notes VALUES (1, 2, 'x')")
    database.close()


def test_a_script_runs_on_duckdb():
    with duckdb.connect() as database:
        text = sql.render(sql.parse(SHOP.replace("public.", "")).document, dialect="duckdb")
        database.execute(text)
        told = database.execute("SELECT comment FROM duckdb_columns() WHERE column_name = 'born'")
        assert told.fetchall() == [("It's a date",)]
        with pytest.raises(duckdb.ConstraintException):
            database.execute("INSERT INTO notes VALUES (1, 2, 'x')")


def test_a_script_runs_on_postgresql(postgres_url):
    with psycopg.connect(postgres_url, autocommit=True) as database:
        database.execute(sql.render(sql.parse(SHOP).document).encode())
        keys = database.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND confrelid = 'customers'::regclass"
        )
        assert keys.fetchall() == [("bought_by",)]


def test_a_script_runs_on_mariadb(mysql_url):
    text = sql.render(sql.parse(SHOP.replace("public.", "")).document, dialect="mysql")
    database = connect(mysql_url, client_flag=CLIENT.MULTI_STATEMENTS)
    with database, database.cursor() as cursor:
        cursor.execute(text)
        while cursor.nextset():
            pass
        cursor.execute("SHOW CREATE TABLE order_lines")
        made = cursor.fetchone()[1]
    assert (
        "CONSTRAINT `bought_by` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`)" in made
    )
    assert "CHECK (`price` >= 0)" in made

"""Every SQL system that can be read along a cursor, with what people write in its own words."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import duckdb
import psycopg
import pytest

from connectors.library.duckdb import Duckdb
from connectors.library.mysql import MySQL
from connectors.library.postgres import Postgres
from connectors.library.sqlite import Sqlite
from connectors.sql import scanning
from connectors.tests.loads import System, access_to
from connectors.tests.postgres.conftest import settings_of
from tests.servers.mysql import connect

# The types of the columns that the tests speak of, by system.
TYPES = {
    "postgres": {
        "whole": "bigint",
        "number": "numeric(20,4)",
        "date": "date",
        "moment": "timestamp",
        "zoned": "timestamptz",
        "text": "text",
        "uuid": "uuid",
        "flag": "boolean",
        "real": "double precision",
    },
    "mysql": {
        "whole": "bigint",
        "number": "decimal(20,4)",
        "date": "date",
        "moment": "datetime(6)",
        "text": "varchar(40) CHARACTER SET utf8mb4",
        "uuid": "char(36)",
        "flag": "boolean",
        "real": "double",
    },
    "sqlite": {
        "whole": "INTEGER",
        "number": "DECIMAL_TEXT(20,4)",
        "date": "DATE",
        "moment": "TIMESTAMP",
        "nanos": "TIMESTAMP_NS",
        "text": "TEXT",
        "uuid": "TEXT",
        "flag": "BOOLEAN",
        "real": "REAL",
    },
    "duckdb": {
        "whole": "BIGINT",
        "number": "DECIMAL(20,4)",
        "date": "DATE",
        "moment": "TIMESTAMP",
        "nanos": "TIMESTAMP_NS",
        "zoned": "TIMESTAMPTZ",
        "text": "VARCHAR",
        "uuid": "UUID",
        "flag": "BOOLEAN",
        "real": "DOUBLE",
    },
}


@dataclass
class Shop:
    """A database with a table `t`, read run after run into a destination that only appends."""

    name: str
    system: System
    run: Callable[[str], None]
    options: dict[str, Any] = field(default_factory=dict)
    state: Any = None
    arrived: list[int] = field(default_factory=list)

    def make(self, **columns: str) -> None:
        """Make the table anew, with a number for each row first; kinds are those of TYPES."""
        listed = ", ".join(f"{name} {TYPES[self.name][kind]}" for name, kind in columns.items())
        self.run("DROP TABLE IF EXISTS t")
        self.run(f"CREATE TABLE t (id {TYPES[self.name]['whole']}, {listed})")
        self.state, self.arrived = None, []

    def insert(self, *rows: tuple[Any, ...]) -> None:
        """Insert rows; None is NULL, numbers are numbers and anything else is text."""
        listed = ", ".join(f"({', '.join(map(literal, row))})" for row in rows)
        self.run(f"INSERT INTO t VALUES {listed}")

    def sync(self, **options: Any) -> list[int]:
        """Read what is new, and return the numbers of the rows in order."""
        said = {"table": "t", **self.options, **options}
        found, state = self.system.read_on(self.state, **said)
        self.state = json.loads(json.dumps(state))
        came = sorted(found["id"].to_list())
        self.arrived += came
        return came


def literal(value: Any) -> str:
    """Return a value in SQL, which is the same for all of these systems."""
    if value is None:
        return "NULL"
    if isinstance(value, int | float):
        return str(value)
    return "'" + value.replace("'", "''") + "'"


@pytest.fixture(params=list(TYPES))
def shop(request, tmp_path):
    """One of the systems, real."""
    maker = {"postgres": on_postgres, "mysql": on_mysql, "sqlite": on_sqlite, "duckdb": on_duckdb}
    return maker[request.param](request, access_to(tmp_path))


def on_postgres(request, access) -> Shop:
    url = request.getfixturevalue("postgres_url")
    connection = psycopg.connect(url, autocommit=True)
    request.addfinalizer(connection.close)
    system = System(Postgres, access, **settings_of(url))
    return Shop("postgres", system, connection.execute)


def on_mysql(request, access) -> Shop:
    url = request.getfixturevalue("mysql_url")
    connection = connect(url)
    request.addfinalizer(connection.close)
    # What a backslash means is left to the standard, as in the other systems.
    connection.cursor().execute("SET sql_mode = 'NO_BACKSLASH_ESCAPES,ALLOW_INVALID_DATES'")
    system = System(MySQL, access, **settings_of(url))
    return Shop("mysql", system, lambda sql: connection.cursor().execute(sql))


def on_sqlite(_request, access) -> Shop:
    def run(sql: str) -> None:
        with closing(sqlite3.connect(access.base / "a.db")) as connection, connection:
            connection.execute(sql)

    return Shop("sqlite", System(Sqlite, access, path="a.db"), run)


def on_duckdb(_request, access) -> Shop:
    def run(sql: str) -> None:
        with duckdb.connect(str(access.base / "a.db")) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(sql)

    return Shop("duckdb", System(Duckdb, access, db_path="a.db"), run)


@pytest.fixture
def shipped(monkeypatch):
    """Count the rows that a database handed out, before they are filtered again."""
    count = [0]
    judging = scanning.judging

    def counted(config, schema):
        judge = judging(config, schema)

        def passing(batches):
            for batch in batches:
                count[0] += batch.height
                yield batch

        return lambda batches: judge(passing(batches))

    monkeypatch.setattr(scanning, "judging", counted)
    return count

"""The rows of these tests, and SQL that is run without the connector."""

import sqlite3
from contextlib import closing

import polars as pl

PEOPLE = pl.DataFrame({"id": [1, 2, 3], "name": ["Ada", "", None]})


def run_sql(system, *statements):
    with closing(sqlite3.connect(system.access.base / "a.sqlite3")) as connection, connection:
        for statement in statements:
            rows = connection.execute(statement).fetchall()
    return rows

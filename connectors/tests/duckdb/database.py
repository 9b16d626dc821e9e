"""The rows of these tests, and SQL that is run without the connector."""

import duckdb
import polars as pl

PEOPLE = pl.DataFrame({"id": [1, 2, 3], "name": ["Ada", "", None]})


def run_sql(system, sql):
    with duckdb.connect(str(system.access.base / "a.duckdb")) as connection:
        return connection.execute(sql).fetchall()

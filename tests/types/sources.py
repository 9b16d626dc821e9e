"""A table of each source system with one column per case, made by others than our connectors."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import deltalake
import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet
import pymongo
import pytest
import xlsxwriter
from pyiceberg.catalog.sql import SqlCatalog

from connectors.tests.mysql.conftest import settings_of
from tests.servers.mysql import connect
from tests.types.cases import (
    Case,
    csv,
    excel,
    json,
    lakes,
    mongodb,
    mysql,
    parquet,
    postgres,
    sqlite,
)
from tests.types.cases import duckdb as duckdb_cases


@dataclass(frozen=True)
class Origin:
    """A source: how its connector reaches it, what reads its table, and the columns in it."""

    name: str
    settings: dict[str, Any]
    options: dict[str, Any]


CASES: dict[str, list[Case]] = {
    "arrow": parquet.CASES,
    "csv": csv.CASES,
    "delta": lakes.cases_of(lakes.SHARED + lakes.ONLY_DELTA),
    "duckdb": duckdb_cases.CASES,
    "excel": excel.CASES,
    "iceberg": lakes.cases_of(lakes.SHARED + lakes.ONLY_ICEBERG),
    "json": json.CASES,
    "mongodb": mongodb.CASES,
    "mysql": mysql.CASES,
    "parquet": parquet.CASES,
    "postgres": postgres.CASES,
    "sqlite": sqlite.CASES,
}


def columns_of(source: str) -> dict[str, Case]:
    """Return the cases of a source by the names of their columns."""
    return {f"c{at}": case for at, case in enumerate(CASES[source])}


def _create(cases: Sequence[Case], quote: str = '"') -> tuple[str, str]:
    """Return the columns of a CREATE TABLE, and the values of its first row."""
    columns = ", ".join(f"{quote}c{at}{quote} {case.kind}" for at, case in enumerate(cases))
    return f"id integer, {columns}", ", ".join(["1", *(case.literal for case in cases)])


def make_postgres(url: str) -> Origin:
    """Make the table with psycopg; a value that is refused has a row like the others."""
    columns, values = _create(postgres.CASES)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(postgres.MAKE)
        connection.execute(f"CREATE TABLE t ({columns})")
        connection.execute(f"INSERT INTO t VALUES ({values})")
        connection.execute("INSERT INTO t (id) VALUES (2)")
    return Origin("postgres", settings_of(url), {"table": "t"})


def make_mysql(url: str) -> Origin:
    """Make the table with PyMySQL; it does not hinder zero dates."""
    columns, values = _create(mysql.CASES, "`")
    with closing(connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SET time_zone = '+00:00', sql_mode = 'ALLOW_INVALID_DATES'")
        cursor.execute(f"CREATE TABLE t ({columns}) CHARACTER SET utf8mb4")
        cursor.execute(f"INSERT INTO t VALUES ({values})")
        cursor.execute("INSERT INTO t (id) VALUES (2)")
    return Origin("mysql", settings_of(url), {"table": "t"})


def make_duckdb(folder: Path) -> Origin:
    """Make the table with DuckDB."""
    columns, values = _create(duckdb_cases.CASES)
    with duckdb.connect(str(folder / "source.duckdb")) as connection:
        connection.execute(f"CREATE TABLE t ({columns})")
        connection.execute(f"INSERT INTO t VALUES ({values})")
        connection.execute("INSERT INTO t (id) VALUES (2)")
    return Origin("duckdb", {"db_path": str(folder / "source.duckdb")}, {"table": "t"})


def make_sqlite(folder: Path) -> Origin:
    """Make the table with Python's own driver."""
    columns, values = _create(sqlite.CASES)
    with closing(sqlite3.connect(folder / "source.sqlite3")) as connection, connection:
        connection.execute(f"CREATE TABLE t ({columns})")
        connection.execute(f"INSERT INTO t VALUES ({values})")
        connection.execute("INSERT INTO t (id) VALUES (2)")
    return Origin("sqlite", {"path": str(folder / "source.sqlite3")}, {"table": "t"})


def _arrow(rows: Sequence[tuple[Any, Any, Any, Any]]) -> pa.Table:
    columns = {"id": pa.array([1, 2], pa.int64())}
    for at, (kind, held, *_) in enumerate(rows):
        value = Decimal(held) if pa.types.is_decimal(kind) else held
        columns[f"c{at}"] = pa.array([value, None], kind)
    return pa.table(columns)


def make_parquet(folder: Path) -> Origin:
    """Make the file with pyarrow."""
    pyarrow.parquet.write_table(_arrow(parquet.ARROW), folder / "source.parquet")
    return Origin("parquet", {"path": str(folder / "source.parquet")}, {})


def make_arrow(folder: Path) -> Origin:
    """Make the file with pyarrow."""
    table = _arrow(parquet.ARROW)
    with pa.ipc.new_file(folder / "source.arrow", table.schema) as file:
        file.write_table(table)
    return Origin("arrow", {"path": str(folder / "source.arrow")}, {})


def make_csv(folder: Path) -> Origin:
    """Write the text by hand; an empty field is null."""
    header = ",".join(["id", *(f"c{at}" for at in range(len(csv.CASES)))])
    first = ",".join(["1", *(case.literal for case in csv.CASES)])
    text = f"{header}\n{first}\n2{',' * len(csv.CASES)}\n"
    (folder / "source.csv").write_text(text, encoding="utf-8", newline="")
    return Origin("csv", {"path": str(folder / "source.csv")}, {})


def make_json(folder: Path) -> Origin:
    """Write the text by hand."""
    first = ", ".join(f'"c{at}": {case.literal}' for at, case in enumerate(json.CASES))
    second = ", ".join(f'"c{at}": null' for at in range(len(json.CASES)))
    text = f'{{"id": 1, {first}}}\n{{"id": 2, {second}}}\n'
    (folder / "source.ndjson").write_text(text, encoding="utf-8")
    return Origin("json", {"path": str(folder / "source.ndjson")}, {})


def make_delta(folder: Path) -> Origin:
    """Make the table with deltalake."""
    table = _arrow(lakes.SHARED + lakes.ONLY_DELTA)
    deltalake.write_deltalake(folder / "lake/t", table)
    return Origin("delta", {"path": str(folder / "lake")}, {"table": "t"})


def make_iceberg(folder: Path) -> Origin:
    """Make the table with pyiceberg."""
    table = _arrow(lakes.SHARED + lakes.ONLY_ICEBERG)
    uri = f"sqlite:///{folder / 'source.sqlite3'}"
    catalog = SqlCatalog("millrace", uri=uri, warehouse=f"file://{folder / 'house'}")
    catalog.create_tables()
    catalog.create_namespace("default")
    catalog.create_table("default.t", table.schema).append(table)
    catalog.engine.dispose()
    settings = {"uri": str(folder / "source.sqlite3"), "warehouse": str(folder / "house")}
    return Origin("iceberg", settings, {"table": "t"})


def make_excel(folder: Path) -> Origin:
    """Write the workbook with xlsxwriter."""
    path = folder / "source.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_column(0, 0, ["id", 1, 2])
        write = {
            "number": sheet.write_number,
            "boolean": sheet.write_boolean,
            "string": sheet.write_string,
        }
        for at, (kind, value, shown, *_) in enumerate(excel.CELLS):
            sheet.write_string(0, at + 1, f"c{at}")
            write[kind](1, at + 1, value, book.add_format({"num_format": shown} if shown else {}))
    return Origin("excel", {"path": str(path)}, {})


def make_mongodb(url: str) -> Origin:
    """Make the collection with pymongo."""
    names = [f"c{at}" for at in range(len(mongodb.FIELDS))]
    first = {name: held for name, (_, held, *_) in zip(names, mongodb.FIELDS, strict=True)}
    with pymongo.MongoClient(url) as client:
        rows = [{"id": 1, **first}, {"id": 2, **dict.fromkeys(names)}]
        client.get_default_database()["t"].insert_many(rows)
    where = urlsplit(url)
    settings = {
        "hosts": [f"{where.hostname}:{where.port}"],
        "database": where.path.strip("/"),
        "username": where.username,
        "password": where.password,
    }
    return Origin("mongodb", settings, {"table": "t"})


IN_FOLDERS: dict[str, Callable[[Path], Origin]] = {
    "arrow": make_arrow,
    "csv": make_csv,
    "delta": make_delta,
    "duckdb": make_duckdb,
    "excel": make_excel,
    "iceberg": make_iceberg,
    "json": make_json,
    "parquet": make_parquet,
    "sqlite": make_sqlite,
}


def make(source: str, folder: Path, request: pytest.FixtureRequest) -> Origin:
    """Make the table of a source, on a server of its own database where it needs one."""
    if source == "postgres":
        return make_postgres(request.getfixturevalue("postgres_database"))
    if source == "mysql":
        return make_mysql(request.getfixturevalue("mysql_database"))
    if source == "mongodb":
        return make_mongodb(request.getfixturevalue("mongodb_database"))
    return IN_FOLDERS[source](folder)

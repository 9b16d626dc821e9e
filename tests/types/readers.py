"""What each destination holds, read by others than our own connectors."""

import csv
import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import deltalake
import duckdb
import polars as pl
import psycopg
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from pyiceberg.catalog.sql import SqlCatalog

from tests.servers.mysql import connect
from tests.types import sheets
from tests.types.canon import Nanoseconds

Columns = dict[str, list[Any]]
Types = Mapping[str, pl.DataType]


def postgres(url: str, table: str, types: Types) -> Columns:
    """Read with psycopg, moments as the server prints them."""
    with psycopg.connect(url, options="-c timezone=UTC -c datestyle=ISO,YMD") as connection:
        return _rows(connection.execute(_select(table, types, "{}::text")), types)


def mysql(url: str, table: str, types: Types) -> Columns:
    """Read with PyMySQL, moments as the server prints them, floats with all their digits."""
    names = [
        f"CAST(`{name}` AS {'CHAR' if dtype.is_temporal() else 'DOUBLE'}) AS `{name}`"
        if dtype.is_temporal() or dtype == pl.Float32
        else f"`{name}`"
        for name, dtype in types.items()
    ]
    with closing(connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SET time_zone = '+00:00'")
        cursor.execute(f"SELECT {', '.join(names)} FROM `{table}` ORDER BY `id`")
        return _rows(cursor, types)


def sqlite(path: Path, table: str, types: Types) -> Columns:
    """Read with Python's own driver."""
    with closing(sqlite3.connect(path)) as connection:
        return _rows(connection.execute(_select(table, types, "{}")), types)


def duck(path: Path, table: str, types: Types) -> Columns:
    """Read with DuckDB, moments as it prints them."""
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return _rows(connection.execute(_select(table, types, "CAST({} AS VARCHAR)")), types)


def parquet(path: Path, table: str, types: Types) -> Columns:
    """Read with pyarrow; lists of one length with DuckDB, as pyarrow stumbles over nulls there."""
    fixed = [name for name, dtype in types.items() if isinstance(dtype, pl.Array)]
    others = [name for name in types if name not in fixed]
    found = _arrow(pyarrow.parquet.read_table(path, columns=others))
    for name in fixed:
        rows = duckdb.sql(f"SELECT {name} FROM read_parquet('{path}') ORDER BY id").fetchall()
        found[name] = [row[0] for row in rows]
    return found


def arrow(path: Path, table: str, types: Types) -> Columns:
    """Read with pyarrow."""
    with pa.ipc.open_file(path) as file:
        return _arrow(file.read_all().select(list(types)))


def delta(path: Path, table: str, types: Types) -> Columns:
    """Read with deltalake's reader into Arrow."""
    return _arrow(deltalake.DeltaTable(path / table).to_pyarrow_table(columns=list(types)))


def iceberg(path: Path, table: str, types: Types) -> Columns:
    """Read with pyiceberg's catalog."""
    catalog = SqlCatalog("millrace", uri=f"sqlite:///{path / 'catalog.sqlite3'}")
    try:
        found = catalog.load_table(f"default.{table}").scan(selected_fields=tuple(types))
        return _arrow(found.to_arrow())
    finally:
        catalog.engine.dispose()


def csv_text(path: Path, table: str, types: Types) -> Columns:
    """Read with pyarrow as texts; what is quoted is no null."""
    with path.open(encoding="utf-8", newline="") as file:
        names = next(csv.reader(file))
    found = pyarrow.csv.read_csv(
        path,
        read_options=pyarrow.csv.ReadOptions(block_size=1 << 24),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return {name: found[name].to_pylist() for name in types}


def json_lines(path: Path, table: str, types: Types) -> Columns:
    """Read with Python's own parser, numbers as they are written."""
    rows = [json.loads(line, parse_float=Decimal) for line in path.read_bytes().splitlines()]
    return {name: [row[name] for row in rows] for name in types}


def excel(path: Path, table: str, types: Types) -> Columns:
    """Read the XML of the sheet."""
    held = sheets.cells(path)
    return {name: [sheets.meaning(cell, types[name]) for cell in held[name]] for name in types}


READERS: dict[str, Callable[[Any, str, Types], Columns]] = {
    "arrow": arrow,
    "csv": csv_text,
    "delta": delta,
    "duckdb": duck,
    "excel": excel,
    "iceberg": iceberg,
    "json": json_lines,
    "mysql": mysql,
    "parquet": parquet,
    "postgres": postgres,
    "sqlite": sqlite,
}


def _select(table: str, types: Types, as_text: str) -> Any:
    names = [
        as_text.format(f'"{name}"') if dtype.is_temporal() else f'"{name}"'
        for name, dtype in types.items()
    ]
    return f'SELECT {", ".join(names)} FROM "{table}" ORDER BY "id"'


def _rows(cursor: Any, types: Types) -> Columns:
    rows = cursor.fetchall()
    return {name: [row[at] for row in rows] for at, name in enumerate(types)}


def _arrow(table: pa.Table) -> Columns:
    """Return the values of each column, moments as whole numbers with their unit kept."""
    return {name: _plain(table[name]) for name in table.column_names}


def _plain(column: pa.ChunkedArray) -> list[Any]:
    kind = column.type
    if pa.types.is_date32(kind):
        return column.cast(pa.int32()).to_pylist()
    if pa.types.is_temporal(kind):
        unit = {"s": 10**9, "ms": 10**6, "us": 1000, "ns": 1}[kind.unit]
        width = pa.int32() if pa.types.is_time32(kind) else pa.int64()
        values = column.cast(width).to_pylist()
        return [None if value is None else Nanoseconds(value * unit) for value in values]
    return column.to_pylist()

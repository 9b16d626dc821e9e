"""Whether what arrived is what was sent: rows and a checksum per column, whatever the order."""

import hashlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl


@dataclass(frozen=True)
class Fingerprint:
    """Rows, and for each column the sum of its values' hashes."""

    rows: int
    columns: dict[str, int]

    @property
    def checksum(self) -> str:
        """Return all columns' sums in one short word."""
        text = repr(sorted(self.columns.items()))
        return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def fingerprint(frame: pl.DataFrame) -> Fingerprint:
    """Return the fingerprint of a frame; equal values of equal types have equal fingerprints."""
    sums = frame.select(pl.all().hash(seed=0).cast(pl.Int128).sum()).row(0)
    return Fingerprint(frame.height, dict(zip(frame.columns, sums, strict=True)))


def of_duckdb(path: Path, table: str, like: pl.Schema) -> Fingerprint:
    """Read a table of a DuckDB file back with DuckDB alone."""
    with duckdb.connect(str(path), read_only=True) as database:
        frame = database.table(table).pl()
    return fingerprint(frame.select(pl.col(name).cast(kind) for name, kind in like.items()))


def of_sqlite(path: Path, table: str, like: pl.Schema) -> Fingerprint:
    """Read a table of an SQLite file back with the standard library alone."""
    database = sqlite3.connect(path)
    try:
        names = ", ".join(f'"{name}"' for name in like)
        query = f'select {names} from "{table}"'  # noqa: S608 (names of our own making)
        rows = database.execute(query).fetchall()
    finally:
        database.close()
    return fingerprint(pl.DataFrame(rows, schema=like, orient="row"))

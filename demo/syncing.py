"""A sync job of five streams: all of it, then only what is new; by Olake's contract."""

import sqlite3
from pathlib import Path
from typing import Any

import polars as pl

from demo import proof
from demo.client import Client

SOURCE, COPY = "operations.sqlite", "warehouse.duckdb"
# So much of each table is there at first; the rest arrives later.
FIRST_SHARE = 0.9


class Copying:
    """A database that grows, and the job that keeps a copy of it."""

    def __init__(self, url: str, folder: Path, tables: dict[str, pl.DataFrame]) -> None:
        """Sign up; nothing is saved yet."""
        self.client = Client.sign_up(url, "Grace", "grace@example.com", "a password for grace")
        self.folder = folder
        self.tables = tables

    def fill(self, *, is_first: bool) -> int:
        """Write the first share of each table, or the rest; returns how many rows that is."""
        written = 0
        with sqlite3.connect(self.folder / SOURCE) as database:
            for name, frame in self.tables.items():
                first = round(frame.height * FIRST_SHARE)
                rows = frame.head(first) if is_first else frame.tail(frame.height - first)
                written += _write(database, name, rows)
        return written

    def save(self) -> str:
        """Save source, destination and job, each tested on the way; return the job's number."""
        source = self._end("source", "sqlite", SOURCE)
        destination = self._end("destination", "duckdb", COPY)
        catalog = self.client.ask("GET", f"/sources/{source}/catalog")["catalog"]
        for item in catalog["streams"]:
            stream = item["stream"]
            # The catalog offers what it found; the person chooses.
            stream |= {"sync_mode": "incremental", "cursor_field": "id"}
        job = self.client.ask(
            "POST",
            "/jobs",
            {
                "name": "Keep a copy",
                "source_id": source,
                "dest_id": destination,
                "frequency": "hourly",
                "config": catalog,
                "connected": True,
            },
        )
        return str(job["job_id"])

    def run(self, job: str) -> dict[str, Any]:
        """Run the job and return its line of the history."""
        run = self.client.start(job)
        self.client.watch(run, lambda _: None)
        told: dict[str, Any] = self.client.ask("GET", f"/jobs/{job}/history")["data"][0]
        if told["status"] != "success":
            raise SystemExit(f"The sync ended as {told['status']}: {told['error']}")
        return told

    def fingerprints(self) -> dict[str, tuple[proof.Fingerprint, proof.Fingerprint]]:
        """Return for each table what was sent and what is there."""
        return {
            name: (
                proof.fingerprint(frame),
                proof.of_duckdb(self.folder / COPY, name, frame.schema),
            )
            for name, frame in self.tables.items()
        }

    def _end(self, role: str, connector: str, path: str) -> int:
        short = "source" if role == "source" else "dest"
        id_name, type_name = f"{short}_id", f"{short}_type"
        config = {"db_path" if connector == "duckdb" else "path": path}
        body = {"name": role, type_name: connector, "config": config}
        saved = self.client.ask("POST", f"/{role}s", body)
        tested = self.client.ask("POST", f"/{role}s/test", {id_name: saved[id_name]})
        if tested["status"] != "success":
            raise SystemExit(f"The {role} does not work: {tested['message']}")
        return int(saved[id_name])


def _write(database: sqlite3.Connection, name: str, rows: pl.DataFrame) -> int:
    kinds = {pl.Int64: "INTEGER", pl.UInt32: "INTEGER", pl.Float64: "REAL"}
    columns = ", ".join(
        f'"{column}" {kinds.get(type(kind), "TEXT")}{" PRIMARY KEY" if column == "id" else ""}'
        for column, kind in rows.schema.items()
    )
    database.execute(f'CREATE TABLE IF NOT EXISTS "{name}" ({columns})')
    places = ", ".join("?" * rows.width)
    database.executemany(f'INSERT INTO "{name}" VALUES ({places})', rows.rows())  # noqa: S608
    return rows.height

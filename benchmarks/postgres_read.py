"""A table of PostgreSQL to Parquet, beside two binary COPYs thrown away and beside dlt."""

import math
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import psycopg

from benchmarks import lineitem, peers, postgres, wide
from benchmarks.measuring import Jobs, Result, in_turns, process
from config.launching import Platform


@dataclass(frozen=True)
class Case:
    """One table, and how many times as long as each yardstick its reading may take."""

    table: str
    told: str
    columns: str
    rows: Callable[[int, int], pl.DataFrame]
    count: int
    chunk: int
    times_copy: float
    times_dlt: float
    most_mb: float = math.inf


NARROW = Case(
    "lineitem", "6 M rows of 16 columns", postgres.COLUMNS, lineitem.rows, 6_000_000,
    lineitem.CHUNK, 1.95, 0.55, 600,
)  # fmt: skip
WIDE = Case(
    "wide", "1 M rows of 61 columns", wide.columns(), wide.rows, 1_000_000, wide.CHUNK, 2.8, 0.9
)


def measure(platform: Platform, data: Path, case: Case) -> list[Result]:
    """Return how long a job that reads the whole table takes beside its two yardsticks."""
    with postgres.filled_server(case.table, case.columns, case.rows, case.count, case.chunk) as url:
        jobs = Jobs.at(platform.url)
        source = {**postgres.connector(url), "table": case.table}
        job = jobs.create(source, {"type": "parquet", "path": str(data / "ours.parquet")})
        limit = _copies(url, case.table)
        ours, others = in_turns(
            lambda: jobs.run(job),
            lambda: process(*limit),
            lambda: peers.dlt_to_parquet(url, case.table, data / "dlt"),
        )
    (copy, times_copy), (dlt, times_dlt) = others
    work = f"PostgreSQL, {case.told} → Parquet"
    return [
        Result(
            work,
            f"two binary COPYs thrown away {copy.seconds:.2f} s",
            f"{ours.seconds:.2f} s ({times_copy:.2f} ×), {ours.peak_mb:.0f} MB",
            f"{case.times_copy} ×" + (f", {case.most_mb} MB" if case.most_mb < math.inf else ""),
            times_copy <= case.times_copy and ours.peak_mb <= case.most_mb,
        ),
        Result(
            work,
            f"dlt with connectorx {dlt.seconds:.2f} s, {dlt.peak_mb:.0f} MB",
            f"{ours.seconds:.2f} s ({times_dlt:.2f} ×)",
            f"{case.times_dlt} ×",
            times_dlt <= case.times_dlt,
        ),
    ]


def _copies(url: str, table: str) -> tuple[str, ...]:
    """Return the command that sends both halves of a table's pages to nowhere, at once."""
    with psycopg.connect(url) as database:
        found = database.execute(
            "select pg_relation_size(%s) / current_setting('block_size')::int / 2", [table]
        ).fetchone()
    half = found[0] if found else 0
    first, second = (
        postgres.psql(
            url,
            f"copy (select * from {shlex.quote(table)} where ctid {sign} '({half},0)') "
            "to stdout (format binary)",
        )
        for sign in ("<", ">=")
    )
    return postgres.shell(f"{first} > /dev/null & first=$!", f"{second} > /dev/null", "wait $first")

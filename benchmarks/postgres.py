"""PostgreSQL, filled; and a load into it beside what its own binary COPY can do."""

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl
import psycopg

from benchmarks import lineitem
from benchmarks.measuring import Jobs, Result, in_turn, process
from config.launching import Platform
from tests.servers.postgres import private_postgres

WRITE_ROWS = 2_000_000
# The server's own pages stay in memory: this measures the way of the rows, not a disk.
SERVER = {"shared_buffers": "2GB", "max_wal_size": "8GB"}
COLUMNS = """
    l_orderkey bigint, l_partkey bigint, l_suppkey bigint, l_linenumber bigint,
    l_quantity numeric(15, 2), l_extendedprice numeric(15, 2), l_discount numeric(15, 2),
    l_tax numeric(15, 2), l_returnflag varchar, l_linestatus varchar, l_shipdate date,
    l_commitdate date, l_receiptdate date, l_shipinstruct varchar, l_shipmode varchar,
    l_comment varchar"""


@contextmanager
def filled_server(
    table: str, columns: str, rows: Callable[[int, int], pl.DataFrame], count: int, chunk: int
) -> Iterator[str]:
    """Run a server with a table of `count` rows, made `chunk` at a time, and yield its URL."""
    with private_postgres(**SERVER) as url:
        with psycopg.connect(url, autocommit=True) as database:
            database.execute(f"create table {table} ({columns})")
            with database.cursor().copy(f"copy {table} from stdin (format csv)") as copy:
                for first in range(0, count, chunk):
                    made = rows(first, min(chunk, count - first))
                    copy.write(made.write_csv(include_header=False))
            database.execute(f"vacuum analyze {table}")
        yield url


def connector(url: str) -> dict[str, object]:
    """Return the configuration of a connector that reaches the server."""
    where = urlsplit(url)
    return {
        "type": "postgres",
        "host": where.hostname,
        "port": where.port,
        "database": where.path.strip("/"),
        "username": where.username,
        "password": where.password,
        "table": "lineitem",
    }


def shell(*lines: str) -> tuple[str, ...]:
    """Return the command that runs these lines in a shell and fails with the first that does."""
    return ("sh", "-c", "set -e; " + "; ".join(lines))


def psql(url: str, statement: str) -> str:
    """Return the shell words that run a statement."""
    return f"psql -q {shlex.quote(url)} -c {shlex.quote(statement)}"


def measure_write(platform: Platform, data: Path) -> list[Result]:
    """Return the ratio of a job that replaces a table with 2 M rows to a ready binary COPY."""
    source = lineitem.write_parquet(data / f"lineitem_{WRITE_ROWS}.parquet", WRITE_ROWS)
    ready = shlex.quote(str(data / "lineitem.copy"))
    made = filled_server("lineitem", COLUMNS, lineitem.rows, WRITE_ROWS, lineitem.CHUNK)
    with made as url:
        process(*shell(f"{psql(url, 'copy lineitem to stdout (format binary)')} > {ready}"))
        fresh = f"set client_min_messages = warning; drop table if exists copied; create table copied ({COLUMNS})"
        load = f"{psql(url, 'copy copied from stdin (format binary)')} < {ready}"
        jobs = Jobs.at(platform.url)
        target = {**connector(url), "table": "loaded", "mode": "replace"}
        job = jobs.create({"type": "parquet", "path": str(source)}, target)
        ours, bare, ratio = in_turn(
            lambda: jobs.run(job), lambda: process(*shell(psql(url, fresh), load))
        )
    return [
        Result(
            "Parquet, 2 M rows → PostgreSQL, replace",
            f"psql, ready binary COPY {bare.seconds:.2f} s",
            f"{ours.seconds:.2f} s ({ratio:.2f} ×), {ours.peak_mb:.0f} MB",
            "1.3 ×",
            ratio <= 1.3,
        )
    ]

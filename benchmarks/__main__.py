"""Print the table: `python -m benchmarks [name …]`; `ROUNDS` says how often each pair is run."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import (
    csv_to_parquet,
    discovery,
    file_jobs,
    growth,
    iceberg,
    latency,
    modelling_formats,
    mysql,
    objects,
    pipelines,
    postgres,
    postgres_read,
    spilling,
)
from benchmarks.measuring import Result
from benchmarks.rest import comparing
from config.launching import Platform, running_platform
from tests.servers import redis
from tests.servers.postgres import fresh_database, private_postgres

Work = Callable[[Path], list[Result]]


@contextmanager
def platform(folder: Path, *, with_services: bool = False) -> Iterator[Platform]:
    """Run a platform on the embedded default, or on a private PostgreSQL and Redis."""
    with ExitStack() as stack:
        environment = {"FILE_ROOTS": str(folder)}
        if with_services:
            server = stack.enter_context(private_postgres())
            environment["DATABASE_URL"] = stack.enter_context(fresh_database(server))
            environment["REDIS_URL"] = stack.enter_context(redis.private_redis())
        place = folder / ("services" if with_services else "embedded")
        yield stack.enter_context(running_platform(place, environment=environment))


def embedded(measure: Callable[[Platform, Path], list[Result]], folder: Path) -> list[Result]:
    """Measure on the embedded default."""
    with platform(folder) as running:
        return measure(running, folder)


def latency_of(folder: Path, *, with_services: bool) -> list[Result]:
    """Measure the latency of ten rows on one of the two set-ups."""
    name, limit = ("PostgreSQL and Redis", 0.25) if with_services else ("embedded", 0.5)
    with platform(folder, with_services=with_services) as running:
        return latency.measure(running, folder, name=name, limit=limit)


WORKS: dict[str, Work] = {
    "csv": partial(embedded, csv_to_parquet.measure),
    "file-jobs": partial(embedded, file_jobs.measure),
    "spilling": partial(embedded, spilling.measure),
    "file-jobs-100": partial(embedded, file_jobs.measure_many),
    "postgres-read": partial(embedded, partial(postgres_read.measure, case=postgres_read.NARROW)),
    "postgres-wide": partial(embedded, partial(postgres_read.measure, case=postgres_read.WIDE)),
    "discovery": partial(embedded, discovery.measure),
    "postgres-write": partial(embedded, postgres.measure_write),
    "mysql-read": partial(embedded, mysql.measure_read),
    "mysql-write": partial(embedded, mysql.measure_write),
    "iceberg-append": partial(embedded, iceberg.measure_append),
    "iceberg-upsert": partial(embedded, iceberg.measure_upsert),
    "delta-upsert": partial(embedded, partial(iceberg.measure_upsert, kind="delta")),
    "latency": partial(latency_of, with_services=False),
    "latency-services": partial(latency_of, with_services=True),
    "objects": partial(embedded, objects.measure),
    "growth": partial(embedded, growth.measure),
    "validate": pipelines.measure,
    "rest": comparing.measure,
    "modelling-formats": modelling_formats.measure,
}


def main(names: list[str]) -> int:
    """Measure what is named, or all; return 0 if every figure is within its limit."""
    unknown = [name for name in names if name not in WORKS]
    if unknown:
        raise SystemExit(f"Unknown benchmark {unknown[0]!r}; known: {', '.join(WORKS)}")
    console = Console()
    table = Table("work", "yardstick", "measured", "at most", "")
    results: list[Result] = []
    for name in names or list(WORKS):
        with tempfile.TemporaryDirectory(prefix="millrace-bench-") as folder:
            # Each work has its own folder, so that no page of an earlier one fills the disk.
            results += WORKS[name](Path(folder))
    for result in results:
        sign = "[green]✓" if result.is_met else "[red]missed"
        table.add_row(result.work, result.yardstick, result.measured, result.limit, sign)
    console.print(table)
    return 0 if all(result.is_met for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

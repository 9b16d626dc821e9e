"""Iceberg beside pyiceberg itself: an append of 2 M rows, and an upsert of 100,000 into 1 M."""

from pathlib import Path

from benchmarks import lineitem
from benchmarks.measuring import ROUNDS, Jobs, Result, in_turn, middle, python
from config.launching import Platform

APPENDED, HELD, CHANGED = 2_000_000, 1_000_000, 100_000
SECONDS = 3.0
BARE = """
import sys, pyarrow, pyarrow.parquet as parquet
from pyiceberg.catalog.sql import SqlCatalog
source, folder = sys.argv[1:]
catalog = SqlCatalog("bare", uri=f"sqlite:///{folder}/bare.sqlite3", warehouse=f"{folder}/bare")
file = parquet.ParquetFile(source)
catalog.create_namespace_if_not_exists("bare")
table = catalog.create_table_if_not_exists("bare.lineitem", schema=file.schema_arrow)
for batch in file.iter_batches(500_000):
    table.append(pyarrow.Table.from_batches([batch]))
"""


def connector(data: Path, table: str, **options: object) -> dict[str, object]:
    """Return the configuration of a table in a catalog of its own."""
    places = {"uri": str(data / "catalog.sqlite3"), "warehouse": str(data / "warehouse")}
    return {"type": "iceberg", **places, "table": table, **options}


def measure_append(platform: Platform, data: Path) -> list[Result]:
    """Return the ratio of a job that appends 2 M rows to a bare append in parts of 500,000."""
    source = lineitem.write_parquet(data / f"lineitem_{APPENDED}.parquet", APPENDED)
    jobs = Jobs.at(platform.url)
    target = connector(data, "lineitem", mode="append")
    job = jobs.create({"type": "parquet", "path": str(source)}, target)
    ours, bare, ratio = in_turn(lambda: jobs.run(job), lambda: python(BARE, str(source), str(data)))
    return [
        Result(
            "Parquet, 2 M rows → Iceberg, append",
            f"bare pyiceberg append {bare.seconds:.2f} s, {bare.peak_mb:.0f} MB",
            f"{ours.seconds:.2f} s ({ratio:.2f} ×), {ours.peak_mb:.0f} MB",
            "1.4 ×",
            ratio <= 1.4,
        )
    ]


def measure_upsert(platform: Platform, data: Path, *, kind: str = "iceberg") -> list[Result]:
    """Return the seconds of a job that upserts 100,000 rows, half of them new, into 1 M rows."""
    jobs, sources = Jobs.at(platform.url), []
    for first, count in ((0, HELD), (HELD - CHANGED // 2, CHANGED)):
        sources.append(data / f"from_{first}.parquet")
        lineitem.rows(first, count).write_parquet(sources[-1], compression="zstd")
    target = connector(data, "held")
    if kind == "delta":
        target = {"type": "delta", "path": str(data / "lake"), "table": "held"}
    held, changed = ({"type": "parquet", "path": str(source)} for source in sources)
    fill = jobs.create(held, {**target, "mode": "replace"})
    key = ["l_orderkey", "l_linenumber"]
    upsert = jobs.create(changed, {**target, "mode": "upsert", "key": key})
    figures = []
    for _ in range(ROUNDS):
        jobs.run(fill)
        figures.append(jobs.run(upsert))
    ours = middle(figures)
    return [
        Result(
            f"Parquet, 100,000 rows → {kind.capitalize()} of 1 M rows, upsert",
            "–",
            f"{ours.seconds:.2f} s, {ours.peak_mb:.0f} MB",
            f"{SECONDS:.0f} s",
            ours.seconds <= SECONDS,
        )
    ]

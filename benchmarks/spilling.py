"""A sort of `SIZE_GB` (2) of CSV to Parquet as a file job, beside bare DuckDB on as much memory."""

import os
import time
from pathlib import Path

from benchmarks import lineitem
from benchmarks.file_jobs import FileJobs
from benchmarks.measuring import Figure, Result, in_turn, python
from config.launching import Platform

ROWS_PER_GB = 7_400_000
LIMIT_MB = 2000
STEPS = [
    {"type": "sort", "params": {"columns": ["l_extendedprice"]}},
    {"type": "convert_format", "params": {"to_format": "parquet"}},
]
BARE = """
import sys, duckdb
duckdb.execute("SET memory_limit = '1GiB'")
duckdb.execute("SET temp_directory = '" + sys.argv[2] + ".tmp'")
duckdb.execute(
    "COPY (SELECT * FROM read_csv($given) ORDER BY l_extendedprice) TO '" + sys.argv[2]
    + "' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)", {"given": sys.argv[1]}
)
"""


def measure(platform: Platform, data: Path) -> list[Result]:
    """Return seconds from mark-uploaded to COMPLETED, and the peak of the worker's memory."""
    rows = int(float(os.environ.get("SIZE_GB", "2")) * ROWS_PER_GB)
    source = lineitem.write_csv(data / f"lineitem_{rows}.csv", rows)
    jobs = FileJobs.at(platform.url)

    def run() -> Figure:
        job = jobs.upload(source, STEPS)
        began = time.perf_counter()
        jobs.mark(job, source.name)
        state = jobs.finish(job)
        seconds = time.perf_counter() - began
        jobs.http.delete(f"/jobs/{job}").raise_for_status()
        return Figure(seconds, state["memory_peak_bytes"] / 1e6)

    ours, bare, ratio = in_turn(
        run, lambda: python(BARE, str(source), str(data / "bare.parquet")), rounds=1
    )
    work = f"{source.stat().st_size / 1e9:.2f} GB CSV, sort → Parquet"
    return [
        Result(
            f"{work}, mark-uploaded to COMPLETED",
            f"bare DuckDB {bare.seconds:.2f} s, {bare.peak_mb:.0f} MB",
            f"{ours.seconds:.2f} s ({ratio:.2f} ×)",
            "–",
            is_met=True,
        ),
        Result(
            f"{work}, memory",
            "–",
            f"{ours.peak_mb:.0f} MB",
            f"{LIMIT_MB} MB",
            ours.peak_mb <= LIMIT_MB,
        ),
    ]

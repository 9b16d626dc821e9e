"""1 GB of CSV to Parquet as a job, beside the bare Polars script that does the same."""

from pathlib import Path

from benchmarks import lineitem
from benchmarks.measuring import Jobs, Result, in_turn, python
from config.launching import Platform

ROWS = 8_000_000
BARE = """
import sys, polars as pl
pl.scan_csv(sys.argv[1]).sink_parquet(sys.argv[2], compression="zstd", compression_level=1)
"""


def measure(platform: Platform, data: Path) -> list[Result]:
    """Return the ratios of seconds and of memory."""
    source = lineitem.write_csv(data / f"lineitem_{ROWS}.csv", ROWS)
    target = data / "job.parquet"
    jobs = Jobs.at(platform.url)
    job = jobs.create(
        {"type": "csv", "path": str(source)}, {"type": "parquet", "path": str(target)}
    )
    ours, bare, ratio = in_turn(
        lambda: jobs.run(job), lambda: python(BARE, str(source), str(data / "bare.parquet"))
    )
    seconds, memory = 1.15 * bare.seconds + 0.5, 1.3 * bare.peak_mb + 150
    work = f"{source.stat().st_size / 1e9:.2f} GB CSV → Parquet"
    return [
        Result(
            f"{work}, seconds",
            f"bare Polars {bare.seconds:.2f} s",
            f"{ours.seconds:.2f} s ({ratio:.2f} ×)",
            f"{seconds:.2f} s (1.15 × + 0.5 s)",
            ours.seconds <= seconds,
        ),
        Result(
            f"{work}, memory",
            f"bare Polars {bare.peak_mb:.0f} MB",
            f"{ours.peak_mb:.0f} MB ({ours.peak_mb / bare.peak_mb:.2f} ×)",
            f"{memory:.0f} MB (1.3 × + 150 MB)",
            ours.peak_mb <= memory,
        ),
    ]

"""A job that moves 10 rows, from `POST …/run` until its success is seen by polling."""

from pathlib import Path
from statistics import median

from benchmarks import lineitem
from benchmarks.measuring import Jobs, Result
from config.launching import Platform

RUNS = 50


def measure(platform: Platform, data: Path, *, name: str, limit: float) -> list[Result]:
    """Return the median of many runs, one after another; `limit` is in seconds."""
    source = lineitem.write_csv(data / "lineitem_10.csv", 10)
    jobs = Jobs.at(platform.url)
    target = str(data / f"ten_{name}.parquet")
    job = jobs.create({"type": "csv", "path": str(source)}, {"type": "parquet", "path": target})
    jobs.watch(job)
    seconds = sorted(jobs.watch(job) for _ in range(RUNS))
    p50, p95 = median(seconds), seconds[int(RUNS * 0.95)]
    return [
        Result(
            f"10 rows, {name}",
            "–",
            f"p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms",
            f"p50 {limit * 1000:.0f} ms",
            p50 <= limit,
        )
    ]

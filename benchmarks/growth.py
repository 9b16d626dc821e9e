"""1, 10 and 100 times the rows through a plan that does not block: time linear, memory flat."""

from pathlib import Path

from benchmarks import lineitem
from benchmarks.measuring import Figure, Jobs, Result, middle
from config.launching import Platform

ROWS = (400_000, 4_000_000, 40_000_000)
ROUNDS = 3
# Twice the time per row of the step before would no longer be linear.
STEEPEST = 1.5
MOST_MEMORY = 1.2


def measure(platform: Platform, data: Path) -> list[Result]:
    """Return how time per row and memory grow from each size to the next."""
    jobs = Jobs.at(platform.url)
    figures = [_figure(jobs, data, rows) for rows in ROWS]
    fixed = _figure(jobs, data, 10).seconds
    per_row = [(figure.seconds - fixed) / rows for figure, rows in zip(figures, ROWS, strict=True)]
    steepness = max(per_row[1] / per_row[0], per_row[2] / per_row[1])
    # 400,000 rows do not fill the query engine's buffers yet; ten times as many do.
    memory = figures[2].peak_mb / figures[1].peak_mb
    shown = " / ".join(f"{figure.seconds:.2f} s {figure.peak_mb:.0f} MB" for figure in figures)
    return [
        Result(
            "1, 10, 100 × the rows (CSV → Parquet), time per row",
            "itself at a tenth of the rows",
            f"{steepness:.2f} × ({shown})",
            f"{STEEPEST} ×",
            steepness <= STEEPEST,
        ),
        Result(
            "10 → 100 × the rows, memory",
            "itself at a tenth of the rows",
            f"{memory:.2f} ×",
            f"{MOST_MEMORY} ×",
            memory <= MOST_MEMORY,
        ),
    ]


def _figure(jobs: Jobs, data: Path, rows: int) -> Figure:
    source = lineitem.write_csv(data / f"lineitem_{rows}.csv", rows)
    target = str(data / f"growth_{rows}.parquet")
    job = jobs.create({"type": "csv", "path": str(source)}, {"type": "parquet", "path": target})
    return middle([jobs.run(job) for _ in range(ROUNDS)])

"""Other tools that do the same work, each in an environment of its own beside `.venv`."""

from pathlib import Path

from benchmarks.measuring import Figure, process

# `make bench` installs requirements-bench.txt there: what a peer needs may not fit what we pin.
PYTHON = Path(__file__).parent.parent / ".venv-bench" / "bin" / "python"

# dlt 1.31 with the quickest of its four ways to read; it writes Parquet files into a folder.
_DLT = """
import sys, dlt
from dlt.sources.sql_database import sql_table
url, table, folder = sys.argv[1:]
rows = sql_table(
    credentials=url, table=table, backend="connectorx", detect_precision_hints=True,
    reflection_level="full_with_precision", backend_kwargs={"return_type": "arrow"},
)
pipeline = dlt.pipeline(
    "benchmark", destination=dlt.destinations.filesystem(folder), dataset_name="copied",
    pipelines_dir=folder + "/.dlt",
)
pipeline.run(rows, loader_file_format="parquet", write_disposition="replace").raise_on_failed_jobs()
"""


def dlt_to_parquet(url: str, table: str, folder: Path) -> Figure:
    """Copy a table into Parquet files with dlt and connectorx, as a whole process."""
    if not PYTHON.exists():
        raise SystemExit("The peers are not installed; run make bench once")
    # It tells its makers about every run unless it is asked not to.
    quiet = ("env", "RUNTIME__DLTHUB_TELEMETRY=false", "RUNTIME__LOG_LEVEL=CRITICAL")
    return process(*quiet, str(PYTHON), "-c", _DLT, url, table, str(folder))

"""Run the tour: `python -m demo [folder]`."""

import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from config.launching import Platform, running_platform
from demo import data, pages, proof
from demo.client import Client
from demo.syncing import Copying

ROOT = Path(__file__).parents[1]
CONSOLE = Console()


class Tour:
    """Runs jobs one after another and keeps what there is to show about them."""

    def __init__(self, client: Client, runner: Platform) -> None:
        """Begin with nothing moved."""
        self.client = client
        self.platform = runner
        self.table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
        self.table.add_column("job", no_wrap=True)
        for heading in ("rows", "MB", "seconds", "peak MB", "tries", "checksum"):
            self.table.add_column(heading, justify="right", no_wrap=True)
        self.is_right = True

    def move(
        self,
        name: str,
        extractor: dict[str, Any],
        loader: dict[str, Any],
        *,
        total: int,
        is_killed: bool = False,
    ) -> dict[str, Any]:
        """Create and run a job behind a live progress bar; kill its worker in the middle if told."""
        run = self.client.start(self.client.create_job(name, extractor, loader))
        began, killed = time.monotonic(), 0
        bar = Progress(
            TextColumn("{task.description:<20}"),
            BarColumn(),
            TextColumn("{task.completed:>10,.0f} rows"),
            TimeElapsedColumn(),
            console=CONSOLE,
        )
        with bar:
            task = bar.add_task(name, total=total)

            def see(state: dict[str, Any]) -> None:
                nonlocal killed
                bar.update(task, completed=state["rows"])
                if is_killed and not killed and state["rows"] > total // 10:
                    killed = self.platform.pids()["runs"]
                    os.kill(killed, signal.SIGKILL)
                    bar.console.print(f"  kill -9 {killed}: the worker is dead, mid-run")

            ended = self.client.watch(run, see)
        if ended["status"] != "success":
            raise SystemExit(f"{name} failed: {ended['error_message']}")
        if is_killed and not killed:
            raise SystemExit("The run was over before its worker could be killed")
        return ended | {"seconds": time.monotonic() - began}

    def prove(
        self, name: str, ended: dict[str, Any], sent: proof.Fingerprint, found: proof.Fingerprint
    ) -> None:
        """Compare what was sent with what is there, and add the line."""
        is_same = sent == found
        self.is_right &= is_same
        self.table.add_row(
            name,
            f"{found.rows:,}",
            f"{ended['bytes'] / 1e6:,.1f}",
            f"{ended['seconds']:.1f}",
            f"{ended['memory_peak_bytes'] / 1e6:,.0f}",
            str(ended["attempt"]),
            f"[green]{found.checksum} ✓" if is_same else f"[red]{sent.checksum} ≠ {found.checksum}",
        )


def show(folder: Path) -> bool:
    """Run the whole tour in `folder`; return whether everything arrived as it was sent."""
    shutil.rmtree(folder, ignore_errors=True)
    CONSOLE.print("Laying out real data: 336,776 flights, the weather, 1,458 airports …")
    inputs = data.prepare(folder / "files")
    short = {"LEASE_SECONDS": "3"}
    with (
        pages.serving(inputs.airports) as url,
        running_platform(folder, environment=short) as runner,
    ):
        CONSOLE.print(f"The platform listens at {runner.url}\n")
        tour = Tour(Client.register(runner.url, "ada", "a password for ada"), runner)
        load_files(tour, inputs, folder)
        load_pages(tour, inputs, url, folder)
        survive_a_kill(tour, inputs, folder)
        copied, is_same = keep_a_copy(Copying(runner.url, folder / "files", inputs.tables))
    CONSOLE.print(tour.table)
    CONSOLE.print(copied)
    outputs = folder / "files"
    CONSOLE.print(
        f"The outputs lie in {outputs}:\n  flights.duckdb, airports.sqlite, warehouse.duckdb"
    )
    return tour.is_right and is_same


def load_files(tour: Tour, inputs: data.Inputs, folder: Path) -> None:
    """Load the flights (CSV) and the weather (Parquet) into DuckDB."""
    target = folder / "files" / "flights.duckdb"
    flights = data.read_csv(inputs.flights)
    weather = pl.read_parquet(inputs.weather)
    loader = {"type": "duckdb", "db_path": "flights.duckdb"}
    csv = {"type": "csv", "path": "flights.csv", "null_values": ["NA"]}
    for name, extractor, frame, table in (
        ("CSV → DuckDB", csv, flights, "flights"),
        (
            "Parquet → DuckDB",
            {"type": "parquet", "path": "weather.parquet"},
            weather,
            "weather",
        ),
    ):
        ended = tour.move(name, extractor, {**loader, "table_name": table}, total=frame.height)
        found = proof.of_duckdb(target, table, frame.schema)
        tour.prove(name, ended, proof.fingerprint(frame), found)


def load_pages(tour: Tour, inputs: data.Inputs, url: str, folder: Path) -> None:
    """Load the airports from an HTTP API into SQLite, page by page."""
    name = "HTTP API → SQLite"
    airports = pl.DataFrame(inputs.airports)
    extractor = {"type": "api", "url": url, "paging": {"type": "page", "param": "page"}}
    loader = {"type": "sqlite", "path": "airports.sqlite", "table": "airports"}
    ended = tour.move(name, extractor, loader, total=airports.height)
    found = proof.of_sqlite(folder / "files" / "airports.sqlite", "airports", airports.schema)
    tour.prove(name, ended, proof.fingerprint(airports), found)


def survive_a_kill(tour: Tour, inputs: data.Inputs, folder: Path) -> None:
    """Kill the worker in the middle of a big run, and see that it finishes right."""
    name = "CSV → DuckDB, killed"
    sent = data.read_csv(inputs.many_flights)
    extractor = {"type": "csv", "path": "many_flights.csv", "null_values": ["NA"]}
    loader = {"type": "duckdb", "db_path": "flights.duckdb", "table_name": "many_flights"}
    ended = tour.move(name, extractor, loader, total=sent.height, is_killed=True)
    found = proof.of_duckdb(folder / "files" / "flights.duckdb", "many_flights", sent.schema)
    tour.prove(name, ended, proof.fingerprint(sent), found)


def keep_a_copy(copying: Copying) -> tuple[Table, bool]:
    """Sync five tables, add rows at the source, sync again; return what moved, and if all is right."""
    CONSOLE.print("A sync job: five tables of an SQLite database, kept in DuckDB …")
    copying.fill(is_first=True)
    job = copying.save()
    first = _rows_of(copying.run(job))
    added = copying.fill(is_first=False)
    CONSOLE.print(f"  {added:,} rows are added at the source; the job runs again")
    second = _rows_of(copying.run(job))
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("sync job", no_wrap=True)
    for heading in ("first run", "second run", "at both ends", "checksum"):
        table.add_column(heading, justify="right", no_wrap=True)
    is_right = sum(second.values()) == added
    for name, (sent, found) in sorted(copying.fingerprints().items()):
        is_right &= sent == found
        sign = f"[green]{found.checksum} ✓" if sent == found else f"[red]{sent.checksum} ≠"
        rows = [f"{count:,}" for count in (first[name], second[name], found.rows)]
        table.add_row(name, *rows, sign)
    return table, is_right


def _rows_of(told: dict[str, Any]) -> dict[str, int]:
    return {
        stream["stream"].rpartition(".")[2]: stream["rows_written"] for stream in told["streams"]
    }


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "demo-data"
    sys.exit(0 if show(chosen.resolve()) else 1)

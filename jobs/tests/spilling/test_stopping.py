"""What ends a step on disk: a cancel, a broken source, a full disk, too little memory."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from connectors.base import lazy_frame
from connectors.errors import Cancelled, TransientError
from jobs.engine.spilling import Spilling
from jobs.tests.spilling.steps import access_to, sorted_by, step

ROOT = Path(__file__).parents[3]
# Some ten minutes of sorting, if nobody ends it.
ENDLESS = """
    SELECT a.id AS id FROM input AS a, range(2000) AS b, range(200000) AS c
    ORDER BY hash(a.id + b.range * c.range)
"""


class Broken(Exception):
    """What a source of a test raises."""


def endless() -> Any:
    """Return a step that sorts until it is told to stop."""

    def work(rows: Any) -> Any:
        return nw.from_native(nw.to_native(rows).query("input", ENDLESS))

    return step(work, engines=frozenset({"duckdb"}))


def breaking(columns: list[str]) -> Iterator[pl.DataFrame]:
    """Give some rows, then break."""
    yield pl.DataFrame({"id": range(1000)}).select(columns)
    raise Broken("the source broke")


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    """Begin the work in a thread, and return it with the errors it ends by."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 (the test looks at whatever it is)
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, errors


@pytest.mark.parametrize("pause", [0.0, 1.0])
def test_a_cancel_ends_a_sort_at_once(pause: float, tmp_path: Path) -> None:
    disk = Spilling(access_to(tmp_path))
    made = disk.apply(endless(), [pl.LazyFrame({"id": range(1000)})])[""]
    disk.write()
    thread, errors = in_thread(made.collect)
    time.sleep(pause)
    disk.interrupt()
    # In a second or two; what is not interrupted goes on for many minutes.
    thread.join(timeout=60)
    assert not thread.is_alive()
    disk.close()
    assert isinstance(errors[0], (Cancelled, TransientError))
    assert not list((tmp_path / "scratch").iterdir())


def test_a_source_that_breaks_is_heard_as_itself(tmp_path: Path) -> None:
    disk = Spilling(access_to(tmp_path))
    disk.apply(sorted_by("id"), [lazy_frame({"id": pl.Int64()}, breaking)])
    with pytest.raises(Broken, match="the source broke"):
        disk.write()
    disk.close()
    assert not list((tmp_path / "scratch").iterdir())


def test_a_reader_that_goes_away_leaves_nothing(tmp_path: Path) -> None:
    disk = Spilling(access_to(tmp_path))
    made = disk.apply(sorted_by("id"), [pl.LazyFrame({"id": range(300_000)})])[""]
    disk.write()
    assert made.head(3).collect()["id"].to_list() == [0, 1, 2]

    def refuse(batch: pl.DataFrame) -> None:
        raise Broken("the sink broke")

    with pytest.raises(Broken, match="the sink broke"):
        made.sink_batches(refuse)
    disk.close()
    assert not list((tmp_path / "scratch").iterdir())


def test_a_full_disk_says_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *("unshare", "--map-root-user", "--mount"),
            *(sys.executable, "-m", "jobs.tests.spilling.full_disk", str(tmp_path)),
        ],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["write"].startswith("TransientError: The disk is full")
    assert "free some space" in said["write"]
    assert said["sort"].startswith("TransientError: The disk is full")
    assert "free some space" in said["sort"]
    assert said["left"] == []

"""Workers are killed with SIGKILL at random moments while the source is being written."""

import os
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from config.launching import Platform
from tests.contract.subjects import DESTINATIONS
from tests.faults.jobs import TABLE, sync_job, task_job
from tests.faults.runs import finish, start
from tests.servers.platform import embedded_platform, service_platform

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
KILLS = 20
# More than one batch; what is added in a round is little, or each round would take longer than
# the one before.
FIRST_ROWS = 130_000
MORE_ROWS = 5
QUICK_RECOVERY = {"LEASE_SECONDS": "1.5", "RING_AGAIN_SECONDS": "1", "RUN_MAX_ATTEMPTS": "200"}


class Writer:
    """Adds events to the source until it is told to stop."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.write)
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("pragma journal_mode = wal")
            database.execute(f"create table {TABLE} (id integer primary key, note text)")
            rows = [(f"event {number}",) for number in range(FIRST_ROWS)]
            database.executemany(f"insert into {TABLE} (note) values (?)", rows)

    def write(self) -> None:
        with closing(sqlite3.connect(self.path, timeout=60)) as database:
            while not self.stopping.wait(0.02):
                with database:
                    database.executemany(
                        f"insert into {TABLE} (note) values (?)", [("new",)] * MORE_ROWS
                    )

    def ids(self) -> list[int]:
        with closing(sqlite3.connect(self.path)) as database:
            return [row[0] for row in database.execute(f"select id from {TABLE} order by id")]


@pytest.fixture(params=["embedded", "services"])
def quick_platform(request, tmp_path) -> Iterator[Platform]:
    """A platform of its own whose leases are short."""
    if request.param == "embedded":
        with embedded_platform(tmp_path / "data", **QUICK_RECOVERY) as platform:
            yield platform
        return
    server = request.getfixturevalue("postgres_server")
    with service_platform(tmp_path / "data", server, **QUICK_RECOVERY) as platform:
        yield platform


def test_kills_at_random_moments_lose_and_double_nothing(
    quick_platform, tmp_path, request, record_property
):
    seed = random.randrange(1 << 32)
    record_property("seed", seed)
    print(f"seed {seed}")
    moments = random.Random(seed)
    writer = Writer(tmp_path / "source.sqlite")
    with httpx2.Client(base_url=quick_platform.url, timeout=60) as http:
        jobs = [
            task_job(http, writer.path, name, tmp_path / f"task_{name}", request)
            for name in DESTINATIONS
        ]
        jobs += [
            sync_job(quick_platform, writer.path, name, tmp_path / f"sync_{name}", request)
            for name in DESTINATIONS
        ]
        every = [moving.job for moving in jobs]
        attempts: list[int] = []
        writer.thread.start()
        try:
            for _ in range(KILLS):
                runs = start(http, every)
                time.sleep(moments.uniform(0, 1.2))
                for pid in quick_platform.worker_children():
                    os.kill(pid, signal.SIGKILL)
                attempts.append(finish(http, quick_platform, runs))
        finally:
            writer.stopping.set()
            writer.thread.join()
        finish(http, quick_platform, start(http, every))
    assert max(attempts) > 1, "no kill hit a part at work"
    sent = writer.ids()
    for moving in jobs:
        found = moving.target.rows()["id"].to_list()
        assert found == sent, f"{moving.target.name}, incremental: {moving.is_incremental}"

"""The platform as its users start it: it becomes ready, survives a killed process, ends cleanly."""

import json
import os
import select
import signal
import socket
import time
import urllib.request
from pathlib import Path

import pytest

from config.launching import NotStartedError, running_platform
from tests.servers.keeper import has_ended
from tests.servers.platform import embedded_platform

pytestmark = pytest.mark.slow


def get(url: str) -> dict:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def test_it_becomes_ready_on_either_kind_of_services(platform):
    checks = get(f"{platform.url}/health/ready")["checks"]
    assert {name: check["status"] for name, check in checks.items()} == {
        "database": "ok",
        "cache": "ok",
        "broker": "ok",
        "disk": "ok",
        "objects": "ok",
    }


def test_a_killed_worker_takes_its_children_along_and_is_started_again(platform):
    before, children = platform.pids(), platform.worker_children()
    assert children
    os.kill(before["runs"], signal.SIGKILL)
    for child in children:
        assert has_ended(child, seconds=30)
    wait_for(lambda: platform.pids().get("runs", before["runs"]) != before["runs"])
    assert "runs  | ended with -9; starts again" in platform.log()
    assert platform.pids()["web"] == before["web"]


def test_a_child_of_a_worker_tells_where_it_stands(platform):
    # A worker that was started again has none for a moment, then some that end at once while its
    # libraries load. Until a child has begun, the signal would end it.
    def begun():
        return [pid for pid in platform.worker_children() if catches(pid, signal.SIGUSR2)]

    wait_for(begun)
    child, heard = begun()[0], len(platform.log())
    os.kill(child, signal.SIGUSR2)
    wait_for(lambda: "most recent call first" in platform.log()[heard:])
    assert "workloop" in platform.log()[heard:]
    assert child in platform.worker_children()


def test_it_leaves_no_process_behind(tmp_path):
    with embedded_platform(tmp_path) as platform:
        pids = [*platform.pids().values(), *platform.worker_children()]
    assert platform.process.returncode == 0
    assert all(has_ended(pid, seconds=5) for pid in pids)
    assert not (tmp_path / "dev.json").exists()


def test_its_processes_end_with_a_supervisor_that_was_killed(tmp_path):
    with embedded_platform(tmp_path) as platform:
        pids = [*platform.pids().values(), *platform.worker_children()]
        platform.process.kill()
        for pid in pids:
            assert has_ended(pid, seconds=30)


def test_a_second_platform_on_the_same_data_is_refused(platform):
    refused = pytest.raises(NotStartedError, match=r"A platform runs on .* already")
    with refused, embedded_platform(platform.data_dir):
        pass


def test_a_port_that_is_taken_ends_it_with_a_word_about_it(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = pytest.raises(NotStartedError, match=f"Cannot listen on 127.0.0.1:{port}")
        with refused as told, running_platform(tmp_path, port=port):
            pass
    assert "Choose other ports with PORT or PORTS." in str(told.value)
    assert "because web cannot run; it says why above" in str(told.value)
    assert "starts again" not in str(told.value)


def catches(pid: int, number: signal.Signals) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    return bool(int(status.partition("SigCgt:")[2].split()[0], 16) >> (number - 1) & 1)


def wait_for(condition, seconds: float = 60) -> None:
    """Look until something is so; the process that brings it about tells nobody else."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        select.select([], [], [], 0.05)

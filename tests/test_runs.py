"""Runs on the whole platform: workers that are killed, cancels, sockets; embedded and on services."""

import json
import os
import signal
import threading
from uuid import uuid4

import duckdb
import httpx2
import pytest
from websockets.sync.client import connect

from tests.servers.platform import embedded_platform, service_platform

ROWS = 2_000_000
ENDED = {"success", "failed"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["embedded", "services"])
def platform(request, tmp_path_factory):
    """A platform whose leases are short."""
    folder = tmp_path_factory.mktemp("runs")
    short = {"LEASE_SECONDS": "3", "WORKER_PROCESSES": "2"}
    if request.param == "embedded":
        with embedded_platform(folder, **short) as running:
            yield running
    else:
        with service_platform(
            folder, request.getfixturevalue("postgres_server"), **short
        ) as running:
            yield running


@pytest.fixture
def api(platform):
    files = platform.data_dir / "files"
    files.mkdir(exist_ok=True)
    with duckdb.connect(files / "in.duckdb") as db:
        db.execute("CREATE TABLE IF NOT EXISTS marks AS SELECT 1 AS n")
    who = {"username": uuid4().hex, "password": "correct horse"}
    with httpx2.Client(base_url=platform.url, timeout=60) as client:
        client.post("/auth/register", json=who).raise_for_status()
        token = client.post("/auth/login", json=who).raise_for_status().json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def start(api, *, rows=ROWS, into="out.duckdb", table="numbers", mode="replace"):
    # Few rows that take long, so that a run is met in the middle.
    slow = "sha256(sha256(sha256(sha256(range::VARCHAR)))) <> ''"
    query = f"SELECT range AS n FROM range({rows}) WHERE {slow}"
    task = {
        "extractor_config": {"type": "duckdb", "db_path": "in.duckdb", "query": query},
        "loader_config": {"type": "duckdb", "db_path": into, "table_name": table, "mode": mode},
    }
    body = {"job_name": "Numbers", "schedule": "@manual", "is_active": True, "tasks": [task]}
    answer = api.post("/jobs", json=body)
    assert answer.is_success, answer.json()
    job = answer.json()
    return api.post(f"/jobs/{job['job_id']}/run").raise_for_status().json()["run_id"]


def until(api, run, condition, *, seconds=90.0):
    """Return the run when the condition holds for it; it is asked often."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.05)):
        state = api.get(f"/runs/{run}").raise_for_status().json()
        if condition(state):
            return state
        pause.wait(0.05)
    raise AssertionError(f"it did not come about in time: {state}")


def is_ended(state):
    return state["status"] in ENDED


def is_moving(state):
    assert not is_ended(state), state
    return state["rows"] > 0


def count(platform, name="out.duckdb"):
    with duckdb.connect(platform.data_dir / "files" / name, read_only=True) as db:
        return db.execute("SELECT count(*), sum(n) FROM numbers").fetchone()


@pytest.mark.parametrize("mode", ["replace", "append"])
def test_a_run_whose_worker_is_killed_finishes_with_every_row_once(platform, api, mode):
    run = start(api, into=f"{mode}.duckdb", mode=mode)
    until(api, run, is_moving)
    for pid in platform.worker_children():
        os.kill(pid, signal.SIGKILL)
    state = until(api, run, is_ended)
    assert (state["status"], state["attempt"], state["rows"]) == ("success", 2, ROWS), state
    assert count(platform, f"{mode}.duckdb") == (ROWS, ROWS * (ROWS - 1) // 2)
    messages = [event["message"] for event in api.get(f"/runs/{run}/events").json()]
    assert any(message.startswith("The worker was lost") for message in messages)


def test_a_run_outlives_the_end_of_the_whole_worker(platform, api):
    run = start(api, into="whole.duckdb")
    until(api, run, is_moving)
    os.kill(platform.pids()["runs"], signal.SIGKILL)
    state = until(api, run, is_ended)
    assert (state["status"], state["attempt"]) == ("success", 2), state
    assert count(platform, "whole.duckdb") == (ROWS, ROWS * (ROWS - 1) // 2)


def test_a_worker_whose_idle_children_are_killed_goes_on(platform, api):
    until(api, start(api, rows=7, into="idle.duckdb"), is_ended)
    for _ in range(3):
        for pid in platform.worker_children():
            os.kill(pid, signal.SIGKILL)
        state = until(api, start(api, rows=7, into="idle.duckdb"), is_ended, seconds=90)
        assert state["status"] == "success", state


def test_a_cancel_stops_a_run_within_seconds_and_its_target_stays(platform, api):
    until(api, start(api, rows=7, into="kept.duckdb"), is_ended)
    run = start(api, rows=100_000_000_000, into="kept.duckdb")
    until(api, run, is_moving)
    assert api.post(f"/runs/{run}/cancel").json()["status"] == "running"
    state = until(api, run, is_ended, seconds=30)
    assert (state["status"], state["error_message"]) == ("failed", "The run was cancelled")
    assert count(platform, "kept.duckdb") == (7, 21)


def test_two_jobs_that_write_one_table_take_turns(platform, api):
    runs = [start(api, rows=500_000, into="shared.duckdb", mode="append") for _ in range(2)]
    for run in runs:
        state = until(api, run, is_ended)
        assert (state["status"], state["attempt"]) == ("success", 1), state
    assert count(platform, "shared.duckdb")[0] == 1_000_000


def test_a_socket_hears_every_event_of_a_run(platform, api):
    run = start(api, rows=1000, into="heard.duckdb")
    heard = []
    address = platform.url.replace("http", "ws") + f"/api/v1/ws/runs/{run}"
    token = {"Authorization": api.headers["Authorization"]}
    with connect(address, additional_headers=token, proxy=None) as socket:
        while not heard or heard[-1].get("data", {}).get("status") != "succeeded":
            heard.append(json.loads(socket.recv(timeout=30)))
    told = [event for event in heard if "seq" in event]
    assert told == api.get(f"/runs/{run}/events").json()


def test_two_jobs_that_write_into_one_duckdb_file_take_turns(platform, api):
    runs = [start(api, rows=100_000, into="one.duckdb", table=name) for name in ("one", "two")]
    for run in runs:
        state = until(api, run, is_ended)
        assert (state["status"], state["attempt"]) == ("success", 1), state

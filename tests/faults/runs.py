"""Starting runs and waiting for their ends over the public API."""

import os
import signal
import time
from typing import Any

import httpx2
import pytest

from config.launching import Platform

ENDED = {"success", "failed"}
LONGEST = 300.0
STACK = "most recent call first"


def start(http: httpx2.Client, jobs: list[str]) -> list[str]:
    """Start a run of each job and return the run ids."""
    answers = [http.post(f"/jobs/{job}/run") for job in jobs]
    assert {answer.status_code for answer in answers} == {200}, answers[0].text
    return [answer.json()["run_id"] for answer in answers]


def finish(http: httpx2.Client, platform: Platform, runs: list[str]) -> int:
    """Wait until every run has succeeded; return the attempts that the hardest of them took."""
    deadline, most = time.monotonic() + LONGEST, 0
    for run in runs:
        while (state := http.get(f"/runs/{run}").json())["status"] not in ENDED:
            if time.monotonic() > deadline:
                pytest.fail(explained(http, platform, state), pytrace=False)
            time.sleep(0.05)
        assert state["status"] == "success", state["error_message"]
        most = max(most, state["attempt"])
    return most


def explained(http: httpx2.Client, platform: Platform, state: dict[str, Any]) -> str:
    """Return what can be known of a run that does not end: its job, its events, every stack."""
    job = http.get(f"/jobs/{state['job_id']}").text
    events = http.get(f"/runs/{state['run_id']}/events").text
    children, heard = platform.worker_children(), len(platform.log())
    for pid in children:
        os.kill(pid, signal.SIGUSR2)
    deadline = time.monotonic() + 10
    while platform.log()[heard:].count(STACK) < len(children) and time.monotonic() < deadline:
        time.sleep(0.05)
    now = time.strftime("%H:%M:%S", time.gmtime())
    told = [f"At {now} {state} has not ended", job, events[-4000:], platform.log()[-20_000:]]
    return "\n\n".join(told)

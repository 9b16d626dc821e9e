"""Seconds and peak memory of a whole process, of a run on the platform, and their ratios."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

import httpx2

ROUNDS = int(os.environ.get("ROUNDS", "5"))


@dataclass(frozen=True)
class Figure:
    """What one execution took."""

    seconds: float
    peak_mb: float = 0.0


@dataclass(frozen=True)
class Result:
    """One line of the table: a measured figure beside what it must be at most."""

    work: str
    yardstick: str
    measured: str
    limit: str
    is_met: bool


def process(*command: str) -> Figure:
    """Run a command to its end and measure it as the kernel does; it must succeed."""
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}")
    return Figure(time.perf_counter() - began, usage.ru_maxrss / 1024)


def python(code: str, *arguments: str) -> Figure:
    """Run a bare script in a fresh interpreter."""
    return process(sys.executable, "-c", code, *arguments)


def in_turn(
    candidate: Callable[[], Figure], yardstick: Callable[[], Figure], rounds: int = ROUNDS
) -> tuple[Figure, Figure, float]:
    """Run both in turn (A B A B …); return their medians and the median of the rounds' ratios."""
    ours, [(theirs, ratio)] = in_turns(candidate, yardstick, rounds=rounds)
    return ours, theirs, ratio


def in_turns(
    candidate: Callable[[], Figure], *yardsticks: Callable[[], Figure], rounds: int = ROUNDS
) -> tuple[Figure, list[tuple[Figure, float]]]:
    """Run all in turn (A B C A B C …); return our median, and each yardstick's with its ratio."""
    every = (candidate, *yardsticks)
    for one in every:
        one()  # all warm
    turns = [[one() for one in every] for _ in range(rounds)]
    others = [
        (
            middle([turn[place] for turn in turns]),
            median(turn[0].seconds / turn[place].seconds for turn in turns),
        )
        for place in range(1, len(every))
    ]
    return middle([turn[0] for turn in turns]), others


def middle(figures: list[Figure]) -> Figure:
    """Return the median of seconds and of memory."""
    return Figure(
        median(figure.seconds for figure in figures), median(figure.peak_mb for figure in figures)
    )


@dataclass(frozen=True)
class Jobs:
    """Task jobs on a running platform."""

    http: httpx2.Client

    @classmethod
    def at(cls, url: str) -> "Jobs":
        """Reach a platform in open mode."""
        return cls(httpx2.Client(base_url=url, timeout=60))

    def create(self, extractor: dict[str, Any], loader: dict[str, Any]) -> str:
        """Create a job of one task and return its id."""
        task = {"extractor_config": extractor, "loader_config": loader}
        body = {"job_name": "benchmark", "schedule": "@manual", "is_active": True, "tasks": [task]}
        return str(self.http.post("/jobs", json=body).raise_for_status().json()["job_id"])

    def run(self, job: str) -> Figure:
        """Run a job; its seconds are those from dispatch to committed, as the run itself says."""
        state = self._finish(job, pause=0.25)
        times = [datetime.fromisoformat(state[name]) for name in ("created_at", "finished_at")]
        return Figure((times[1] - times[0]).total_seconds(), state["memory_peak_bytes"] / 1e6)

    def watch(self, job: str) -> float:
        """Run a job; return the seconds from `POST …/run` until its success is seen by polling."""
        began = time.perf_counter()
        self._finish(job, pause=0.005)
        return time.perf_counter() - began

    def _finish(self, job: str, *, pause: float) -> dict[str, Any]:
        run = self.http.post(f"/jobs/{job}/run").raise_for_status().json()["run_id"]
        while True:
            state: dict[str, Any] = self.http.get(f"/runs/{run}").raise_for_status().json()
            if state["status"] == "success":
                return state
            if state["status"] == "failed":
                raise SystemExit(state["error_message"])
            time.sleep(pause)

"""File jobs: 1 GB of CSV filtered to Parquet beside bare Polars, and a hundred jobs at once."""

import threading
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2

from benchmarks import lineitem
from benchmarks.measuring import Figure, Result, in_turn, python
from config.launching import Platform

ROWS, ROUNDS = 8_000_000, 3
STEPS = [
    {"type": "filter", "params": {"column": "l_returnflag", "operator": "eq", "value": "R"}},
    {"type": "convert_format", "params": {"to_format": "parquet"}},
]
BARE = """
import sys, polars as pl
rows = pl.scan_csv(sys.argv[1]).filter(pl.col("l_returnflag") == "R")
rows.sink_parquet(sys.argv[2], compression="zstd", compression_level=1)
"""
ENDED = ("COMPLETED", "FAILED", "CANCELLED")
MANY, LONGEST_SECONDS = 100, 600.0


@dataclass(frozen=True)
class FileJobs:
    """File jobs of a new user on a running platform."""

    http: httpx2.Client

    @classmethod
    def at(cls, url: str) -> "FileJobs":
        """Register, log in, and reach a platform."""
        http = httpx2.Client(base_url=f"{url}/api/v1", timeout=600)
        who = {"email": "bench@example.com", "password": "correct horse"}
        http.post("/auth/register", json=who).raise_for_status()
        log_in = {"username": who["email"], "password": who["password"]}
        token = http.post("/auth/login", data=log_in).raise_for_status().json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        return cls(http)

    def upload(self, file: Path, steps: list[dict[str, Any]]) -> str:
        """Make a job and send its file; returns its id."""
        size = file.stat().st_size
        body = {
            "file_name": file.name,
            "original_file_size_bytes": size,
            "processing_steps": steps,
        }
        job = str(self.http.post("/jobs", json=body).raise_for_status().json()["id"])
        given = self.http.post(f"/jobs/{job}/upload-url", json={}).raise_for_status().json()
        with file.open("rb") as content:
            headers = {"Content-Length": str(size)}
            httpx2.put(
                given["upload_url"], content=content, headers=headers, timeout=600
            ).raise_for_status()
        return job

    def mark(self, job: str, name: str) -> None:
        """Say that the file is there."""
        body = {"object_key": f"input/{job}/{name}"}
        self.http.post(f"/jobs/{job}/mark-uploaded", json=body).raise_for_status()

    def finish(self, job: str, *, pause: float = 0.02) -> dict[str, Any]:
        """Wait for a job's end; it must be COMPLETED."""
        end = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < end:
            state: dict[str, Any] = self.http.get(f"/jobs/{job}").raise_for_status().json()
            if state["status"] in ENDED:
                break
            time.sleep(pause)
        if state["status"] != "COMPLETED":
            raise SystemExit(f"{state['status']}: {state['error_message']}")
        return state


class Asking:
    """Asks for the list of jobs ten times a second while its block runs."""

    def __init__(self, jobs: FileJobs) -> None:
        self._jobs = jobs
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.seconds: list[float] = []

    def __enter__(self) -> "Asking":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()

    def _ask(self) -> None:
        with httpx2.Client(
            base_url=self._jobs.http.base_url, headers=self._jobs.http.headers
        ) as http:
            while not self._done.wait(0.1):
                began = time.perf_counter()
                http.get("/jobs?limit=20").raise_for_status()
                self.seconds.append(time.perf_counter() - began)


def measure(platform: Platform, data: Path) -> list[Result]:
    """Return seconds and memory from mark-uploaded to COMPLETED, and how the API answers then."""
    source = lineitem.write_csv(data / f"lineitem_{ROWS}.csv", ROWS)
    jobs = FileJobs.at(platform.url)
    uploaded = [jobs.upload(source, STEPS) for _ in range(ROUNDS + 1)]

    def run() -> Figure:
        job = uploaded.pop()
        began = time.perf_counter()
        jobs.mark(job, source.name)
        state = jobs.finish(job)
        seconds = time.perf_counter() - began
        jobs.http.delete(f"/jobs/{job}").raise_for_status()
        return Figure(seconds, state["memory_peak_bytes"] / 1e6)

    with Asking(jobs) as asking:
        ours, bare, ratio = in_turn(
            run, lambda: python(BARE, str(source), str(data / "bare.parquet")), rounds=ROUNDS
        )
    p99 = sorted(asking.seconds)[int(len(asking.seconds) * 0.99)]
    limit = 1.15 * bare.seconds + 0.5
    work = f"{source.stat().st_size / 1e9:.2f} GB CSV, filter → Parquet"
    return [
        Result(
            f"{work}, mark-uploaded to COMPLETED",
            f"bare Polars {bare.seconds:.2f} s",
            f"{ours.seconds:.2f} s ({ratio:.2f} ×)",
            f"{limit:.2f} s (1.15 × + 0.5 s)",
            ours.seconds <= limit,
        ),
        Result(f"{work}, memory", "–", f"{ours.peak_mb:.0f} MB", "600 MB", ours.peak_mb <= 600),
        Result(
            "GET /api/v1/jobs meanwhile, p99", "–", f"{p99 * 1000:.0f} ms", "100 ms", p99 <= 0.1
        ),
    ]


def measure_many(platform: Platform, data: Path) -> list[Result]:
    """Return how long a hundred jobs at once take, and how long the last of them waited."""
    jobs = FileJobs.at(platform.url)
    source = lineitem.write_csv(data / "lineitem_20000.csv", 20_000)
    uploaded = [jobs.upload(source, STEPS) for _ in range(MANY)]
    began = time.perf_counter()
    for job in uploaded:
        jobs.mark(job, source.name)
    states = [jobs.finish(job) for job in uploaded]
    seconds = time.perf_counter() - began
    waits = [_moment(state["started_at"]) - _moment(state["created_at"]) for state in states]
    order = [states.index(state) for state in sorted(states, key=lambda one: one["started_at"])]
    # Who comes first is served first, give or take those that are worked on at once.
    late = max(abs(place - rank) for rank, place in enumerate(order))
    return [
        Result(
            f"{MANY} file jobs at once",
            "–",
            f"{seconds:.1f} s, all COMPLETED; last began after {max(waits):.1f} s",
            "all finish",
            len(states) == MANY,
        ),
        Result("their order", "first come, first served", f"{late} places off", "10", late <= 10),
    ]


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()

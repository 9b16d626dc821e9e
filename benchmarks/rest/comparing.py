"""Our list of jobs and the two yardsticks, asked in turn of one server over one database."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx2

from benchmarks.measuring import ROUNDS, Result
from benchmarks.rest.driving import Seen, Work
from tests.servers.postgres import fresh_database, private_postgres
from tests.servers.processes import free_port, keep, wait_until

WHO = {"username": "ada", "password": "correct horse"}
LIST = "/jobs?kind=tasks&limit=100"
# As docker-compose.yml serves it.
GRANIAN = ("--interface=wsgi", "--workers=2", "--blocking-threads=1", "--no-ws")


@dataclass(frozen=True)
class Stack:
    """A running server: its port, its environment, our token and simplejwt's."""

    port: int
    environment: dict[str, str]
    ours: str
    plain: str

    def drive(self, path: str, token: str) -> Seen:
        """Ask for a path with 32 connections; SystemExit if an answer was no list of 100 rows."""
        work = Work(port=self.port, path=path, token=token)
        seen = Seen(**self.run("driving", json.dumps(asdict(work))))
        if seen.errors or not seen.rate:
            raise SystemExit(f"{path}: {seen.rate:.0f} answers a second, {seen.errors} errors")
        return seen

    def run(self, module: str, *arguments: str) -> dict[str, Any]:
        """Run a program of this package and return what it printed."""
        return run(self.environment, module, *arguments)


def run(environment: dict[str, str], module: str, *arguments: str) -> dict[str, Any]:
    """Run a program of this package in a process of its own; return the JSON that it printed."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.rest.{module}", *arguments],
        env=os.environ | environment,
        check=True,
        stdout=subprocess.PIPE,
    )
    return json.loads(done.stdout or b"{}")


@contextmanager
def serving(folder: Path) -> Iterator[Stack]:
    """Serve the platform and the yardsticks as in production, over a database of 1,000 jobs."""
    port = free_port()
    with private_postgres() as server, fresh_database(server) as database:
        environment = {
            "DATABASE_URL": database,
            "DATA_DIR": str(folder / "data"),
            "DEBUG": "0",
            "DJANGO_SETTINGS_MODULE": "benchmarks.rest.settings",
            "ENV_FILE": os.devnull,
            "LOG_LEVEL": "WARNING",
        }
        run(environment, "filling", "--migrate")
        pairs = [f"{name}={value}" for name, value in environment.items()]
        command = [sys.executable, "-m", "granian", *GRANIAN, f"--port={port}"]
        place = folder / "granian"
        place.mkdir()
        web = keep(
            ["env", *pairs, *command, "benchmarks.rest.application:application"], folder=place
        )
        try:
            with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
                wait_until(lambda: http.get("/health").raise_for_status(), server=web)
                http.post("/auth/register", json=WHO).raise_for_status()
                plain = run(environment, "filling", WHO["username"])["token"]
                ours = http.post("/auth/login", json=WHO).raise_for_status().json()["token"]
                stack = Stack(port, environment, ours, plain)
                demand_alike(http, stack)
            yield stack
        finally:
            web.end()


def demand_alike(http: httpx2.Client, stack: Stack) -> None:
    """Look once at what each path answers; SystemExit unless all three are the same 100 rows."""
    found = []
    for path, token in targets(stack).values():
        answer = http.get(path, headers={"Authorization": f"Bearer {token}"}).raise_for_status()
        body = answer.json()
        rows = body if isinstance(body, list) else body["results"]
        found.append([row["id"] for row in rows])
    if len(found[0]) != 100 or any(rows != found[0] for rows in found):
        raise SystemExit("The yardsticks answer other rows than the platform")


def targets(stack: Stack) -> dict[str, tuple[str, str]]:
    """Return the path and the token of each of the three."""
    return {
        "ours": (LIST, stack.ours),
        "cheapest": ("/yardsticks/cheapest", stack.plain),
        "default": ("/yardsticks/default", stack.plain),
    }


def measure(folder: Path) -> list[Result]:
    """Return what the list reaches of each yardstick, how even it is, and what a token costs."""
    with serving(folder) as stack:
        rounds = [
            {name: stack.drive(*target) for name, target in targets(stack).items()}
            for _ in range(ROUNDS + 1)
        ][1:]  # the first warms every process up
        token = stack.run("verifying", stack.ours)
    return [*compared(rounds), evenness(rounds), verified(token)]


def compared(rounds: list[dict[str, Seen]]) -> Iterator[Result]:
    """Yield the ratio of requests a second to each yardstick: the median of the rounds' ratios."""
    ours = middle(rounds, "ours", "rate")
    for name, words, least in (
        ("cheapest", "cheapest generic DRF view", 0.8),
        ("default", "default ModelSerializer view", 2.0),
    ):
        ratio = median(seen["ours"].rate / seen[name].rate for seen in rounds)
        yield Result(
            f"100 jobs over REST, {Work.connections} connections",
            f"{words} {middle(rounds, name, 'rate'):,.0f}/s",
            f"{ours:,.0f}/s ({ratio:.2f} ×)",
            f"at least {least} ×",
            ratio >= least,
        )


def evenness(rounds: list[dict[str, Seen]]) -> Result:
    """Return how far the slowest hundredth is from the middle."""
    p50, p99 = (middle(rounds, "ours", name) for name in ("p50", "p99"))
    return Result(
        "the same, p99",
        f"its p50 {p50:.1f} ms",
        f"{p99:.1f} ms ({p99 / p50:.2f} ×)",
        "3 ×",
        p99 <= 3 * p50,
    )


def verified(token: dict[str, Any]) -> Result:
    """Return what it takes to know a token's user on a warm process."""
    taken, queries = token["microseconds"], token["queries"]
    return Result(
        "a token and its user, warm process",
        "–",
        f"{taken:.0f} µs, {queries:g} queries",
        "150 µs, 0 queries",
        taken <= 150 and queries == 0,
    )


def middle(rounds: list[dict[str, Seen]], name: str, figure: str) -> float:
    """Return the median of a figure over the rounds."""
    return median(getattr(seen[name], figure) for seen in rounds)

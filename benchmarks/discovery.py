"""A database of a thousand tables: from the question for its catalog to the answer's last byte."""

import time
from statistics import median
from typing import Any

import httpx2
import psycopg

from benchmarks.measuring import ROUNDS, Result
from benchmarks.postgres import connector
from config.launching import Platform
from tests.servers.postgres import private_postgres

TABLES, COLUMNS, PAGE = 1_000, 20, 100
LIMIT = 5.0


def measure(platform: Platform, _folder: Any) -> list[Result]:
    """Return the seconds that a page of the catalog takes, and the whole of it in one answer."""
    with private_postgres() as url:
        _fill(url)
        http = _signed_up(platform.url)
        config = {
            key: value for key, value in connector(url).items() if key not in ("type", "table")
        }
        body = {"name": "thousand", "source_type": "postgres", "config": config}
        source = http.post("/sources", json=body).raise_for_status().json()["source_id"]
        return [
            _result(
                http,
                source,
                f"a page of {PAGE} that a search finds",
                f"?limit={PAGE}&search=t_0",
                PAGE,
            ),
            _result(http, source, "the whole catalog", "", TABLES),
        ]


def _fill(url: str) -> None:
    columns = ", ".join(f"c_{number} numeric(12, 2)" for number in range(COLUMNS))
    with psycopg.connect(url, autocommit=True) as database:
        for number in range(TABLES):
            database.execute(
                f"create table t_{number:04} (id bigint primary key, at timestamptz, {columns})"
            )


def _signed_up(url: str) -> httpx2.Client:
    http = httpx2.Client(base_url=url, timeout=60)
    who = {"email": "benchmark@example.com", "password": "a password for benchmarks"}
    http.post("/signup", json={"name": "benchmark", **who}).raise_for_status()
    http.headers["Authorization"] = f"Bearer {http.post('/login', json=who).json()['token']}"
    return http


def _result(http: httpx2.Client, source: int, told: str, query: str, count: int) -> Result:
    seconds, size = [], 0
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        answer = http.get(f"/sources/{source}/catalog{query}").raise_for_status()
        seconds.append(time.perf_counter() - began)
        size = len(answer.content)
        if len(answer.json()["catalog"]["streams"]) != count:
            raise SystemExit(f"{count} streams were expected")
    # The first one warms a worker.
    took = median(seconds[1:])
    return Result(
        f"PostgreSQL, catalog of {TABLES:,} tables of {COLUMNS + 2} columns: {told}",
        "–",
        f"{took:.2f} s, {size / 1e6:.1f} MB",
        f"{LIMIT:.0f} s",
        took <= LIMIT,
    )

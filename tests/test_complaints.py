"""What users of such platforms complain about most, each tried as a user on a live platform.

The numbers are those of the issues in which people told it of other platforms; docs/complaints.md
says where the rest of them is tested.
"""

import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import httpx2
import psycopg
import pytest

from connectors.tests.postgres.conftest import settings_of
from tests.servers.platform import embedded_platform

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ENDED = {"success", "failed", "partial", "cancelled"}
WHO = {"email": "ada@example.org", "password": "a good password"}


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    with embedded_platform(tmp_path_factory.mktemp("complaints"), DEBUG="0") as running:
        yield running


@pytest.fixture(scope="module")
def files(platform) -> Path:
    """The folder that relative paths of connections mean."""
    return platform.data_dir / "files"


@pytest.fixture(scope="module")
def http(platform) -> Iterator[httpx2.Client]:
    """Somebody who is logged in."""
    with httpx2.Client(base_url=platform.url, timeout=60) as client:
        client.post("/signup", json={"name": "Ada", **WHO}).raise_for_status()
        token = client.post("/login", json=WHO).raise_for_status().json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@pytest.fixture
def sync(http, request):
    """Save a source, a destination and a job between them; returns the job's number."""

    def save(source: dict[str, Any], destination: dict[str, Any], *streams: dict[str, Any]) -> int:
        return create(http, request.node.name, source, destination, streams)

    return save


def create(http, name, source, destination, streams) -> int:
    bodies = {}
    for path, type_name, end in (
        ("sources", "source_type", source),
        ("destinations", "dest_type", destination),
    ):
        config = {key: value for key, value in end.items() if key != "type"}
        body = {"name": name, type_name: end["type"], "config": config}
        bodies[path] = told(http.post(f"/{path}", json=body))
    ends = {
        "source_id": bodies["sources"]["source_id"],
        "dest_id": bodies["destinations"]["dest_id"],
    }
    job = {"name": name, **ends, "frequency": "manual", "config": {"streams": list(streams)}}
    return told(http.post("/jobs", json=job))["job_id"]


def told(answer: httpx2.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


def start(http: httpx2.Client, job: int) -> str:
    return told(http.post(f"/jobs/{job}/run"))["run_id"]


def finish(http: httpx2.Client, job: int, run: str) -> dict[str, Any]:
    """Wait until a run has ended and return its line of the history."""
    while told(http.get(f"/jobs/{job}/tasks"))["data"][0]["status"] not in ENDED:
        time.sleep(0.05)
    return told(http.get(f"/jobs/{job}/history"))["data"][0]


def run(http: httpx2.Client, job: int, status: str = "success") -> dict[str, Any]:
    line = finish(http, job, start(http, job))
    assert line["status"] == status, line
    return line


@contextmanager
def meanwhile(work) -> Iterator[None]:
    """Do something again and again in another thread; what it raises fails the test."""
    stop = threading.Event()

    def repeat() -> None:
        while not stop.is_set():
            work()

    with ThreadPoolExecutor(max_workers=1) as pool:
        repeating = pool.submit(repeat)
        try:
            yield
        finally:
            stop.set()
        repeating.result()


def in_duckdb(path: Path, query: str) -> Any:
    with duckdb.connect(str(path), read_only=True) as database:
        return database.execute(query).fetchall()


def in_sqlite(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        for statement in statements:
            database.execute(statement)


def test_money_that_is_moved_during_a_copy_is_neither_lost_nor_doubled(
    http, sync, files, postgres_url
):
    """Olake 450, 469, 499: parts of a table were read in transactions of their own."""
    with psycopg.connect(postgres_url, autocommit=True) as bank:
        bank.execute("create table accounts (id bigint primary key, amount bigint, note text)")
        bank.execute(
            "insert into accounts select n, 100, repeat('x', 200) from generate_series(1, 100000) n"
        )
        pick = random.Random(7).randrange

        def transfer() -> None:
            with bank.transaction():
                # Each update moves a row to another page.
                change = "update accounts set amount = amount + %s where id = %s"
                bank.execute(change, [-1, pick(1, 100_001)])
                bank.execute(change, [1, pick(1, 100_001)])

        source = {"type": "postgres", **settings_of(postgres_url)}
        job = sync(
            source,
            {"type": "duckdb", "path": "bank.duckdb"},
            {"name": "accounts", "namespace": "public", "sync_mode": "full_refresh"},
        )
        for _ in range(3):
            with meanwhile(transfer):
                run(http, job)
            found = in_duckdb(files / "bank.duckdb", "select count(*), sum(amount) from accounts")
            assert found == [(100_000, 10_000_000)]


def test_a_decimal_keeps_every_digit(http, sync, files, postgres_url):
    """Olake 693, 695: numeric became a double."""
    amount = "99999999999999999999.123456789012345678"
    with psycopg.connect(postgres_url, autocommit=True) as shop:
        shop.execute("create table prices (id int primary key, price numeric(38, 18))")
        shop.execute("insert into prices values (1, %s)", [amount])
    source = {"type": "postgres", **settings_of(postgres_url)}
    destination = {"type": "duckdb", "path": "prices.duckdb"}
    job = sync(source, destination, {"name": "prices", "namespace": "public"})
    run(http, job)
    assert in_duckdb(files / "prices.duckdb", "select price from prices") == [(Decimal(amount),)]


def test_a_stream_that_broke_makes_the_run_partial_and_says_which(http, sync, files):
    """Olake 125, 1039: a broken stream was skipped with a warning and the run called a success."""
    shop = files / "half.sqlite"
    in_sqlite(shop, "create table good (id integer primary key)", "insert into good values (1)")
    in_sqlite(shop, "create table gone (id integer primary key)")
    ends = {"type": "sqlite", "path": "half.sqlite"}, {"type": "duckdb", "path": "half.duckdb"}
    job = sync(*ends, {"name": "good"}, {"name": "gone"})
    in_sqlite(shop, "drop table gone")
    line = run(http, job, "partial")
    assert "gone" in line["error"]
    assert in_duckdb(files / "half.duckdb", "select id from good") == [(1,)]


def test_a_cancelled_run_leaves_no_query_at_the_source(http, sync, postgres_url):
    """Olake 955: after a cancel the source went on working for nobody."""
    with psycopg.connect(postgres_url, autocommit=True) as shop:
        shop.execute(
            "create view slow as select n, pg_sleep(0.05)::text as nap "
            "from generate_series(1, 100000) n"
        )
        active = "select count(*) from pg_stat_activity where query like '%%slow%%' "
        active += "and state = 'active' and pid <> pg_backend_pid()"
        source = {"type": "postgres", **settings_of(postgres_url)}
        destination = {"type": "duckdb", "path": "slow.duckdb"}
        job = sync(source, destination, {"name": "slow", "namespace": "public"})
        started = start(http, job)
        while shop.execute(active).fetchone() == (0,):
            time.sleep(0.02)
        told(http.post(f"/runs/{started}/cancel"))
        began = time.monotonic()
        while shop.execute(active).fetchone() != (0,):
            assert time.monotonic() - began < 60, "the query still runs"
            time.sleep(0.02)
        assert finish(http, job, started)["status"] == "cancelled"


def test_readers_never_see_an_empty_table_while_it_is_loaded_anew(http, sync, files, postgres_url):
    """A full refresh that drops first leaves its readers with nothing."""
    make = "create table rows as with recursive n(id) as (select 1 union all select id + 1 from n "
    in_sqlite(files / "whole.sqlite", make + "where id < 50000) select id from n")
    destination = {"type": "postgres", **settings_of(postgres_url)}
    job = sync({"type": "sqlite", "path": "whole.sqlite"}, destination, {"name": "rows"})
    run(http, job)
    with psycopg.connect(postgres_url, autocommit=True) as reader:

        def look() -> None:
            assert reader.execute("select count(*) from rows").fetchone() == (50_000,)

        with meanwhile(look):
            for _ in range(3):
                run(http, job)


def test_rows_that_come_later_with_the_same_time_arrive_once(http, sync, files):
    """A strict comparison with the last value loses them; a lax one doubles those before them."""
    shop = files / "times.sqlite"
    insert = "insert into events values ({}, '2026-01-01 00:00:00')"
    in_sqlite(shop, "create table events (id integer primary key, at text)", insert.format(1))
    job = sync(
        {"type": "sqlite", "path": "times.sqlite"},
        {"type": "duckdb", "path": "times.duckdb"},
        {"name": "events", "sync_mode": "incremental", "cursor_field": "at", "append_mode": True},
    )
    for number in (2, 3):
        run(http, job)
        in_sqlite(shop, insert.format(number))
    run(http, job)
    found = in_duckdb(files / "times.duckdb", "select id from events order by id")
    assert found == [(1,), (2,), (3,)]


def test_a_catalog_of_a_thousand_tables_comes_in_pages(http, files):
    """Olake's interface 269, 285, 401: large catalogs broke the limits of bodies."""
    tables = [f"create table t_{n:04} (id integer primary key, note text)" for n in range(1_000)]
    in_sqlite(files / "many.sqlite", *tables)
    body = {"name": "many", "source_type": "sqlite", "config": {"path": "many.sqlite"}}
    source = told(http.post("/sources", json=body))["source_id"]
    names = []
    for offset in range(0, 1_000, 250):
        page = http.get(f"/sources/{source}/catalog?limit=250&offset={offset}")
        assert page.headers["x-total-count"] == "1000"
        assert len(page.content) < 500_000
        names += [item["stream"]["name"] for item in told(page)["catalog"]["streams"]]
    assert names == [f"t_{n:04}" for n in range(1_000)]
    found = told(http.get(f"/sources/{source}/catalog?search=T_09&limit=5"))
    assert len(found["catalog"]["streams"]) == 5


def test_a_secret_never_comes_back(http, postgres_url):
    """Olake's interface shows the passwords of every connection to whoever may list them."""
    settings = settings_of(postgres_url) | {"password": "never-to-be-seen"}
    body = {"name": "secret", "source_type": "postgres", "config": settings}
    made = http.post("/sources", json=body)
    tried = http.post("/sources/test", json={"source_id": told(made)["source_id"]})
    assert tried.json()["status"] == "failed"
    for answer in (made, tried, http.get("/sources")):
        assert "never-to-be-seen" not in answer.text


def test_the_test_of_a_destination_leaves_nothing_there(http, files, postgres_url):
    """Olake leaves a table and an object behind with every click."""
    everything = "select count(*) from pg_class"
    with psycopg.connect(postgres_url, autocommit=True) as database:
        before = database.execute(everything).fetchone()
        for kind, config in {
            "postgres": settings_of(postgres_url),
            "parquet": {"path": "tried/parquet"},
            "delta": {"path": "tried/delta"},
            "duckdb": {"path": "tried.duckdb"},
        }.items():
            answer = told(
                http.post("/destinations/test", json={"dest_type": kind, "config": config})
            )
            assert answer["status"] == "success", answer
        assert database.execute(everything).fetchone() == before
    assert not [*files.glob("tried*")]

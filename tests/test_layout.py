"""The layout past one process: REST on granian, sockets on uvicorn, news between them by Redis."""

import asyncio
import fnmatch
import json
import os
import re
import secrets
import select
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from config import parts
from jobs.tests.api import new_job
from tests.servers import layout, postgres, redis
from tests.servers.keeper import has_ended

pytestmark = pytest.mark.slow
ADA = {"username": "ada", "password": "correct horse"}
CADDYFILE = Path(__file__).resolve().parents[1] / "deploy" / "Caddyfile"


class Layout:
    """The two services over one database, and somebody who has logged in."""

    def __init__(self, web, sockets, environment):
        self.web, self.sockets, self.environment = web, sockets, environment
        self.token = ""
        self.ask("POST", "/auth/register", ADA)
        self.token = self.log_in()

    def log_in(self):
        return json.load(self.ask("POST", "/auth/login", ADA))["token"]

    def ask(self, method, path, body=None, *, token=None):
        headers = {"Content-Type": "application/json"}
        if token := token or self.token:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.web.url + path, data, headers, method=method)
        return urllib.request.urlopen(request, timeout=20)

    def socket(self, service, run, *, token=None):
        address = f"ws://127.0.0.1:{service.port}/api/v1/ws/runs/{run}"
        return connect(f"{address}?token={token or self.token}", proxy=None, close_timeout=1)


@pytest.fixture(scope="module")
def running(postgres_server, tmp_path_factory):
    """Web and sockets as docker-compose.yml runs them, in production."""
    with postgres.fresh_database(postgres_server) as database, redis.private_redis() as broker:
        environment = {
            "DATA_DIR": str(tmp_path_factory.mktemp("layout")),
            "DATABASE_URL": database,
            "DEBUG": "0",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "ENV_FILE": os.devnull,
            "HOST": "127.0.0.1",
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "INFO",
            "REDIS_URL": broker,
            "SECRET_KEY": secrets.token_urlsafe(64),
        }
        layout.prepared(environment)
        with (
            layout.running_service("web", environment) as web,
            layout.running_service("sockets", environment) as sockets,
        ):
            yield Layout(web, sockets, environment)


def started(running) -> str:
    job = json.load(running.ask("POST", "/jobs", new_job()))
    return json.load(running.ask("POST", f"/jobs/{job['job_id']}/run"))["run_id"]


def test_rest_is_answered_by_granian(running):
    assert running.ask("GET", "/jobs").headers["Server"] == "granian"
    with urllib.request.urlopen(f"{running.sockets.url}/health", timeout=20) as answer:
        assert "granian" not in answer.headers.get("Server", "")


def test_a_socket_of_the_one_process_hears_what_the_other_did(running):
    run = started(running)

    async def watch():
        async with running.socket(running.sockets, run) as socket:
            texts = [json.loads(await socket.recv())["message"]]
            await asyncio.to_thread(running.ask, "POST", f"/runs/{run}/cancel")
            return [*texts, json.loads(await socket.recv())["message"]]

    heard = asyncio.run(asyncio.wait_for(watch(), 20))
    assert heard == ["The run is queued", "The run was cancelled"]


def test_a_log_out_over_rest_ends_the_sockets_of_the_other_process(running):
    run, token = started(running), running.log_in()

    async def watch():
        async with running.socket(running.sockets, run, token=token) as socket:
            await socket.recv()
            await asyncio.to_thread(running.ask, "POST", "/api/v1/auth/logout", token=token)
            said = time.monotonic()
            await socket.wait_closed()
            return socket.close_code, time.monotonic() - said

    code, seconds = asyncio.run(asyncio.wait_for(watch(), 60))
    # Two seconds are promised; this machine may have other things to do.
    assert (code, seconds < 20) == (4401, True)


def test_a_socket_does_not_open_where_rest_is_answered(running):
    async def knock():
        async with running.socket(running.web, started(running)):
            pass

    with pytest.raises(InvalidStatus):
        asyncio.run(asyncio.wait_for(knock(), 20))


def test_the_address_of_the_client_reaches_django(running):
    with psycopg.connect(running.environment["DATABASE_URL"]) as database:
        sessions = database.execute("select host(address), door from accounts_session").fetchall()
    assert set(sessions) == {("127.0.0.1", "orc")}


def test_a_line_of_the_log_comes_once_and_is_json(running):
    with pytest.raises(urllib.error.HTTPError) as refused:
        running.ask("GET", "/caf%C3%A9")
    answer = json.load(refused.value)
    assert answer["message"].startswith("There is no /café here")
    asked = refused.value.headers["X-Request-ID"]
    said = [json.loads(line) for line in running.web.kept.log().splitlines()]
    lines = [line["message"] for line in said if line.get("request_id") == asked]
    assert lines == [r"Not Found: /caf\xe9"]


def test_a_killed_worker_of_granian_is_replaced(running):
    master = children_of(running.web.kept.pid)[0]
    before = children_of(master)
    assert len(before) == 2
    os.kill(before[0], signal.SIGKILL)
    wait_for(lambda: len(children_of(master)) == 2 and children_of(master) != before)
    assert running.ask("GET", "/jobs").status == 200


@pytest.mark.parametrize("name", ["web", "sockets"])
def test_a_signal_ends_a_service_and_all_of_its_processes(running, name):
    with layout.running_service(name, running.environment) as service:
        master = children_of(service.kept.pid)[0]
        pids = [master, *children_of(master)]
        os.kill(master, signal.SIGTERM)
        assert all(has_ended(pid, seconds=20) for pid in pids)


def test_the_proxy_sends_every_socket_to_the_process_that_serves_it():
    found = re.search(r"^\s*@streams path (.+)$", CADDYFILE.read_text(), re.MULTILINE)
    patterns = found[1].split()
    for module in parts.modules("routing"):
        for route in module.websocket_urlpatterns:
            path = f"/{route.pattern}"
            assert any(fnmatch.fnmatch(path, pattern) for pattern in patterns), path


def children_of(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    return sorted(int(child) for path in listed for child in path.read_text().split())


def wait_for(condition) -> None:
    for _ in range(1000):
        if condition():
            return
        select.select([], [], [], 0.02)
    pytest.fail("It did not come to be.")

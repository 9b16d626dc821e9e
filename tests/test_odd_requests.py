"""What odd requests get from the real servers: the one error body, or the server's own refusal."""

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from config.launching import MANAGE, free_port

pytestmark = pytest.mark.slow
JSON = "application/json"


@dataclass
class Answer:
    """What came back over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


def send(url: str, request: bytes) -> Answer:
    """Send these bytes to a server and read until it closes."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as wire:
        wire.sendall(request)
        received = b""
        while chunk := wire.recv(65536):
            received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return Answer(int(first.split()[1]), headers, body)


def ask(url: str, line: str, *headers: str, body: bytes = b"") -> Answer:
    """Send a request with this first line and these headers, then close."""
    host = urlsplit(url).netloc
    lines = [f"{line} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return send(url, "\r\n".join([*lines, "", ""]).encode("latin-1") + body)


GRANIAN = ("granian", "--interface=wsgi", "--host=127.0.0.1", "--blocking-threads=1")
COMMANDS = {
    "uvicorn": lambda port: [str(MANAGE), "web"],
    "granian": lambda port: ["-m", *GRANIAN, f"--port={port}", "config.wsgi:application"],
}


@pytest.fixture(scope="module", params=COMMANDS)
def url(request, tmp_path_factory):
    """The address of the platform over ASGI, then over WSGI; with DEBUG and an empty database."""
    folder = tmp_path_factory.mktemp(request.param)
    port = free_port()
    variables = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATA_DIR": str(folder),
        "DEBUG": "1",
        "PORTS": str(port),
    }
    command = [sys.executable, *COMMANDS[request.param](port)]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, env=variables, stdout=log, stderr=log, cwd=MANAGE.parent)
    try:
        wait_until_open(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def wait_until_open(port: int, server: subprocess.Popen) -> None:
    """Return when the server listens; it tells nobody, so one has to look."""
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


def demand_error(answer: Answer, status: int) -> dict:
    assert (answer.status, answer.headers["content-type"]) == (status, JSON)
    assert int(answer.headers["content-length"]) == len(answer.body)
    body = json.loads(answer.body)
    assert {"error", "message", "detail", "error_code", "timestamp"} <= body.keys()
    assert b"Traceback" not in answer.body
    return body


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("GET /nothing", 404),
        ("GET /static/nothing.css", 404),
        ("GET /%ff%fe", 404),
        ("GET /a/../../etc/passwd", 404),
        ("GET //nothing", 404),
        ("GET /jobs%00", 400),
        ("GET /jobs?kind=%00", 400),
        ("GET /docs?a=%ff", 200),
        ("DELETE /health", 405),
        ("POST /openapi.json", 405),
        ("GET /nothing/" + "a" * 10_000, 404),
        ("PATCH /auth/login", 405),
    ],
)
def test_every_error_is_the_one_body(url, line, status):
    answer = ask(url, line)
    if status == 200:
        assert answer.status == 200
        return
    demand_error(answer, status)
    if status == 405:
        assert answer.headers["allow"]


def test_the_head_of_an_error_has_no_body(url):
    answer = ask(url, "HEAD /nothing")
    assert (answer.status, answer.headers["content-type"], answer.body) == (404, JSON, b"")


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (JSON, b"{", 400),
        (JSON, b"[]", 400),
        (JSON, b'{"username": "\\u0000"}', 400),
        ("text/xml", b"<a/>", 415),
        ("multipart/form-data; boundary=x", b"nonsense", 400),
        ("application/x-www-form-urlencoded; charset=nonsense", b"a=%00", 400),
    ],
)
def test_every_wrong_body_gets_the_one_body_back(url, kind, body, status):
    answer = ask(url, "POST /auth/login", f"Content-Type: {kind}", body=body)
    demand_error(answer, status)


def test_a_host_that_is_not_ours_is_told_in_the_one_body(url):
    answer = send(url, b"GET /jobs HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert "ALLOWED_HOSTS" in demand_error(answer, 400)["message"]


@pytest.mark.parametrize(
    "request_",
    [
        b"nonsense\r\n\r\n",
        b"FOO /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /health HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
    ],
    ids=["garbage", "method", "nul", "version"],
)
def test_what_is_hardly_http_is_refused_without_a_word_of_ours(url, request_):
    """A server that does not take the request line answers by itself, or not at all."""
    try:
        answer = send(url, request_)
    except (IndexError, ConnectionError):
        return
    assert 400 <= answer.status < 500 or answer.status == 505
    assert b"Traceback" not in answer.body
    assert b"<" not in answer.body

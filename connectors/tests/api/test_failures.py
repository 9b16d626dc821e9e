"""What goes wrong while the api connector reads."""

import gzip
import json
import threading
import time

import pytest

from connectors.errors import (
    Cancelled,
    ConfigError,
    DataError,
    MillraceError,
    TransientError,
)
from connectors.tests.api.answers import PEOPLE, as_json, in_pages
from tests.servers.http import Reply, replies


@pytest.mark.parametrize(
    ("body", "begins"),
    [
        (b"<html><body>Please log in</body>", "<html><body>Please log in"),
        (b'[{"id": 1}, {"id"', "id"),
        (b"", "nothing"),
        (b"\xff\xfe\xfa", ""),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_an_answer_that_is_not_json_is_shown_from_its_beginning(read, server, body, begins):
    server.routes["/"] = replies(Reply(body, headers={"Content-Type": "text/html"}))
    with pytest.raises(DataError, match=r"page 1: the answer \(200, text/html\) is not JSON") as e:
        read()
    assert begins in e.value.message
    assert len(e.value.message) < 500


@pytest.mark.parametrize("body", [b'"text"', b"7", b"null"])
def test_an_answer_that_is_no_array_and_no_object_is_refused(read, server, body):
    server.routes["/"] = replies(Reply(body))
    with pytest.raises(DataError, match="neither an object nor an array"):
        read()


def test_a_compressed_answer_is_read(read, server):
    packed = gzip.compress(json.dumps(PEOPLE).encode())
    server.routes["/"] = replies(Reply(packed, headers={"Content-Encoding": "gzip"}))
    assert read().to_dicts() == PEOPLE


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_tried_again_and_then_left_for_later(read, server, status):
    server.routes["/"] = replies(Reply(status=status), Reply(status=status), as_json(PEOPLE))
    assert read().to_dicts() == PEOPLE
    server.routes["/"] = replies(Reply(status=status))
    with pytest.raises(TransientError, match=f"answered {status}"):
        read({"max_attempts": 4})
    assert len(server.requests) == 3 + 4


def test_a_log_in_that_fails_says_what_to_check(read, server):
    server.routes["/"] = replies(Reply(status=401))
    with pytest.raises(ConfigError, match="401 Unauthorized: check the token or password"):
        read()
    server.routes["/"] = replies(Reply(status=403))
    with pytest.raises(ConfigError, match=r"403 Forbidden.*rights"):
        read()


def test_a_server_that_dies_in_the_middle_of_a_page_ends_the_reading(read, server):
    body = json.dumps(PEOPLE).encode()
    server.routes["/"] = replies(as_json(PEOPLE[:1]), Reply(body[:20], promised=len(body)))
    with pytest.raises(TransientError, match="connection failed"):
        read({"pagination": "page", "sample_records": 1, "max_attempts": 2})


def test_a_page_that_is_too_big_is_refused(read, server):
    server.routes["/"] = replies(Reply(b"[" + b" " * (1 << 20) + b"]"))
    with pytest.raises(DataError, match="more than 1048576 bytes; ask for smaller pages"):
        read({"max_page_mb": 1})


def test_a_slow_server_is_left_after_the_time_that_was_set(read, server):
    gate = threading.Event()
    server.routes["/"] = replies(Reply(parts=(b"[", b"]"), gate=gate))
    with pytest.raises(TransientError, match="did not answer in time"):
        read({"timeout": 0.2, "max_attempts": 1})
    gate.set()


def test_an_interrupted_reading_ends_soon(opened, server):
    gate = threading.Event()
    hanging = Reply(parts=(b"[", b"]"), gate=gate)
    server.routes["/"] = replies(as_json(PEOPLE[:1]), hanging)
    api, options = opened({"pagination": "page", "sample_records": 1})
    frame = api.scan(options).frame
    threading.Timer(0.3, api.interrupt).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        frame.collect(engine="streaming")
    assert time.monotonic() - began < 60
    gate.set()


def test_requests_keep_the_rate_that_was_set(read, server):
    moments = []

    def answer(request):
        moments.append(time.monotonic())
        return in_pages(PEOPLE, 1)(request)

    server.routes["/"] = answer
    assert read({"pagination": "page", "rate": 5}).height == 3
    assert moments[-1] - moments[0] > 0.5


@pytest.mark.parametrize("status", [200, 401, 500])
def test_a_secret_that_the_excerpt_would_cut_in_two_is_masked_all_the_same(read, server, status):
    server.routes["/"] = replies(Reply(b"x" * 190 + b" sesame-open-the-door", status=status))
    with pytest.raises(MillraceError) as caught:
        read({"auth": "bearer", "token": "sesame-open-the-door", "max_attempts": 1})
    assert "sesame" not in caught.value.message

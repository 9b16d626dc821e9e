"""How requests are sent, redirected, repeated and given up."""

import gzip
import logging
import socket
import threading
import time
from email.utils import formatdate

import pytest

from connectors.errors import Cancelled, ConfigError, DataError, TransientError
from connectors.http import Client, Retries, Timeouts
from connectors.http.statuses import retry_after
from connectors.tests.http.permission import access
from tests.servers.http import HttpServer, Reply, replies


def test_proxies_of_the_environment_are_ignored(monkeypatch, client, server):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    server.routes["/"] = replies(Reply(b"direct"))
    assert client.request("GET", server.url + "/").body == b"direct"


def test_a_redirect_is_followed_and_judged_like_a_first_request(client, server, tmp_path):
    server.routes["/old"] = replies(Reply(status=302, headers={"Location": "/new?x=1"}))
    server.routes["/new"] = replies(Reply(b"moved"))
    answer = client.request("GET", server.url + "/old")
    assert (answer.body, answer.url) == (b"moved", server.url + "/new?x=1")
    for location in (
        "http://169.254.169.254/latest/",
        "http://10.0.0.1/",
        "http://[::ffff:10.0.0.1]/",
        "http://0x0a000001/",
        "//10.0.0.1/",
    ):
        server.routes["/old"] = replies(Reply(status=307, headers={"Location": location}))
        with pytest.raises(ConfigError, match="ALLOWED_NETWORKS"):
            client.request("GET", server.url + "/old")


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://example.com/", "http://a:b@c/"])
def test_a_redirect_to_anything_but_plain_http_is_refused(client, server, location):
    server.routes["/"] = replies(Reply(status=302, headers={"Location": location}))
    with pytest.raises(ConfigError):
        client.request("GET", server.url + "/")
    assert len(server.requests) == 1


def test_redirects_in_a_circle_end(client, server):
    server.routes["/a"] = replies(Reply(status=302, headers={"Location": "/b"}))
    server.routes["/b"] = replies(Reply(status=302, headers={"Location": "/a"}))
    with pytest.raises(ConfigError, match="more than 10 redirects"):
        client.request("GET", server.url + "/a")
    assert len(server.requests) == 11


def test_secrets_stay_with_their_origin_when_a_redirect_leads_elsewhere(client, server):
    with HttpServer() as other:
        other.routes["/in"] = replies(Reply(b"there"))
        there = {"Location": other.url + "/in"}
        server.routes["/out"] = replies(Reply(status=307, headers=there))
        server.routes["/near"] = replies(Reply(status=307, headers={"Location": "/in"}))
        server.routes["/in"] = replies(Reply(b"here"))
        headers = {"Authorization": "Bearer s3cret", "X-Api-Key": "s3cret", "Accept": "text/x"}
        client.request("GET", server.url + "/out", headers=headers)
        client.request("GET", server.url + "/near", headers=headers)
        assert "s3cret" not in str(other.requests)
        assert other.requests[0].headers["accept"] == "text/x"
    assert server.requests[-1].headers["x-api-key"] == "s3cret"


def test_what_may_pass_is_tried_again_as_often_as_allowed(client, server):
    server.routes["/"] = replies(Reply(status=503), Reply(status=429), Reply(b"third"))
    assert client.request("GET", server.url + "/").body == b"third"
    assert len(server.requests) == 3
    server.routes["/"] = replies(Reply(b"overloaded", 500))
    with pytest.raises(TransientError, match=r"answered 500 Internal Server Error.*overloaded"):
        client.request("GET", server.url + "/")
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (400, "check the request"),
        (401, "check the token or password"),
        (403, "rights"),
        (404, "check the URL"),
        (418, "check the request"),
    ],
)
def test_what_a_person_must_correct_is_not_tried_again(client, server, status, advice):
    server.routes["/"] = replies(Reply(b"<h1>no\n such</h1>", status))
    with pytest.raises(ConfigError, match=f"{status}.*{advice}.*no such"):
        client.request("GET", server.url + "/")
    assert len(server.requests) == 1


def test_the_pause_that_a_server_asks_for_is_kept(client, server):
    slow_down = Reply(status=429, headers={"Retry-After": formatdate(time.time() + 1, usegmt=True)})
    server.routes["/"] = replies(Reply(status=503, headers={"Retry-After": "0"}), Reply(b"ok"))
    assert client.request("GET", server.url + "/").body == b"ok"
    began = time.monotonic()
    server.routes["/"] = replies(Reply(status=503, headers={"Retry-After": "90"}), Reply(b"ok"))
    with pytest.raises(TransientError) as caught:
        client.request("GET", server.url + "/")
    assert caught.value.retry_after == 90.0, "longer than this client waits: left to the caller"
    assert time.monotonic() - began < 60
    assert retry_after(slow_down.headers["Retry-After"]) <= 1.0
    assert [retry_after(text) for text in (None, "soon", "-1", "120")] == [None, None, None, 120.0]


def test_a_pause_between_retries_ends_with_a_stop(tmp_path, server):
    stopping = threading.Event()
    server.routes["/"] = replies(Reply(status=503, headers={"Retry-After": "50"}))
    with Client(access(tmp_path), stopping=stopping) as client:
        threading.Timer(0.2, stopping.set).start()
        began = time.monotonic()
        with pytest.raises(Cancelled):
            client.request("GET", server.url + "/")
    assert time.monotonic() - began < 30


def test_a_silent_server_is_left_after_the_read_timeout_and_after_a_stop(tmp_path, server):
    gate, stopping = threading.Event(), threading.Event()
    server.routes["/"] = replies(Reply(parts=(b"a", b"b"), gate=gate))
    once = Retries(attempts=1)
    with (
        Client(access(tmp_path), timeouts=Timeouts(read=0.3), retries=once) as client,
        pytest.raises(TransientError, match="did not answer in time"),
    ):
        client.request("GET", server.url + "/")
    with Client(access(tmp_path), stopping=stopping) as client:
        threading.Timer(0.2, stopping.set).start()
        began = time.monotonic()
        with pytest.raises(Cancelled):
            client.request("GET", server.url + "/")
    assert time.monotonic() - began < 30
    gate.set()


def test_a_server_that_drips_is_left_when_the_whole_time_is_over(tmp_path):
    """Each byte comes in time, in the headers even, but all of them together do not."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip():
            connection, _ = listener.accept()
            with connection:
                while not done.wait(0.05):
                    try:
                        connection.send(b"H")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        timeouts = Timeouts(read=5, total=0.6)
        with Client(access(tmp_path), timeouts=timeouts, retries=Retries(attempts=1)) as client:
            began = time.monotonic()
            with pytest.raises(TransientError):
                client.request("GET", f"http://127.0.0.1:{listener.getsockname()[1]}/")
        assert time.monotonic() - began < 60
        done.set()
        thread.join()


def test_a_host_that_refuses_connections_is_a_passing_failure(client):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TransientError, match=r"connection failed.*refused"):
        client.request("GET", f"http://127.0.0.1:{port}/")


def test_a_body_that_breaks_off_is_asked_for_again(client, server):
    server.routes["/"] = replies(Reply(b"half", promised=8), Reply(b"complete"))
    assert client.request("GET", server.url + "/").body == b"complete"
    server.routes["/"] = replies(Reply(b"half", promised=8))
    with pytest.raises(TransientError, match="connection failed"):
        client.request("GET", server.url + "/")


def test_a_body_is_decompressed_and_bounded_by_its_real_size(client, server):
    packed = gzip.compress(b"x" * 100_000)
    server.routes["/"] = replies(Reply(packed, headers={"Content-Encoding": "gzip"}))
    assert len(client.request("GET", server.url + "/", max_bytes=100_000).body) == 100_000
    with pytest.raises(DataError, match="more than 99999 bytes"):
        client.request("GET", server.url + "/", max_bytes=99_999)
    server.routes["/"] = replies(Reply(b"not packed", headers={"Content-Encoding": "gzip"}))
    with pytest.raises(DataError, match="compressed answer is broken"):
        client.request("GET", server.url + "/")


def test_what_is_sent_arrives_and_parameters_join_those_of_the_url(client, server):
    server.routes["/"] = replies(Reply(headers={"Link": '<http://x/2>; rel="next"'}))
    answer = client.request(
        "POST",
        server.url + "/?a=1",
        params=[("b", "ü&=")],
        headers={"X-Trace": "7"},
        content=b"{}",
    )
    received = server.requests[0]
    assert (received.method, received.body, received.headers["x-trace"]) == ("POST", b"{}", "7")
    assert received.params == {"a": "1", "b": "ü&="}
    assert answer.links == {"next": "http://x/2"}


def test_a_secret_is_in_no_message_and_in_no_log(caplog, tmp_path, server):
    caplog.set_level(logging.DEBUG)
    server.routes["/"] = replies(Reply(b"you sent s3cret", 400))

    def hide(text):
        return text.replace("s3cret", "********")

    with (
        Client(access(tmp_path), hide=hide) as client,
        pytest.raises(ConfigError) as caught,
    ):
        client.request(
            "GET",
            server.url + "/?token=s3cret",
            params=[("key", "s3cret")],
            headers={"Authorization": "Bearer s3cret"},
        )
    assert "you sent ********" in caught.value.message
    assert "s3cret" not in caught.value.message + caplog.text

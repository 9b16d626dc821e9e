"""The guarded HTTP client, against real servers on loopback."""

import gzip
import logging
import socket
import threading
import time
from email.utils import formatdate
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from connectors.base import Access
from connectors.errors import Cancelled, ConfigError, DataError, TransientError
from connectors.http import Client, Retries, Timeouts, download, parse_networks, vet_url
from connectors.http.networks import is_reachable, resolve
from connectors.http.statuses import retry_after
from tests.servers.http import HttpServer, Reply, replies

LOOPBACK = parse_networks(["127.0.0.0/8", "::1/128"])
QUICK = Retries(attempts=3, shortest=0.001, longest=0.5)


@pytest.fixture
def server():
    with HttpServer() as server:
        yield server


def access(folder: Path, *, networks=LOOPBACK) -> Access:
    return Access(base=folder, roots=(folder,), scratch=folder, networks=networks)


@pytest.fixture
def client(tmp_path):
    with Client(access(tmp_path), retries=QUICK) as client:
        yield client


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.5.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "239.255.255.250",
        "255.255.255.255",
        "198.18.0.1",
        "192.0.2.1",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "2001:db8::1",
    ],
)
def test_an_address_that_is_not_public_is_out_of_reach(address):
    assert not is_reachable(ip_address(address), ())


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_a_public_address_is_in_reach(address):
    assert is_reachable(ip_address(address), ())


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203"])
def test_an_allowed_network_is_in_reach_however_its_address_is_written(address):
    assert is_reachable(ip_address(address), (ip_network("10.0.0.0/8"),))
    assert not is_reachable(ip_address(address), (ip_network("10.0.0.0/16"), ip_network("::1")))


def test_no_allowed_network_opens_multicast_or_the_unspecified_address():
    everything = (ip_network("0.0.0.0/0"), ip_network("::/0"))
    for address in ("224.0.0.1", "0.0.0.0", "::", "ff02::1"):
        assert not is_reachable(ip_address(address), everything)
    assert is_reachable(ip_address("169.254.169.254"), everything)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://0x7f000001/",
        "http://017700000001/",
        "http://2130706433/",
        "http://127.1/",
        "http://0177.0.0.1/",
        "http://0x7f.1/",
        "http://127.0.0.1./",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[fe80::1%25eth0]/",
        "http://169.254.169.254/latest/meta-data",
        "http://user:secret@127.0.0.1/",
        "http://localhost/",
        "http://localhost./",
        "http://LOCALHOST/",
    ],
)
def test_no_spelling_of_a_private_address_gets_through(tmp_path, url):
    with (
        Client(access(tmp_path, networks=())) as client,
        pytest.raises(ConfigError, match="ALLOWED_NETWORKS") as caught,
    ):
        client.request("GET", url)
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("ftp://example.com/data", "begins with http:// or https://"),
        ("file:///etc/passwd", "begins with http:// or https://"),
        ("gopher://example.com", "begins with http:// or https://"),
        ("example.com/data", "begins with http:// or https://"),
        ("http://", "names no host"),
        ("http:///data", "names no host"),
        ("https://me:secret@example.com/", "settings of their own"),
        ("https://me@example.com/", "settings of their own"),
        ("http://exa mple.com/", "blanks"),
        ("http://example.com\\@127.0.0.1/", "blanks"),
        ("http://example.com\r\nHost: x/", "blanks"),
        ("http://example.com:port/", "cannot be read"),
        ("http://[::1/", "cannot be read"),
        ("http://[::1::2]/", "cannot be read|odd spelling"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_with_what_would_be_right(url, advice):
    with pytest.raises(ConfigError, match=advice) as caught:
        vet_url(url, ())
    assert caught.value.field == "url"
    assert "secret" not in caught.value.message


def test_a_network_that_cannot_be_read_is_refused():
    with pytest.raises(ConfigError, match=r"ALLOWED_NETWORKS.*10\.0\.0\.0/8"):
        parse_networks(["10.0.0.0/8", "my-network"])


def test_a_name_is_judged_by_its_addresses_and_connected_to_only_where_allowed(monkeypatch):
    def answers(*_args, **_options):
        found = ["10.0.0.7", "93.184.216.34", "169.254.169.254", "93.184.216.34"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, 80)) for text in found]

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    assert resolve("mixed.example", 80, (), 5) == ["93.184.216.34"]
    assert resolve("mixed.example", 80, parse_networks(["10.0.0.7"]), 5)[0] == "10.0.0.7"


def test_a_name_whose_address_changes_is_resolved_once_per_connection(
    monkeypatch, server, tmp_path
):
    """The check and the connection see the same answer, so a second answer cannot betray us."""
    asked = []
    real = socket.getaddrinfo

    def answers(host, *args, **options):
        if host != "rebinding.example":
            return real(host, *args, **options)
        asked.append(host)
        text = "127.0.0.1" if len(asked) == 1 else "10.255.255.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, server.port))]

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    server.routes["/"] = replies(Reply(b"here"))
    with Client(access(tmp_path), retries=QUICK) as client:
        answer = client.request("GET", f"http://rebinding.example:{server.port}/")
    assert (answer.body, asked) == (b"here", ["rebinding.example"])
    assert server.requests[0].headers["host"] == f"rebinding.example:{server.port}"
    with (
        Client(access(tmp_path), retries=QUICK) as client,
        pytest.raises(ConfigError, match=r"rebinding\.example \(10\.255\.255\.1\)"),
    ):
        client.request("GET", f"http://rebinding.example:{server.port}/")


def test_the_second_address_of_a_name_is_tried_when_the_first_refuses(
    monkeypatch, server, tmp_path
):
    def answers(*_args, **_options):
        found = ["127.0.0.99", "127.0.0.1"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, 80)) for text in found]

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    server.routes["/"] = replies(Reply(b"second"))
    with Client(access(tmp_path), retries=QUICK) as client:
        assert client.request("GET", f"http://two.example:{server.port}/").body == b"second"


def test_a_name_that_nobody_knows_is_the_users_to_correct(monkeypatch, client):
    def unknown(*_args, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ConfigError, match=r"no host named 'nowhere.example'"):
        client.request("GET", "http://nowhere.example/")


def test_a_resolver_that_does_not_answer_is_waited_for_only_as_long_as_a_connection(
    monkeypatch, tmp_path
):
    release = threading.Event()

    def silent(*_args, **_options):
        release.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    retries, timeouts = Retries(attempts=1), Timeouts(connect=0.1)
    with (
        Client(access(tmp_path), retries=retries, timeouts=timeouts) as client,
        pytest.raises(TransientError, match="could not be resolved"),
    ):
        client.request("GET", "http://slow.example/")
    release.set()


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
    server.routes["/"] = replies(Reply(status=503, headers={"Retry-After": "1"}), Reply(b"ok"))
    with pytest.raises(TransientError) as caught:
        client.request("GET", server.url + "/")
    assert caught.value.retry_after == 1.0, "longer than this client waits: left to the caller"
    assert time.monotonic() - began < 0.9
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
    assert time.monotonic() - began < 5


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
    assert time.monotonic() - began < 5
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
        assert time.monotonic() - began < 3
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


def test_a_download_lands_in_a_file_of_its_name(tmp_path, server):
    server.routes["/data/flights 2013.csv.gz"] = replies(Reply(b"a,b\n1,2\n"))
    url = server.url + "/data/flights%202013.csv.gz?sig=s3cret"
    server.routes["/data/flights%202013.csv.gz"] = replies(Reply(b"a,b\n1,2\n"))
    first = download(url, tmp_path, access(tmp_path))
    second = download(url, tmp_path, access(tmp_path))
    assert (first.name, first.read_bytes()) == ("flights_2013.csv.gz", b"a,b\n1,2\n")
    assert first != second
    assert tmp_path in first.parents


@pytest.mark.parametrize("path", ["/..%2f..%2fetc%2fpasswd", "/%00", "/.hidden", "/", "/a%2F"])
def test_a_download_never_leaves_its_folder(tmp_path, server, path):
    server.routes[path] = replies(Reply(b"x"))
    found = download(server.url + path, tmp_path, access(tmp_path))
    assert found.resolve().parent.parent == tmp_path.resolve()
    assert not found.name.startswith(".")


def test_a_compressed_file_stays_compressed_even_where_the_server_calls_it_an_encoding(
    tmp_path, server
):
    packed = gzip.compress(b"a,b\n1,2\n")
    reply = replies(Reply(packed, headers={"Content-Encoding": "gzip"}))
    server.routes |= {"/data.csv.gz": reply, "/data.csv": reply}
    kept = download(server.url + "/data.csv.gz", tmp_path, access(tmp_path))
    unpacked = download(server.url + "/data.csv", tmp_path, access(tmp_path))
    assert (kept.read_bytes(), unpacked.read_bytes()) == (packed, b"a,b\n1,2\n")
    assert server.requests[0].headers["accept-encoding"] == "identity"


def test_a_download_that_breaks_off_starts_again_and_a_failed_one_leaves_nothing(tmp_path, server):
    server.routes["/f"] = replies(Reply(b"half", promised=8), Reply(b"complete"))
    found = download(server.url + "/f", tmp_path, access(tmp_path), retries=QUICK)
    assert found.read_bytes() == b"complete"
    found.unlink()
    found.parent.rmdir()
    server.routes["/f"] = replies(Reply(b"half", promised=8))
    with pytest.raises(TransientError):
        download(server.url + "/f", tmp_path, access(tmp_path), retries=QUICK)
    with pytest.raises(ConfigError, match="404"):
        download(server.url + "/gone", tmp_path, access(tmp_path))
    server.routes["/f"] = replies(Reply(b"x" * 100))
    with pytest.raises(DataError, match="more than 99 bytes"):
        download(server.url + "/f", tmp_path, access(tmp_path), max_bytes=99)
    with pytest.raises(ConfigError, match="ALLOWED_NETWORKS"):
        download(server.url + "/f", tmp_path, access(tmp_path, networks=()))
    assert list(tmp_path.iterdir()) == []

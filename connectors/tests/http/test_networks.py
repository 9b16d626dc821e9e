"""Which hosts the client reaches, whatever they are called."""

import socket
import threading
from ipaddress import ip_address, ip_network

import pytest

from connectors.errors import ConfigError, TransientError
from connectors.http import Client, Retries, Timeouts, parse_networks, vet_url
from connectors.http.networks import is_reachable, resolve
from connectors.tests.http.permission import QUICK, access
from tests.servers.http import Reply, replies


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
        ("http://me:secret/half@example.com/", "cannot be read"),
        ("http://me:[secret]@example.com/", "cannot be read"),
        ("http://me:secret\u2100@example.com/", "cannot be read"),
        ("me:secret@example.com/", "begins with http:// or https://"),
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

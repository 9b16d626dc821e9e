"""TLS: the certificate is judged by the name of the URL, whatever address is connected to."""

import socket
import ssl

import pytest

from connectors.errors import ConfigError, TransientError
from connectors.http import Client
from connectors.tests.http.permission import QUICK, access
from tests.servers.certificates import self_signed
from tests.servers.http import HttpServer, Reply, replies


@pytest.fixture
def certificate(tmp_path):
    """A certificate for secure.example that vouches for itself, with its key in one file."""
    return self_signed(tmp_path, "secure.example")


@pytest.fixture
def secure(certificate, monkeypatch):
    """A server with TLS on loopback, which every name leads to."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def answers(_host, port, *_args, **_options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    with HttpServer(tls=context) as server:
        server.routes["/"] = replies(Reply(b"safe" * 100_000))
        yield server


def test_a_certificate_of_ones_own_authority_is_trusted(secure, certificate, monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Client(access(tmp_path), retries=QUICK) as client:
        url = f"https://secure.example:{secure.port}/"
        assert client.request("GET", url).body == b"safe" * 100_000
        assert client.request("GET", url).status == 200
        with pytest.raises(ConfigError, match=r"not trusted: Hostname mismatch.*other\.example"):
            client.request("GET", f"https://other.example:{secure.port}/")
        with pytest.raises(ConfigError, match="not trusted: IP address mismatch"):
            client.request("GET", secure.url + "/")


def test_a_certificate_of_nobody_is_refused_with_what_would_help(secure, tmp_path):
    with (
        Client(access(tmp_path), retries=QUICK) as client,
        pytest.raises(ConfigError, match=r"not trusted: self-signed certificate.*SSL_CERT_FILE"),
    ):
        client.request("GET", f"https://secure.example:{secure.port}/")
    assert secure.requests == []


def test_the_wrong_protocol_is_named(server, secure, tmp_path):
    with Client(access(tmp_path), retries=QUICK) as client:
        with pytest.raises(ConfigError, match="does not speak TLS here; try http://"):
            client.request("GET", f"https://127.0.0.1:{server.port}/")
        with pytest.raises(TransientError):
            client.request("GET", f"http://127.0.0.1:{secure.port}/")

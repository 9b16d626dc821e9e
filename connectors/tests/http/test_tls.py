"""TLS: the certificate is judged by the name of the URL, whatever address is connected to."""

import datetime as dt
import socket
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.errors import ConfigError, TransientError
from connectors.http import Client
from connectors.tests.http.permission import QUICK, access
from tests.servers.http import HttpServer, Reply, replies


@pytest.fixture
def certificate(tmp_path):
    """A certificate for secure.example that vouches for itself, with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "secure.example")])
    now = dt.datetime.now(dt.UTC)
    day = dt.timedelta(days=1)
    alternative = x509.SubjectAlternativeName([x509.DNSName("secure.example")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return path


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

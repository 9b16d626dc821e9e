"""How a URL becomes a file."""

import gzip

import pytest

from connectors.errors import ConfigError, DataError, TransientError
from connectors.http import download
from connectors.tests.http.permission import QUICK, access
from tests.servers.http import Reply, replies


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

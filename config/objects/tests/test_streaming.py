"""Objects over a real server: streamed both ways, broken off, and met by a full disk."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from config.objects.tests.conftest import everything
from config.objects.tests.serving import send_beginning, served

KEY = "input/1/rows ü.csv"
MB = 1 << 20
PATIENCE = 60


@pytest.fixture
def base(store):
    store.most_bytes = 64 * MB
    with served(store) as url:
        yield url


@pytest.fixture
def http():
    with httpx2.Client(timeout=PATIENCE) as client:
        yield client


def wait_until(is_so):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_curl_sends_and_fetches_a_file_as_it_is(store, base, tmp_path):
    data = os.urandom(5 * MB + 123)
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(data)
    curl = ["curl", "--silent", "--show-error", "--fail"]
    url = store.upload_url(KEY, seconds=60, base=base, max_bytes=len(data))
    subprocess.run([*curl, "--upload-file", source, url], check=True)
    url = store.download_url(KEY, seconds=60, base=base, file_name="rows.csv")
    subprocess.run([*curl, "--output", target, url], check=True)
    assert target.read_bytes() == data
    # A download that broke off goes on where it was.
    target.write_bytes(data[:MB])
    subprocess.run([*curl, "--continue-at", "-", "--output", target, url], check=True)
    assert target.read_bytes() == data


def test_a_body_of_unknown_length_is_taken(store, base, http):
    url = store.upload_url(KEY, seconds=60, base=base)
    reply = http.put(url, content=(bytes([n]) * 1000 for n in range(100)))
    assert reply.status_code == 200
    assert reply.headers["etag"] == f'"{store.head(KEY).etag}"'
    assert store.head(KEY).size == 100_000


def test_an_upload_that_breaks_off_leaves_nothing(store, base):
    url = store.upload_url(KEY, seconds=60, base=base)
    upload = send_beginning(url, bytes(3 * MB), length=5 * MB)
    wait_until(lambda: everything(store))
    upload.close()
    wait_until(lambda: not everything(store))


def test_a_refusal_comes_before_the_body_is_sent(store, base):
    url = store.upload_url(KEY, seconds=60, base=base, max_bytes=9)
    upload = send_beginning(url, b"", length=50 * MB, headers="Expect: 100-continue\r\n")
    assert upload.recv(1000).startswith(b"HTTP/1.1 413 ")
    upload.close()
    assert everything(store) == []


def test_a_download_that_nobody_reads_waits(store, base, monkeypatch):
    path = store.path(KEY)
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(64 * MB)
    read = []
    pread = os.pread
    monkeypatch.setattr(os, "pread", lambda *args: read.append(args[1]) or pread(*args))
    url = store.download_url(KEY, seconds=60, base=base, file_name="a")
    with httpx2.Client(timeout=PATIENCE) as client, client.stream("GET", url) as reply:
        assert int(reply.headers["content-length"]) == 64 * MB
        wait_until(lambda: read)
        before = -1
        while before != (before := len(read)):
            time.sleep(0.3)
        # What the kernel's buffers took, and no more.
        assert sum(read) < 32 * MB
    wait_until(lambda: not leftover_files())
    assert sum(read) < 64 * MB


def leftover_files():
    """Return what this process holds open of the store's objects."""
    links = Path("/proc/self/fd").iterdir()
    return [link for link in links if "rows ü" in str(link.resolve())]


def test_an_object_that_is_replaced_is_fetched_as_it_was(store, base, http):
    data = bytes(8 * MB)
    assert http.put(store.upload_url(KEY, seconds=60, base=base), content=data).status_code == 200
    url = store.download_url(KEY, seconds=60, base=base, file_name="a")
    with http.stream("GET", url) as reply:
        pieces = reply.iter_bytes()
        first = next(pieces)
        http.put(store.upload_url(KEY, seconds=60, base=base), content=b"x" * 9 * MB)
        assert first + b"".join(pieces) == data


def test_of_uploads_at_once_each_object_is_one_whole(store, base, http):
    url = store.upload_url(KEY, seconds=60, base=base)
    bodies = [bytes([n]) * (2 * MB + n) for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda body: http.put(url, content=body), bodies))
    assert [reply.status_code for reply in replies] == [200] * 8
    assert store.path(KEY).read_bytes() in bodies
    assert everything(store) == [f"test-bucket/{KEY}"]


def test_parts_are_sent_side_by_side(store, base, http):
    begun = store.begin_multipart(KEY, parts=4, seconds=60, base=base)
    bodies = [os.urandom(MB + n) for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        tags = list(
            pool.map(
                lambda pair: http.put(pair[0], content=pair[1]).headers["etag"],
                zip(begun.urls, bodies, strict=True),
            )
        )
    assert len(set(tags)) == 4
    store.complete_multipart(KEY, begun.upload_id)
    url = store.download_url(KEY, seconds=60, base=base, file_name="a")
    assert http.get(url).content == b"".join(bodies)


def test_a_full_disk_refuses_and_leaves_nothing(tmp_path):
    command = ["unshare", "--map-root-user", "--mount", sys.executable, "-m"]
    done = subprocess.run(
        [*command, "config.objects.tests.full_disk", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    text = "The platform's disk is full: free some space, then send the file again"
    assert said["told_length"] == [507, text, []]
    assert said["chunked"] == [507, text, []]
    assert said["part"] == [507, text]
    assert said["after"] == 200

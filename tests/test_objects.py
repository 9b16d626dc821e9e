"""Uploads and downloads on the whole platform, under the servers that it runs on."""

import contextlib
import os
import subprocess
import sys
import time

import httpx2
import pytest

from config.launching import free_port
from config.objects.credentials import all_derived
from config.objects.embedded import EmbeddedStore
from tests.servers.platform import embedded_platform

KEY = "input/1/rows.csv"
DATA = os.urandom(3 << 20)


def store_of(folder):
    """Return the store of a platform, with the keys that it made."""
    secret = (folder / "keys" / "secret_key").read_text().strip()
    return EmbeddedStore(
        folder / "objects",
        bucket="karyaksham-data",
        keys=all_derived([secret]),
        most_bytes=1 << 30,
    )


def exchange(url, folder):
    """Send and fetch an object; ask without a signature."""
    store = store_of(folder)
    with httpx2.Client(timeout=60) as http:
        sent = http.put(store.upload_url(KEY, seconds=60, base=url), content=DATA)
        assert (sent.status_code, sent.content) == (200, b"")
        assert sent.headers["etag"] == f'"{store.head(KEY).etag}"'
        address = store.download_url(KEY, seconds=60, base=url, file_name="rows.csv")
        assert http.get(address).content == DATA
        part = http.get(address, headers={"range": "bytes=5-9"})
        assert (part.status_code, part.content) == (206, DATA[5:10])
        refused = http.get(f"{url}/objects/karyaksham-data/{KEY}")
        assert (refused.status_code, refused.json()["error"]) == (403, "forbidden")


def wait_until_it_answers(url, server):
    """Return when a server answers; fail when it has ended or takes too long."""
    deadline = time.monotonic() + 90
    while server.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(httpx2.TransportError):
            httpx2.get(url, timeout=30)
            return
        time.sleep(0.1)
    pytest.fail("daphne did not start")


@pytest.mark.slow
def test_the_platform_takes_and_gives_objects_and_logs_no_signature(tmp_path):
    with embedded_platform(tmp_path / "data", LOG_LEVEL="DEBUG") as platform:
        exchange(platform.url, platform.data_dir)
        assert "X-Amz-Signature" not in platform.log()


@pytest.mark.slow
def test_daphne_does_so_too(tmp_path):
    port = free_port()
    environment = os.environ | {
        "DEBUG": "1",
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    command = [sys.executable, "-m", "daphne", "-p", str(port), "config.asgi:application"]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_until_it_answers(f"http://127.0.0.1:{port}/health", server)
        exchange(f"http://127.0.0.1:{port}", tmp_path)
    finally:
        server.terminate()
        server.wait(30)

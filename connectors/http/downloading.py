"""Fetching one URL into a file, for the connectors that read files."""

import re
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from connectors.base import Access
from connectors.errors import DataError
from connectors.http.client import Client, Retries, Timeouts
from connectors.http.networks import shown

if TYPE_CHECKING:
    import httpx2

# A server that keeps a compressed file may send it as a compressed answer: then it stays as it is.
COMPRESSED = (".gz", ".gzip", ".zst", ".zstd", ".br", ".bz2", ".xz", ".zip")


def download(
    url: str,
    into: Path,
    access: Access,
    *,
    stopping: threading.Event | None = None,
    timeouts: Timeouts | None = None,
    retries: Retries | None = None,
    max_bytes: int | None = None,
) -> Path:
    """Fetch `url` into a new folder inside of the folder `into`; return the file's path.

    The file has the last name of the URL's path, its suffixes included. A broken transfer starts
    again and leaves nothing behind. Raises ConfigError (out of reach, 4xx), DataError (more than
    `max_bytes`), TransientError (after the retries), Cancelled (after a stop).
    """
    folder = Path(tempfile.mkdtemp(prefix="download-", dir=into))
    path = folder / file_name(url)
    try:
        with Client(access, stopping=stopping, timeouts=timeouts, retries=retries) as client:
            client.insist(lambda: _fetch(client, url, path, max_bytes))
    except BaseException:
        path.unlink(missing_ok=True)
        folder.rmdir()
        raise
    return path


def file_name(url: str) -> str:
    """Return the last name of a URL's path as a plain, safe file name."""
    last = unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])
    return re.sub(r"[^\w.-]", "_", last).lstrip(".")[-100:] or "download"


def _fetch(client: Client, url: str, path: Path, max_bytes: int | None) -> None:
    size = 0
    headers = {"Accept-Encoding": "identity"}
    with client.stream("GET", url, headers=headers) as response, path.open("wb") as file:
        for chunk in _chunks(response, path):
            size += len(chunk)
            if max_bytes is not None and size > max_bytes:
                raise DataError(f"{shown(url)} has more than {max_bytes} bytes")
            file.write(chunk)


def _chunks(response: "httpx2.Response", path: Path) -> Iterator[bytes]:
    return response.iter_raw() if path.suffix in COMPRESSED else response.iter_bytes()

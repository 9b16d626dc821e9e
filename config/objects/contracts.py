"""What an object store is, whichever one keeps the files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

# SigV4 knows no URL that is good for longer.
MOST_SECONDS = 7 * 24 * 3600
MOST_PARTS = 10_000


class ObjectsError(Exception):
    """What was asked of the store cannot be; `message` tells a person what would be right."""

    @property
    def message(self) -> str:
        """Return the text for a person."""
        return str(self)


@dataclass(frozen=True)
class Head:
    """What is known of an object without reading it; the size is in bytes."""

    key: str
    size: int
    etag: str
    modified: datetime


@dataclass(frozen=True)
class Multipart:
    """An upload in parts: its id, and one URL for each part in order."""

    upload_id: str
    urls: tuple[str, ...]


class ObjectStore(Protocol):
    """Files by key in one bucket, and URLs that let a browser send and fetch them for a while.

    `base` is the URL under which the client reached the platform (`https://host:port`); a store
    of its own ignores it.
    """

    @property
    def bucket(self) -> str:
        """Return the bucket's name."""

    @property
    def root(self) -> Path | None:
        """Return the folder in which the objects lie; None where another system keeps them."""

    @property
    def endpoint(self) -> str | None:
        """Return the URL under which the servers reach the store; None where it has no own one."""

    def upload_url(self, key: str, *, seconds: int, base: str, max_bytes: int | None = None) -> str:
        """Return a URL that takes the object by PUT; an embedded store refuses more bytes."""

    def begin_multipart(self, key: str, *, parts: int, seconds: int, base: str) -> Multipart:
        """Begin an upload of so many parts, each of any size; a part may be sent again."""

    def complete_multipart(self, key: str, upload_id: str) -> None:
        """Join the parts in order; ObjectsError names those that are missing, and keeps the rest."""

    def abort_multipart(self, key: str, upload_id: str) -> None:
        """Forget an upload and its parts; one that is not there (any more) is no error."""

    def download_url(self, key: str, *, seconds: int, base: str, file_name: str) -> str:
        """Return a URL that a browser saves under this name."""

    def head(self, key: str) -> Head | None:
        """Return what is known of an object; None if there is none."""

    def listed(self, prefix: str) -> Iterator[Head]:
        """Yield the objects whose keys begin with the prefix, by key."""

    def delete(self, prefix: str) -> None:
        """Delete every object whose key begins with the prefix, and open uploads of such keys."""

    def put(self, key: str, path: Path) -> None:
        """Store a file of this machine under a key, all of it or nothing."""

    def fetch(self, key: str, path: Path) -> None:
        """Bring an object into a file of this machine; ObjectsError if there is none."""

    def location(self, key: str) -> Mapping[str, Any]:
        """Return where an object lies as settings of a file connector; they may hold secrets."""

    def check(self) -> None:
        """Return if the store can be used; ObjectsError says what is wrong."""

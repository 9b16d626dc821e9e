"""The embedded store: objects are files under the data folder, reached by URLs that we sign."""

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from config.objects import drafts, multipart, signing
from config.objects.contracts import MOST_PARTS, MOST_SECONDS, Head, Multipart, ObjectsError
from config.objects.drafts import Draft
from config.objects.names import checked_key, path_of
from config.objects.signing import Credentials

# In the URL, and so under its signature: how many bytes may be sent.
MAX_BYTES = "X-Millrace-Max-Bytes"
PLACE = "/objects/"


class EmbeddedStore:
    """Keeps each object as the file `<folder>/<bucket>/<key>`."""

    endpoint = None

    def __init__(
        self, folder: Path, *, bucket: str, keys: Mapping[str, Credentials], most_bytes: int
    ) -> None:
        """Keep where the objects lie, and the access keys by id, of which the first signs."""
        self.bucket = bucket
        self.root = folder / bucket
        self.incoming = folder / ".incoming" / bucket
        self.most_bytes = most_bytes
        self._keys = keys
        # Without the data folder itself something is wrong, and stays so.
        folder.mkdir(exist_ok=True)
        for path in (self.root, self.incoming):
            path.mkdir(parents=True, exist_ok=True)

    def upload_url(self, key: str, *, seconds: int, base: str, max_bytes: int | None = None) -> str:
        """Return a URL that takes the object by PUT, of so many bytes at most."""
        query = {} if max_bytes is None else {MAX_BYTES: str(max_bytes)}
        return self._signed("PUT", key, query, seconds=seconds, base=base)

    def begin_multipart(self, key: str, *, parts: int, seconds: int, base: str) -> Multipart:
        """Begin an upload of so many parts, each of any size."""
        if not 1 <= parts <= MOST_PARTS:
            raise ObjectsError(f"An upload has 1 to {MOST_PARTS} parts, not {parts}.")
        until = datetime.now(UTC) + timedelta(seconds=checked_seconds(seconds))
        key = checked_key(key)
        upload_id = multipart.begin(self.incoming, key=key, parts=parts, until=until)
        queries = ({"partNumber": str(n), "uploadId": upload_id} for n in range(1, parts + 1))
        urls = [self._signed("PUT", key, query, seconds=seconds, base=base) for query in queries]
        return Multipart(upload_id, tuple(urls))

    def complete_multipart(self, key: str, upload_id: str) -> None:
        """Join the parts in order; ObjectsError names those that are missing."""
        upload = self.upload(key, upload_id)
        if upload is None:
            raise ObjectsError(multipart.GONE)
        upload.join(self.path(key), most_bytes=self.most_bytes)

    def abort_multipart(self, key: str, upload_id: str) -> None:
        """Forget an upload and its parts."""
        if upload := self.upload(key, upload_id):
            upload.remove()

    def download_url(self, key: str, *, seconds: int, base: str, file_name: str) -> str:
        """Return a URL that a browser saves under this name."""
        query = {"response-content-disposition": disposition(file_name)}
        return self._signed("GET", key, query, seconds=seconds, base=base)

    def head(self, key: str) -> Head | None:
        """Return what is known of an object; None if there is none."""
        try:
            found = self.path(key).lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return head_of(key, found) if stat.S_ISREG(found.st_mode) else None

    def listed(self, prefix: str) -> Iterator[Head]:
        """Yield the objects whose keys begin with the prefix, by key."""
        for key in sorted(path.relative_to(self.root).as_posix() for path in self._below(prefix)):
            if key.startswith(prefix) and (found := self.head(key)):
                yield found

    def delete(self, prefix: str) -> None:
        """Delete every object whose key begins with the prefix, and open uploads of such keys."""
        if not prefix:
            raise ObjectsError("Name what to delete: an empty prefix is everything.")
        for upload in multipart.all_open(self.incoming):
            if upload.key.startswith(prefix):
                upload.remove()
        if prefix.endswith("/"):
            # A folder may hold more than objects: what its writer hid there.
            folder = path_of(self.root, prefix[:-1])
            shutil.rmtree(folder, ignore_errors=True)
            self._drop_empty(folder.parent)
        for path in [self.path(found.key) for found in self.listed(prefix)]:
            path.unlink(missing_ok=True)
            self._drop_empty(path.parent)

    def put(self, key: str, path: Path) -> None:
        """Store a file of this machine under a key, all of it or nothing."""
        target = self.path(key)
        try:
            drafts.demand_room(self.incoming, path.stat().st_size)
            draft = Draft(self.incoming)
            try:
                draft.copy(path)
                draft.keep(target)
            finally:
                draft.drop()
        except drafts.DiskFull as error:
            raise ObjectsError(str(error)) from error

    def fetch(self, key: str, path: Path) -> None:
        """Bring an object into a file of this machine."""
        try:
            shutil.copyfile(self.path(key), path)
        except (FileNotFoundError, NotADirectoryError):
            raise ObjectsError(f"There is no object {key!r} (any more).") from None

    def location(self, key: str) -> Mapping[str, Any]:
        """Return where an object lies as settings of a file connector."""
        return {"path": str(self.path(key))}

    def check(self) -> None:
        """Return if the folders are there and may be written to."""
        for folder in (self.root, self.incoming):
            if not os.access(folder, os.W_OK | os.X_OK):
                raise ObjectsError("The folder of the objects under DATA_DIR cannot be written to.")

    def clean(self, now: datetime) -> None:
        """Remove what uploads left that died or were never completed."""
        multipart.drop_old(self.incoming, now)
        drafts.drop_dead(self.incoming)

    def path(self, key: str) -> Path:
        """Return the file of an object, whether or not it is there."""
        return path_of(self.root, key)

    def upload(self, key: str, upload_id: str) -> multipart.Upload | None:
        """Return an upload in parts that is open; None if there is no such."""
        return multipart.find(self.incoming, key=key, upload_id=upload_id)

    def access_key(self, key_id: str) -> Credentials | None:
        """Return the access key of this id; None if it is none of ours."""
        return self._keys.get(key_id)

    def _signed(
        self, method: str, key: str, query: Mapping[str, str], *, seconds: int, base: str
    ) -> str:
        return signing.signed_url(
            next(iter(self._keys.values())),
            method=method,
            base=base.rstrip("/"),
            path=f"{PLACE}{self.bucket}/{checked_key(key)}",
            query=query,
            seconds=checked_seconds(seconds),
            now=datetime.now(UTC),
        )

    def _below(self, prefix: str) -> Iterator[Path]:
        folder, _, start = prefix.rpartition("/")
        top = path_of(self.root, folder) if folder else self.root
        return (path for path in top.rglob("*") if str(path.relative_to(top)).startswith(start))

    def _drop_empty(self, folder: Path) -> None:
        """Remove the folders that hold nothing any more, from below."""
        for path in (folder, *folder.parents):
            if path == self.root:
                return
            try:
                path.rmdir()
            except FileNotFoundError:
                continue
            except OSError:
                return


def head_of(key: str, found: os.stat_result) -> Head:
    """Return what a file's own facts say of an object."""
    modified = datetime.fromtimestamp(found.st_mtime, UTC)
    return Head(key, found.st_size, etag_of(found), modified)


def etag_of(found: os.stat_result) -> str:
    """Return a tag that changes with the content; a sum of it would cost more than to store it.

    The dash tells S3 clients that it is no MD5 of the content.
    """
    return f"{found.st_ino:x}-{found.st_size:x}-{found.st_mtime_ns:x}"


def disposition(file_name: str) -> str:
    """Return the header that makes a browser save a file under this name."""
    printable = "".join(sign for sign in file_name if sign.isprintable()) or "download"
    plain = printable.encode("ascii", "replace").decode().replace("?", "_")
    plain = plain.replace('"', "_").replace("\\", "_")
    text = f'attachment; filename="{plain}"'
    if plain != printable:
        text += f"; filename*=UTF-8''{quote(printable, safe='')}"
    return text


def checked_seconds(seconds: int) -> int:
    """Return how long a URL shall be good; ObjectsError if that is too long."""
    if not 1 <= seconds <= MOST_SECONDS:
        raise ObjectsError(f"A URL is good for 1 to {MOST_SECONDS} seconds, not {seconds}.")
    return seconds

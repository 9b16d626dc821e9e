"""Uploads in parts on the platform's own disk: a folder each, with a file for each part."""

import contextlib
import errno
import fcntl
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.objects import drafts
from config.objects.contracts import ObjectsError
from config.objects.drafts import Draft

ID = re.compile(r"[0-9a-f]{32}")
GONE = "There is no such upload (any more); begin a new one."
# Filesystems that cannot copy inside of the kernel say one of these.
UNSUPPORTED = frozenset(
    {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.ENOTTY}
)
BLOCK = 4 << 20
# A part may be under way when the last URL expires.
GRACE = timedelta(days=1)


@dataclass(frozen=True)
class Upload:
    """One upload in parts: its folder, and what it shall become."""

    folder: Path
    key: str
    parts: int
    until: datetime

    def size_beside(self, number: int) -> int:
        """Return how many bytes the other parts have so far."""
        own = self._part(number).name
        found = (entry for entry in os.scandir(self.folder) if entry.name.startswith("part-"))
        return sum(entry.stat().st_size for entry in found if entry.name != own)

    def keep(self, number: int, draft: Draft) -> os.stat_result:
        """Take a part in the place of an earlier one; ObjectsError if they are being joined."""
        with self._alone():
            if self._sizes_file.exists():
                raise ObjectsError("The parts of this upload are being joined.")
            return draft.keep(self._part(number))

    def join(self, target: Path, *, most_bytes: int) -> None:
        """Put the parts, in order, in the object's place; ObjectsError names the missing ones.

        A part is removed as soon as the disk has it in its new place, so that there is never more
        than one of them twice; what was broken off is taken up where it was by the next call.
        """
        with self._alone():
            sizes = self._fixed_sizes(most_bytes)
            first = self._part(1)
            if first.exists():
                try:
                    with drafts.full_disks():
                        self._append_rest(first, sizes)
                        drafts.put(first, target)
                except drafts.DiskFull as error:
                    raise ObjectsError(str(error)) from error
            self.remove()

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _fixed_sizes(self, most_bytes: int) -> list[int]:
        """Return the sizes of all parts, which from now on nobody changes."""
        with contextlib.suppress(FileNotFoundError):
            fixed: list[int] = json.loads(self._sizes_file.read_text())
            return fixed
        numbers = range(1, self.parts + 1)
        if missing := [number for number in numbers if not self._part(number).exists()]:
            raise ObjectsError(f"Parts are missing: {named(missing)} (of {self.parts}).")
        sizes = [self._part(number).stat().st_size for number in numbers]
        if sum(sizes) > most_bytes:
            raise ObjectsError(f"The parts have {sum(sizes)} bytes; {most_bytes} are allowed.")
        draft = Draft(self.folder)
        draft.write([json.dumps(sizes).encode()])
        draft.keep(self._sizes_file)
        return sizes

    def _append_rest(self, first: Path, sizes: list[int]) -> None:
        whole = os.open(first, os.O_RDWR)
        try:
            offset = sizes[0]
            for number, size in enumerate(sizes[1:], start=2):
                part = self._part(number)
                if part.exists():
                    copy(part, whole, size=size, offset=offset)
                    os.fdatasync(whole)
                    part.unlink()
                offset += size
            os.fsync(whole)
        finally:
            os.close(whole)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from taking or joining parts meanwhile."""
        try:
            lock = os.open(self.folder / "about.json", os.O_RDWR)
        except FileNotFoundError:
            raise ObjectsError(GONE) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.folder.exists():
                raise ObjectsError(GONE)
            yield
        finally:
            os.close(lock)

    def _part(self, number: int) -> Path:
        return self.folder / f"part-{number:05}"

    @property
    def _sizes_file(self) -> Path:
        return self.folder / "sizes.json"


def begin(uploads: Path, *, key: str, parts: int, until: datetime) -> str:
    """Make the folder of a new upload and return its id."""
    upload_id = secrets.token_hex(16)
    folder = uploads / upload_id
    folder.mkdir(parents=True)
    about = {"key": key, "parts": parts, "until": until.isoformat()}
    draft = Draft(folder)
    draft.write([json.dumps(about).encode()])
    draft.keep(folder / "about.json")
    return upload_id


def find(uploads: Path, *, key: str, upload_id: str) -> Upload | None:
    """Return the upload of this id if there is one and it is for this key."""
    if not ID.fullmatch(upload_id):
        return None
    upload = _read(uploads / upload_id)
    return upload if upload and upload.key == key else None


def all_open(uploads: Path) -> Iterator[Upload]:
    """Yield every upload that was begun and neither completed nor aborted."""
    for folder in uploads.glob("*/"):
        if upload := _read(folder):
            yield upload


def drop_old(uploads: Path, now: datetime) -> None:
    """Remove uploads whose URLs have expired a day ago."""
    for folder in uploads.glob("*/"):
        upload = _read(folder)
        with contextlib.suppress(FileNotFoundError):
            # One that was never begun whole has no date of its own.
            until = upload.until if upload else _changed(folder)
            if until + GRACE < now:
                shutil.rmtree(folder, ignore_errors=True)


def copy(part: Path, whole: int, *, size: int, offset: int) -> None:
    """Copy a file to an offset of another one, inside of the kernel where that can do it."""
    source = os.open(part, os.O_RDONLY)
    try:
        done = 0
        while done < size:
            done += _copy_some(source, whole, done, offset + done, size - done)
    finally:
        os.close(source)


def _copy_some(source: int, whole: int, start: int, offset: int, size: int) -> int:
    if hasattr(os, "copy_file_range"):
        try:
            if copied := os.copy_file_range(source, whole, size, start, offset):
                return copied
        except OSError as error:
            if error.errno not in UNSUPPORTED:
                raise
    block = os.pread(source, min(BLOCK, size), start)
    if not block:
        raise ObjectsError("A part of the upload is shorter than it was; send it again.")
    return os.pwrite(whole, block, offset)


def _read(folder: Path) -> Upload | None:
    try:
        about = json.loads((folder / "about.json").read_text())
    except (FileNotFoundError, NotADirectoryError):
        return None
    until = datetime.fromisoformat(about["until"])
    return Upload(folder, key=about["key"], parts=about["parts"], until=until)


def _changed(folder: Path) -> datetime:
    return datetime.fromtimestamp(folder.stat().st_mtime, UTC)


def named(numbers: list[int]) -> str:
    """Return numbers as people write them: 1, 3–5, 9."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in spans)

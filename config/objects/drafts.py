"""Files while they are written: nobody finds them, and what died in between is cleaned away."""

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

# So much stays free: the database of the platform may lie on the same disk.
LEAST_FREE = 64 << 20
# The disk begins to write so early, so that little is left to wait for at the end.
FLUSH_BYTES = 32 << 20
COPY_BYTES = 4 << 20
# POSIX promises no more pieces in one call.
MOST_PIECES = 512
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
PREFIX = "draft-"
# Between its making and its lock a file may belong to nobody.
YOUNG_SECONDS = 60.0


class DiskFull(Exception):
    """There is not enough room for a file on the disk; the text says so to a person."""

    def __init__(self) -> None:
        """Say what a person must do."""
        super().__init__("The platform's disk is full: free some space, then send the file again")


@contextmanager
def full_disks() -> Iterator[None]:
    """Raise DiskFull for what the kernel says of a disk without room."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise DiskFull from error
        raise


class Draft:
    """A file that has no name yet under which anybody would look for it.

    Its lock tells other processes that it is being written; the kernel lets go of it with us.
    """

    def __init__(self, folder: Path) -> None:
        """Make the file in a folder on the disk of its later place."""
        folder.mkdir(parents=True, exist_ok=True)
        self._file, name = tempfile.mkstemp(dir=folder, prefix=PREFIX)
        self._path = Path(name)
        self._flushed = 0
        # Whoever waits for a thread may be ended before the thread is.
        self._turn = threading.Lock()
        self.size = 0
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def write(self, pieces: Sequence[bytes]) -> None:
        """Append the pieces; DiskFull if they do not fit."""
        with self._turn, full_disks():
            for first in range(0, len(pieces), MOST_PIECES):
                self._write_all(pieces[first : first + MOST_PIECES])
            if self.size - self._flushed >= FLUSH_BYTES:
                demand_room(self._path.parent)
                self._begin_flush()

    def copy(self, source: Path) -> None:
        """Append another file; DiskFull if it does not fit."""
        with source.open("rb") as file:
            while block := file.read(COPY_BYTES):
                self.write([block])

    def keep(self, target: Path) -> os.stat_result:
        """Give the file its place, whatever was there before, once the disk has it all."""
        with self._turn, full_disks():
            os.fsync(self._file)
            put(self._path, target)
            found = os.fstat(self._file)
            os.close(self._file)
            self._file = -1
        return found

    def drop(self) -> None:
        """Leave nothing behind, unless the file has its place already."""
        with self._turn:
            if self._file >= 0:
                self._path.unlink(missing_ok=True)
                os.close(self._file)
                self._file = -1

    def _write_all(self, pieces: Sequence[bytes]) -> None:
        total = sum(map(len, pieces))
        written = os.writev(self._file, pieces)
        self.size += written
        if written < total:
            rest = memoryview(b"".join(pieces))[written:]
            while rest:
                written = os.write(self._file, rest)
                self.size += written
                rest = rest[written:]

    def _begin_flush(self) -> None:
        if hasattr(os, "posix_fadvise"):
            # Pages that are not on the disk yet stay in memory: this only starts their writing.
            span = self.size - self._flushed
            os.posix_fadvise(self._file, self._flushed, span, os.POSIX_FADV_DONTNEED)
        self._flushed = self.size


def put(source: Path, target: Path) -> None:
    """Move a file to its place on the same disk, and see that the disk knows of it."""
    while True:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            source.replace(target)
            break
        except FileNotFoundError:
            # Somebody removed the empty folder in this moment; a file that is gone stays so.
            if not source.exists():
                raise
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """See that the disk knows of the names in a folder; one that is gone needs it no more."""
    with contextlib.suppress(FileNotFoundError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def demand_room(folder: Path, size: int = 0) -> None:
    """Raise DiskFull if a file of this size would leave too little for the rest of the platform."""
    if shutil.disk_usage(folder).free - size < LEAST_FREE:
        raise DiskFull


def drop_dead(folder: Path) -> None:
    """Remove the drafts in a folder that no living process writes any more."""
    for path in folder.glob(f"{PREFIX}*"):
        with contextlib.suppress(FileNotFoundError, BlockingIOError):
            if time.time() - path.stat().st_mtime < YOUNG_SECONDS:
                continue
            opened = os.open(path, os.O_RDWR)
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
            finally:
                os.close(opened)

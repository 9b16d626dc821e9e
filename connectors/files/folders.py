"""Written files in a folder of this machine."""

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from connectors.files.keeping import Keeper
from connectors.files.streams import File


class Folder(Keeper):
    """A folder of this machine."""

    def __init__(self, home: Path) -> None:
        """Keep files below `home`."""
        self._home = home

    def url(self, name: str) -> str:
        """Return the path."""
        return str(self._home / name)

    def file(self, name: str) -> File | None:
        """Return the file, if it is one."""
        path = self._home / name
        return File(str(path), str(path), path.stat().st_size) if path.is_file() else None

    def children(self, folder: str) -> list[str]:
        """Return the files right in a folder."""
        path = self._home / folder
        return (
            sorted(child.name for child in path.iterdir() if child.is_file())
            if path.is_dir()
            else []
        )

    def below(self, folder: str) -> list[str]:
        """Return the folders right in a folder."""
        path = self._home / folder
        return (
            sorted(child.name for child in path.iterdir() if child.is_dir())
            if path.is_dir()
            else []
        )

    def make(self, folder: str) -> None:
        """Make a folder and those above it."""
        (self._home / folder).mkdir(parents=True, exist_ok=True)

    def move(self, old: str, new: str) -> None:
        """Rename within the file system."""
        target = self._home / new
        target.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            (self._home / old).replace(target)

    def remove(self, names: Sequence[str]) -> None:
        """Unlink."""
        for name in names:
            (self._home / name).unlink(missing_ok=True)

    def clear(self, folder: str) -> None:
        """Remove a tree."""
        shutil.rmtree(self._home / folder, ignore_errors=True)

    def settle(self, names: Sequence[str]) -> None:
        """Flush files and the folders that name them."""
        for name in names:
            _flush(self._home / name)
        for folder in {(self._home / name).parent for name in names}:
            _flush(folder)

    @contextlib.contextmanager
    def writer(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file."""
        with (self._home / name).open("wb") as file:
            yield file

    def load(self, name: str) -> tuple[bytes | None, str]:
        """Read a file; its tag is a digest."""
        try:
            content = (self._home / name).read_bytes()
        except FileNotFoundError:
            return None, ""
        return content, hashlib.sha256(content).hexdigest()

    def swap(self, name: str, content: bytes, tag: str) -> bool:
        """Compare and rename under a lock that the system frees when a process dies."""
        path = self._home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with (path.parent / "lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.load(name)[1] != tag:
                return False
            handle, fresh = tempfile.mkstemp(dir=path.parent, prefix="state-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(fresh).replace(path)
            except BaseException:
                Path(fresh).unlink(missing_ok=True)
                raise
            _flush(path.parent)
        return True

    def create(self, name: str, content: bytes) -> bool:
        """Link a whole and flushed file to the name: foreign programs see all of it or nothing."""
        path = self._home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(fresh).chmod(0o644)
            os.link(fresh, path)
        except FileExistsError:
            return False
        finally:
            Path(fresh).unlink(missing_ok=True)
        _flush(path.parent)
        return True


def _flush(path: Path) -> None:
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        os.fsync(handle)
    except OSError as error:
        # Some file systems cannot flush a folder, and say so.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)

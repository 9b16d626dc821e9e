"""Where written files are kept: one interface over a folder of this machine and over a bucket.

Names are relative to the target's home, the folder or prefix that holds it. A `swap` is the one
atomic step that everything rests on: it replaces a small file if nobody else did in between.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import IO

from connectors.files.streams import File


class Keeper(ABC):
    """A home of written files."""

    @abstractmethod
    def url(self, name: str) -> str:
        """Return where Polars writes or reads a name."""

    @abstractmethod
    def file(self, name: str) -> File | None:
        """Return a file as something to read, or None where there is none."""

    @abstractmethod
    def children(self, folder: str) -> list[str]:
        """Return the names of the files right in a folder, sorted; empty where there is none."""

    @abstractmethod
    def below(self, folder: str) -> list[str]:
        """Return the names of all folders right in a folder."""

    @abstractmethod
    def make(self, folder: str) -> None:
        """Make a folder."""

    @abstractmethod
    def move(self, old: str, new: str) -> None:
        """Rename a file over whatever is there; a file that is gone was moved before."""

    @abstractmethod
    def remove(self, names: Sequence[str]) -> None:
        """Delete files; those that are gone are no error."""

    @abstractmethod
    def clear(self, folder: str) -> None:
        """Delete a folder with all that is in it."""

    @abstractmethod
    def settle(self, names: Sequence[str]) -> None:
        """Return when these files would survive a loss of power."""

    @abstractmethod
    def writer(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """Open a new file for bytes."""

    @abstractmethod
    def load(self, name: str) -> tuple[bytes | None, str]:
        """Return a small file and the tag of this very content."""

    @abstractmethod
    def swap(self, name: str, content: bytes, tag: str) -> bool:
        """Replace a small file if its tag is still `tag`; return whether it was."""

    def create(self, name: str, content: bytes) -> bool:
        """Write a small file where there is none of that name; return whether there was none."""
        return self.swap(name, content, "")

"""What a format hands back: a document with notes, or an error that names every place."""

from collections.abc import Sequence
from dataclasses import dataclass

from modelling.schema import Document

Path = tuple[str | int, ...]

MOST_FAULTS = 100


@dataclass(frozen=True)
class Note:
    """What a format could not say or did not know, and what became of it."""

    path: str
    message: str
    line: int | None = None


@dataclass(frozen=True)
class Fault:
    """One mistake in a text: where it is, as a path and a line from 1, and how it is mended."""

    path: str
    line: int
    message: str


@dataclass(frozen=True)
class Parsed:
    """A document that was read, and what the reader has to say about it."""

    document: Document
    notes: tuple[Note, ...] = ()


class FormatError(Exception):
    """A text that is not what its format asks for; `faults` has each mistake, 100 at most."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults[:MOST_FAULTS])
        first = self.faults[0]
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        place = f"{first.path}, line {first.line}" if first.path else f"line {first.line}"
        super().__init__(f"{place}: {first.message}{more}")


def spelled(path: Path) -> str:
    """Return a path as people read it: `schema[0].properties[2].name`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")

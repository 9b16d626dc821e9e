"""The lines of texts that a source leaves out: kept in a file, counted, and limited."""

import csv
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from connectors.base import Remark
from connectors.errors import DataError
from connectors.files.grammar import Broken
from connectors.files.streams import File

COLUMNS = ("file", "line", "reason", "text")
MOST_KEPT = 100_000
MOST_BYTES = 1 << 26
LONGEST_TEXT = 10_000


@dataclass
class _Page:
    """What one read of one file has left out so far."""

    path: Path | None = None
    rejected: int = 0
    kept: int = 0
    size: int = 0
    rows: int = 0


class Rejects:
    """What a source leaves out of its files; a file that is read again begins anew."""

    def __init__(self, folder: Path | None, most: float | None = None) -> None:
        """Keep lines in `folder`, if there is one; `most` is a number of lines, below 1 a share."""
        self._folder, self._most = folder, most
        self._pages: dict[str, _Page] = {}
        self._first = ""

    def begin(self, file: File) -> None:
        """Forget what an earlier read of this file has left out."""
        old = self._pages.pop(file.shown, None)
        if old is not None and old.path is not None:
            old.path.unlink(missing_ok=True)
        self._pages[file.shown] = _Page()

    def add(self, file: File, broken: "list[Broken]") -> None:
        """Keep lines of a file; raise DataError where they are too many."""
        page = self._pages[file.shown]
        if not broken:
            return
        if not self.count:
            self._first = f"{file.shown}, line {broken[0].line}: {broken[0].reason}"
        page.rejected += len(broken)
        self._keep(page, PurePosixPath(file.shown).name, broken)
        if self._most is not None and self.count > self._most >= 1:
            raise self._too_many(f"{self.count:,} lines")

    def see(self, file: File, rows: int) -> None:
        """Count rows that are whole."""
        self._pages[file.shown].rows += rows

    def judge(self) -> None:
        """Raise DataError at the end of a text whose share of broken lines is too high."""
        rows = sum(page.rows for page in self._pages.values())
        if not self.count:
            return
        share = self.count / (rows + self.count)
        if self._most is not None and share > self._most and self._most < 1:
            raise self._too_many(f"{self.count:,} of {rows + self.count:,} lines ({share:.1%})")
        if not rows:
            raise DataError(
                f"None of {self.count:,} lines can be read as they should be; {self._first}. Look "
                "at `delimiter`, `quote`, `encoding` and `types`"
            )

    def remarks(self) -> Iterator[Remark]:
        """Yield what a person should know: how many lines are missing, and where they are."""
        if not self.count:
            return
        kept = sum(page.kept for page in self._pages.values())
        where = "they are kept beside the result"
        if self._folder is None:
            where = "they are not kept"
        elif kept < self.count:
            where = f"the first {kept:,} are kept beside the result"
        lines = "1 line was" if self.count == 1 else f"{self.count:,} lines were"
        yield Remark(f"{lines} left out, {where}; the first: {self._first}", rejected=self.count)

    @property
    def count(self) -> int:
        """Return how many lines were left out of all files."""
        return sum(page.rejected for page in self._pages.values())

    def _keep(self, page: _Page, name: str, broken: "list[Broken]") -> None:
        if self._folder is None:
            return
        if page.path is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle = tempfile.NamedTemporaryFile(  # noqa: SIM115 -- it is opened again below
                suffix=".csv", dir=self._folder, delete=False
            )
            handle.close()
            page.path = Path(handle.name)
        pages = self._pages.values()
        lines = MOST_KEPT - sum(page.kept for page in pages)
        most = MOST_BYTES - sum(page.size for page in pages) + page.size
        with page.path.open("a", encoding="utf-8", newline="") as target:
            writer = csv.writer(target, lineterminator="\n")
            if not page.size:
                page.size += writer.writerow(COLUMNS)
            for one in broken[:lines]:
                if page.size >= most:
                    break
                text = one.text.decode("utf-8", "replace").rstrip("\r\n")
                shown = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
                page.size += writer.writerow((name, one.line, one.reason, shown))
                page.kept += 1

    def _too_many(self, count: str) -> DataError:
        return DataError(
            f"{count} are broken, more than `max_rejected` allows ({self._most:g}); "
            f"the first: {self._first}"
        )


class Strict(Rejects):
    """What a source leaves out that leaves out nothing: its first broken line is an error."""

    def add(self, file: File, broken: "list[Broken]") -> None:
        """Raise DataError for the first of these lines."""
        if broken:
            raise DataError(
                f"{file.shown}, line {broken[0].line}: {broken[0].reason}; repair it, say how it is "
                "to be read (`types`, `encoding`, `ragged_lines`), or set `bad_lines` to 'reject'"
            )

"""What every source of files does: find them, bring them here, list them as streams."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from connectors.base import (
    Extraction,
    ReadOptions,
    Remark,
    Source,
    State,
    Stream,
)
from connectors.configuration import validate
from connectors.errors import ConfigError
from connectors.files.connector import FileConnector
from connectors.files.gathering import MODIFIED, are_packed, gather, select_columns
from connectors.files.listing import (
    bucket_files,
    bucket_tables,
    local_files,
    local_tables,
    missing,
)
from connectors.files.locations import Bucketed, Local, Location, Remote, locate, name_parts
from connectors.files.objects import open_store
from connectors.files.settings import FileReadOptions, GrowingReadOptions
from connectors.files.streams import File

if TYPE_CHECKING:
    import polars as pl


# In so many files at most rows are counted beforehand.
COUNTED_FILES = 100


class FileSource(FileConnector, Source):
    """Reads files of one format from a local path, a URL or a bucket."""

    @abstractmethod
    def read(self, files: Sequence[File], options: Any) -> "pl.LazyFrame":
        """Return a lazy frame over these files of one shape, its columns known."""

    @abstractmethod
    def each(self, files: Sequence[File], options: Any) -> "list[pl.LazyFrame]":
        """Return a frame per file; columns of one name agree in type, and a file may lack some."""

    def rows_in(self, files: Sequence[File]) -> int | None:
        """Return how many rows there are, where the format says so without being read."""
        return None

    def about_rows(self, files: Sequence[File], options: Any) -> int | None:
        """Return how many rows there may be, judging by the beginning of the first file."""
        return None

    def remarks(self) -> Iterable[Remark]:
        """Yield what a person should know of what was read."""
        return ()

    def cursors_of(self, files: Sequence[File]) -> tuple[str, ...]:
        """Return by what these files can be read on: the time of their change, if it is known."""
        return (MODIFIED,) if all(file.modified for file in files) else ()

    def discover(self) -> list[Stream]:
        """List each file of a folder and each of its folders with files in it, or the one file."""
        where = locate(self.reach.path, None, self.access)
        tables = self._tables(where)
        if tables:
            return [self._stream(name_parts(name)[0], {"table": name}) for name in tables]
        name = PurePosixPath(str(where)).name
        return [self._stream(name_parts(name)[0] or name, {})]

    def scan(self, options: ReadOptions, state: State | None = None) -> Extraction:
        """Return a lazy frame over all files that the options mean, or over those that are new."""
        assert isinstance(options, GrowingReadOptions)
        files = self.files(options)
        if options.cursor is not None:
            if not self.cursors_of(files):
                raise ConfigError(
                    f"When {files[0].shown} changed is not known, so it is always read whole",
                    field="cursor",
                )
            return gather(self, files, options, state)
        frame = select_columns(self.read(files, options), options.columns)
        rows = self.rows_in(files) if len(files) <= COUNTED_FILES else None
        return Extraction(
            frame,
            rows=rows,
            size=sum(file.size for file in files),
            remarks=self.remarks,
            packed=are_packed(files, options),
            about_rows=rows if rows is not None else self.about_rows(files, options),
        )

    def files(self, options: FileReadOptions) -> list[File]:
        """Return the files that the options mean; raise ConfigError where there are none."""
        where = locate(self.reach.path, options.table, self.access)
        if isinstance(where, Remote):
            return [self._downloaded(where)]
        files = self._found(where)
        if not files and options.table and not name_parts(options.table)[1]:
            # A table may be named without its file's suffix.
            for suffix in self.suffixes:
                named = locate(self.reach.path, options.table + suffix, self.access)
                files = files or self._found(named)
        if not files:
            base = locate(self.reach.path, None, self.access)
            raise missing(where, self._tables(base), self.suffixes)
        return files

    def _found(self, where: Location) -> list[File]:
        if isinstance(where, Bucketed):
            store = open_store(self.reach, where.bucket, self.access)
            return bucket_files(where, self.suffixes, store)
        assert isinstance(where, Local)
        return local_files(where, self.suffixes, self.access)

    def _tables(self, where: Location) -> list[str]:
        """Return what lies below a folder; nothing where it is one table in parts."""
        tables: list[str] = []
        if isinstance(where, Bucketed):
            store = open_store(self.reach, where.bucket, self.access)
            tables = bucket_tables(where, self.suffixes, store)
        elif isinstance(where, Local) and where.path.is_dir():
            tables = local_tables(where, self.suffixes, self.access)
        is_one = all(name.startswith("part-") for name in tables)
        return [] if is_one else tables

    def _stream(self, name: str, options: dict[str, Any]) -> Stream:
        files = self.files(validate(self.ReadOptions, options))  # type: ignore[arg-type]
        schema = self.read(files[:1], validate(self.ReadOptions, options)).collect_schema()
        return Stream(name, dict(schema), options, cursors=self.cursors_of(files))

    def _downloaded(self, where: Remote) -> File:
        from connectors.http import download

        path = download(where.url, self.scratch.folder, self.access, stopping=self.stopping)
        compression = name_parts(path.name)[2]
        return File(str(path), str(where), path.stat().st_size, compression)

"""Sources whose streams are the first folders below a root, each with files at any depth."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, cast

from connectors import registry
from connectors.base import Access, Extraction, ReadOptions, Settings, Source, State, Stream
from connectors.configuration import validate
from connectors.errors import ConfigError
from connectors.files.formats import FormatSettings
from connectors.files.gathering import MODIFIED, gather
from connectors.files.listing import has_suffix
from connectors.files.locations import name_parts
from connectors.files.settings import FileSettings, GrowingReadOptions
from connectors.files.source import FileSource
from connectors.files.streams import File

# Into so many files of a stream discovery looks; a run looks into each that it reads.
SAMPLED_FILES = 20


class TreeSource(Source):
    """Reads folders that others fill: files of one format, whose columns may differ."""

    # Of the streams, as a catalog shows it.
    namespace: ClassVar[str | None] = None

    def __init__(self, settings: Settings, access: Access) -> None:
        """Keep the settings; look at nothing yet."""
        super().__init__(settings, access)
        assert isinstance(settings, FormatSettings)
        self.choice = settings
        kind = cast("type[FileSource]", registry.source(settings.format))
        self.inner = kind(self.place(), access)
        # One flag stops both.
        self.inner.stopping = self.stopping
        self.inner.scratch.stopping = self.stopping

    @abstractmethod
    def place(self) -> FileSettings:
        """Return the settings with which the format's connector reads these files."""

    @abstractmethod
    def listed(self) -> Mapping[str, File]:
        """Return every file by its path below the root."""

    def shown(self) -> str:
        """Return where the files are, fit for messages."""
        return self.place().path

    def fetched(self, files: Sequence[File]) -> list[File]:
        """Bring files to where they can be read."""
        return list(files)

    def discover(self) -> list[Stream]:
        """List each first folder below the root, and each file right below it."""
        groups: dict[str, list[File]] = {}
        for path, file in self.chosen().items():
            groups.setdefault(path.split("/", 1)[0], []).append(file)
        if not groups:
            raise self.missing("", {})
        return [self._stream(name, groups[name]) for name in sorted(groups)]

    def scan(self, options: ReadOptions, state: State | None = None) -> Extraction:
        """Return the rows of a stream's files, or of those that are new; columns are joined."""
        assert isinstance(options, GrowingReadOptions)
        chosen = self.chosen()
        table = options.table
        if table and self.namespace and not self._below(table, chosen):
            # Catalogs name a stream with its namespace, too.
            table = table.removeprefix(f"{self.namespace}.")
        files = self._below(table, chosen) if table else list(chosen.values())
        if not files:
            raise self.missing(table or "", chosen)
        return gather(self.inner, files, self._inner_options(options), state, fetch=self.fetched)

    def chosen(self) -> dict[str, File]:
        """Return the files that count, by their paths: by name, or by what the pattern says."""
        import polars as pl

        found = self.listed()
        pattern, suffixes = self.choice.file_pattern, self.inner.suffixes
        if pattern is None:
            names = [path for path in found if has_suffix(path.rpartition("/")[2], suffixes)]
        else:
            paths = pl.Series("", list(found), dtype=pl.String)
            names = paths.filter(paths.str.contains(pattern)).to_list()
        return {name: self._unpacking(found[name]) for name in names}

    def missing(self, table: str, chosen: Mapping[str, File]) -> ConfigError:
        """Return what to tell when there is nothing to read."""
        known = sorted({path.split("/", 1)[0] for path in chosen})
        hint = f"; known: {', '.join(known[:20])}" if known else ""
        kinds = self.choice.file_pattern or ", ".join(self.inner.suffixes)
        where = f"{self.shown()}/{table}".rstrip("/")
        return ConfigError(
            f"There is no {self.choice.format} file to read at {where} ({kinds}){hint}",
            field="table" if known else None,
        )

    def close(self) -> None:
        """Remove what was brought here and unpacked."""
        self.inner.close()

    def _stream(self, name: str, files: Sequence[File]) -> Stream:
        step = max(1, -(-len(files) // SAMPLED_FILES))
        options = {"table": name}
        wanted = validate(GrowingReadOptions, options)
        found = gather(
            self.inner, files[::step], self._inner_options(wanted), fetch=self.fetched
        ).frame.collect_schema()
        shown = name_parts(name)[0] or name
        return Stream(shown, dict(found), options, namespace=self.namespace, cursors=(MODIFIED,))

    def _inner_options(self, options: GrowingReadOptions) -> Any:
        said = {"columns": options.columns, "cursor": options.cursor}
        model = self.inner.ReadOptions
        return validate(model, {**self.choice.format_options(), **said})

    def _below(self, table: str, chosen: Mapping[str, File]) -> list[File]:
        return [
            file for path, file in chosen.items() if path == table or path.startswith(f"{table}/")
        ]

    def _unpacking(self, file: File) -> File:
        said = self.choice.compression
        is_said = file.compression is not None or said in ("auto", "none")
        return file if is_said else replace(file, compression=said)

"""What a destination's path aims at: one file or a folder of files, and where it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Literal

from connectors.base import Access
from connectors.errors import ConfigError
from connectors.files.buckets import Bucket
from connectors.files.commits import Ledger
from connectors.files.folders import Folder
from connectors.files.keeping import Keeper
from connectors.files.locations import MAGIC, Bucketed, Local, Remote, locate, name_parts
from connectors.files.objects import open_store
from connectors.files.settings import FileSettings
from connectors.files.streams import File

PACKED = {"gzip": ".gz", "zstd": ".zst"}


@dataclass(frozen=True)
class Aim:
    """A target taken apart; `suffix` and `packed` are those of the files that it gets."""

    keeper: Keeper
    name: str
    is_file: bool
    suffix: str
    packed: str | None
    suffixes: tuple[str, ...]

    @property
    def ledger(self) -> Ledger:
        """Return the books of this target."""
        return Ledger(self.keeper, self.name)

    @property
    def ending(self) -> str:
        """Return how the names of its data files end."""
        return self.suffix + (PACKED[self.packed] if self.packed else "")

    @property
    def packing(self) -> Literal["uncompressed", "gzip", "zstd"]:
        """Return how Polars packs what it writes."""
        if self.packed == "gzip":
            return "gzip"
        return "zstd" if self.packed == "zstd" else "uncompressed"

    def names(self) -> list[str]:
        """Return the names of the data files that it holds now, relative to its home."""
        if self.is_file:
            return [self.name]
        names = self.keeper.children(self.name)
        return [
            f"{self.name}/{name}"
            for name in names
            if name_parts(name)[1] in self.suffixes and not name.startswith(".")
        ]

    def files(self) -> list[File]:
        """Return the data files that it holds now."""
        return [file for name in self.names() if (file := self.file(name)) is not None]

    def file(self, name: str) -> File | None:
        """Return one file, with how it is packed."""
        found = self.keeper.file(name)
        return None if found is None else replace(found, compression=name_parts(name)[2])


def place(settings: FileSettings, table: str | None, access: Access) -> Local | Bucketed:
    """Return where a destination writes; raise ConfigError for what can only be read."""
    where = locate(settings.path, table, access)
    if isinstance(where, Remote):
        raise ConfigError("A URL can be read and not written", field="path")
    path = where.key if isinstance(where, Bucketed) else str(where.path)
    if MAGIC.search(path):
        raise ConfigError("A pattern can be read and not written; name one path", field="path")
    tops = {root.resolve() for root in (*access.roots, access.base)}
    if not path or (isinstance(where, Local) and where.path in tops):
        raise ConfigError(f"{where} is a root; write a file or folder below it", field="path")
    return where


def aim_at(
    where: Local | Bucketed,
    settings: FileSettings,
    access: Access,
    *,
    suffixes: tuple[str, ...],
    packings: Sequence[str],
    inside: tuple[str, str | None],
) -> Aim:
    """Take a place apart; `inside` are suffix and packing of the files in a folder."""
    key = where.key if isinstance(where, Bucketed) else str(where.path)
    name = PurePosixPath(key).name
    _, suffix, packed = name_parts(name)
    if suffix and suffix not in suffixes:
        raise ConfigError(
            f"{name!r} ends in {suffix!r}, and this writes {', '.join(suffixes)}; "
            "a name without such an ending is a folder",
            field="path",
        )
    if isinstance(where, Local) and where.path.exists() and where.path.is_dir() == bool(suffix):
        is_now, would_be = ("folder", "file") if suffix else ("file", "folder")
        raise ConfigError(
            f"{where} is a {is_now}, and a name {'with' if suffix else 'without'} such an ending "
            f"is written as a {would_be}; choose another path",
            field="path",
        )
    if suffix and packed is not None and packed not in packings:
        known = ", ".join(PACKED[packing] for packing in packings) or "none"
        raise ConfigError(f"{name!r} cannot be packed so; known: {known}", field="path")
    keeper = _keeper(where, settings, access)
    ending = (suffix, packed) if suffix else inside
    return Aim(keeper, name, bool(suffix), *ending, suffixes)


def _keeper(where: Local | Bucketed, settings: FileSettings, access: Access) -> Keeper:
    if isinstance(where, Bucketed):
        store = open_store(settings, where.bucket, access)
        return Bucket(store, where.bucket, where.key.rpartition("/")[0])
    return Folder(where.path.parent)

"""Which files a location means: one, all of a folder, or those that match a pattern."""

import glob
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from connectors.base import Access
from connectors.errors import ConfigError
from connectors.files.locations import MAGIC, Bucketed, Local, name_parts
from connectors.files.objects import explain
from connectors.files.streams import File
from connectors.paths import resolve

if TYPE_CHECKING:
    from obstore.store import S3Store


def local_files(place: Local, suffixes: Sequence[str], access: Access) -> list[File]:
    """Return the files that a local place means, sorted by name; raise ConfigError for none."""
    path = place.path
    if path.is_file():
        return [_local(path)]
    if path.is_dir():
        names = [child for child in _children(path) if _has_suffix(child.name, suffixes)]
        # A child may be a link to somewhere else.
        real = [resolve(str(child), access) for child in names]
        return [_local(child) for child in real if child.is_file()]
    if not MAGIC.search(str(path)):
        return []
    # Unlike Path.glob, this leaves out what a dot hides.
    found = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207
    real = [resolve(name, access) for name in found]
    return [_local(path) for path in real if path.is_file()]


def local_tables(place: Local, suffixes: Sequence[str], access: Access) -> list[str]:
    """Return what `table` may name below a folder: its files, and its folders that hold some."""
    children = [child for child in _children(place.path) if _is_open(child, access)]
    files = [child.name for child in children if _has_suffix(child.name, suffixes)]
    folders = [
        child.name
        for child in children
        if child.is_dir() and any(_has_suffix(file.name, suffixes) for file in _children(child))
    ]
    return sorted([name for name in files if (place.path / name).is_file()] + folders)


def bucket_files(place: Bucketed, suffixes: Sequence[str], store: "S3Store") -> list[File]:
    """Return the objects that a place in a bucket means, sorted by key."""
    if MAGIC.search(place.key):
        prefix = MAGIC.split(place.key, maxsplit=1)[0].rpartition("/")[0]
        pattern = re.compile(_expression(place.key))
        found = [item for item in keys(store, prefix, place) if pattern.fullmatch(item[0])]
        return [_object(place, store, key, size) for key, size in found]
    found = list(keys(store, place.key, place))
    exact = [item for item in found if item[0] == place.key]
    folder = f"{place.key}/" if place.key else ""
    below = [item for item in found if _is_child(item[0], folder, suffixes)]
    return [_object(place, store, key, size) for key, size in exact or below]


def bucket_tables(place: Bucketed, suffixes: Sequence[str], store: "S3Store") -> list[str]:
    """Return what `table` may name below a prefix."""
    folder = f"{place.key}/" if place.key else ""
    names = set()
    for key, _ in keys(store, place.key, place):
        pieces = key.removeprefix(folder).split("/")
        if key.startswith(folder) and len(pieces) <= 2 and _has_suffix(pieces[-1], suffixes):
            names.add(pieces[0])
    return sorted(names)


def keys(
    store: "S3Store", prefix: str, place: object, *, pages: int | None = None
) -> Iterator[tuple[str, int]]:
    """Yield key and size of what lies at or below a prefix, without what a dot hides."""
    import obstore

    try:
        # A store's prefix ends between names, so one object of exactly this name comes first.
        if prefix:
            try:
                found = obstore.head(store, prefix)
                yield found["path"], found["size"]
            except FileNotFoundError:
                pass
        listed = [
            item for page in islice(obstore.list(store, prefix or None), pages) for item in page
        ]
    except Exception as error:
        raise explain(error, str(place)) from error
    for item in sorted(listed, key=lambda item: item["path"]):
        if not any(piece.startswith(".") for piece in item["path"].split("/")):
            yield item["path"], item["size"]


def missing(place: object, known: Sequence[str], suffixes: Sequence[str]) -> ConfigError:
    """Return what to tell when a location means no file."""
    there = f"; `table` may be one of: {', '.join(known[:20])}" if known else ""
    return ConfigError(
        f"There is no file to read at {place} (a file, or a folder of {', '.join(suffixes)}){there}",
        field="table" if known else "path",
    )


def _children(folder: Path) -> list[Path]:
    return sorted(child for child in folder.iterdir() if not child.name.startswith("."))


def _is_open(child: Path, access: Access) -> bool:
    """Whether a child may be read, if it is a link too."""
    try:
        resolve(str(child), access)
    except ConfigError:
        return False
    return True


def _has_suffix(name: str, suffixes: Sequence[str]) -> bool:
    return name_parts(name)[1] in suffixes


def _is_child(key: str, folder: str, suffixes: Sequence[str]) -> bool:
    name = key.removeprefix(folder)
    return key.startswith(folder) and "/" not in name and _has_suffix(name, suffixes)


def _local(path: Path) -> File:
    compression = name_parts(path.name)[2]
    return File(str(path), str(path), path.stat().st_size, compression)


def _object(place: Bucketed, store: "S3Store", key: str, size: int) -> File:
    url = f"s3://{place.bucket}/{key}"
    return File(url, url, size, name_parts(PurePosixPath(key).name)[2], store, key)


def _expression(pattern: str) -> str:
    """Translate a pattern of whole keys: * and ? stay within a name, ** crosses folders."""
    pieces = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", pattern)
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(
        known.get(piece) or (piece if piece.startswith("[") else re.escape(piece))
        for piece in pieces
        if piece
    )

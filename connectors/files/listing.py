"""Which files a location means: one, all of a folder, or those that match a pattern."""

import contextlib
import glob
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
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
    from obstore import ObjectMeta
    from obstore.store import S3Store


def local_files(place: Local, suffixes: Sequence[str], access: Access) -> list[File]:
    """Return the files that a local place means, sorted by name; raise ConfigError for none."""
    path = place.path
    if path.is_file():
        return [_local(path)]
    if path.is_dir():
        names = [child for child in _children(path) if has_suffix(child.name, suffixes)]
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
    files = [child.name for child in children if has_suffix(child.name, suffixes)]
    folders = [
        child.name
        for child in children
        if child.is_dir() and any(has_suffix(file.name, suffixes) for file in _children(child))
    ]
    return sorted([name for name in files if (place.path / name).is_file()] + folders)


def bucket_files(place: Bucketed, suffixes: Sequence[str], store: "S3Store") -> list[File]:
    """Return the objects that a place in a bucket means, sorted by key."""
    if MAGIC.search(place.key):
        prefix = MAGIC.split(place.key, maxsplit=1)[0].rpartition("/")[0]
        pattern = re.compile(expression(place.key))
        found = [item for item in keys(store, prefix, place) if pattern.fullmatch(item["path"])]
        return [object_file(place, store, item) for item in found]
    found = list(keys(store, place.key, place))
    exact = [item for item in found if item["path"] == place.key]
    folder = f"{place.key}/" if place.key else ""
    below = [item for item in found if _is_child(item["path"], folder, suffixes)]
    return [object_file(place, store, item) for item in exact or below]


def bucket_tables(place: Bucketed, suffixes: Sequence[str], store: "S3Store") -> list[str]:
    """Return what `table` may name below a prefix."""
    folder = f"{place.key}/" if place.key else ""
    names = set()
    for item in keys(store, place.key, place):
        pieces = item["path"].removeprefix(folder).split("/")
        is_below = item["path"].startswith(folder) and len(pieces) <= 2
        if is_below and has_suffix(pieces[-1], suffixes):
            names.add(pieces[0])
    return sorted(names)


def keys(
    store: "S3Store", prefix: str, place: object, *, pages: int | None = None
) -> "Iterator[ObjectMeta]":
    """Yield what lies at or below a prefix, without what a dot hides."""
    import obstore

    try:
        # A store's prefix ends between names, so one object of exactly this name comes first.
        if prefix:
            with contextlib.suppress(FileNotFoundError):
                yield obstore.head(store, prefix)
        listed = [
            item for page in islice(obstore.list(store, prefix or None), pages) for item in page
        ]
    except Exception as error:
        raise explain(error, str(place)) from error
    for item in sorted(listed, key=lambda item: item["path"]):
        if not any(piece.startswith(".") for piece in item["path"].split("/")):
            yield item


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


def has_suffix(name: str, suffixes: Sequence[str]) -> bool:
    """Whether a file is called as those of a format are, packed or not."""
    return name_parts(name)[1] in suffixes


def _is_child(key: str, folder: str, suffixes: Sequence[str]) -> bool:
    name = key.removeprefix(folder)
    return key.startswith(folder) and "/" not in name and has_suffix(name, suffixes)


def _local(path: Path) -> File:
    compression = name_parts(path.name)[2]
    known = path.stat()
    modified = datetime.fromtimestamp(known.st_mtime_ns // 1000 / 1e6, UTC)
    return File(str(path), str(path), known.st_size, compression, modified=modified)


def object_file(place: Bucketed, store: "S3Store", item: "ObjectMeta") -> File:
    """Return an object as something to read."""
    url = f"s3://{place.bucket}/{item['path']}"
    packed = name_parts(PurePosixPath(item["path"]).name)[2]
    modified, tag = item["last_modified"], item["e_tag"] or ""
    return File(url, url, item["size"], packed, store, item["path"], modified, tag)


def expression(pattern: str) -> str:
    """Translate a pattern of whole keys: * and ? stay within a name, ** crosses folders."""
    pieces = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", pattern)
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]", "[[]": r"\["}
    return "".join(
        known.get(piece) or (piece if piece.startswith("[") else re.escape(piece))
        for piece in pieces
        if piece
    )

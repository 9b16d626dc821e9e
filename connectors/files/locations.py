"""What a path means: a local place, an object in a bucket, or a URL of the web."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from connectors.base import Access
from connectors.errors import ConfigError
from connectors.paths import resolve

MAGIC = re.compile(r"[*?\[]")
# How the bytes of a file are packed, by the last suffix of its name.
COMPRESSIONS = {".gz": "gzip", ".gzip": "gzip", ".zst": "zstd", ".bz2": "bz2", ".zip": "zip"}
FORMATS = frozenset(
    {
        *(".csv", ".tsv", ".txt", ".parquet", ".pq", ".json", ".ndjson", ".jsonl"),
        *(".arrow", ".feather", ".ipc", ".avro"),
        *(".xlsx", ".xlsm", ".xls", ".ods", ".db"),
    }
)


@dataclass(frozen=True)
class Local:
    """A file, folder or pattern on this machine: `path` is real up to its first pattern."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True)
class Bucketed:
    """A key, prefix or pattern in a bucket of an S3-compatible store."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True)
class Remote:
    """A URL that can be read and not written."""

    url: str

    def __str__(self) -> str:
        from connectors.http import shown

        return shown(self.url)


Location = Local | Bucketed | Remote


def locate(path: str, table: str | None, access: Access) -> Location:
    """Return what `path`, or `table` below it, means; raise ConfigError where it is closed.

    `table` is a plain relative path, as the options have made sure.
    """
    if re.match(r"https?://", path, re.IGNORECASE):
        if table:
            raise ConfigError("A URL is one file; `table` names files of a folder", field="table")
        return Remote(path)
    below = table or ""
    if re.match(r"s3a?://", path, re.IGNORECASE):
        return _bucketed(path, below)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", path):
        scheme = path.partition(":")[0]
        raise ConfigError(
            f"{scheme}:// cannot be reached; known: a local path, https://, s3://", field="path"
        )
    whole = str(PurePosixPath(path) / below) if below else path
    return Local(_real(whole, access))


def name_parts(name: str) -> tuple[str, str, str | None]:
    """Split a file's name into stem, format suffix and compression: `a.csv.gz` → a, .csv, gzip."""
    path = PurePosixPath(name)
    compression = COMPRESSIONS.get(path.suffix.lower())
    if compression:
        path = PurePosixPath(path.stem)
    suffix = path.suffix.lower()
    if suffix in FORMATS:
        return path.stem, suffix, compression
    return path.name, "", compression


def _bucketed(path: str, below: str) -> Bucketed:
    bucket, _, key = path.partition("://")[2].partition("/")
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket):
        raise ConfigError(f"{bucket!r} is not the name of a bucket: s3://bucket/key", field="path")
    pieces = [piece for piece in key.split("/") if piece] + ([below] if below else [])
    closed = [piece for piece in pieces if piece.startswith(".")]
    if closed:
        raise ConfigError(
            f"{path!r} holds {closed[0]!r}, and names that begin with a dot are closed",
            field="path",
        )
    return Bucketed(bucket, "/".join(pieces))


def _real(path: str, access: Access) -> Path:
    """Resolve a path up to its first piece with a pattern, unless a file is called just that."""
    pieces = PurePosixPath(path).parts
    first = next((n for n, piece in enumerate(pieces) if MAGIC.search(piece)), None)
    if first is None or resolve(path, access).exists():
        return resolve(path, access)
    pattern = pieces[first:]
    if any(piece.startswith(".") for piece in pattern):
        raise ConfigError(
            f"{path!r} looks into names that begin with a dot, and they are closed", field="path"
        )
    return resolve("/".join(pieces[:first]).replace("//", "/") or ".", access).joinpath(*pattern)

"""The formats of file jobs: which connector reads and writes each, and how such files are called."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from connectors.errors import ConfigError
from connectors.files.locations import COMPRESSIONS


@dataclass(frozen=True)
class Format:
    """One format as a person says it; `options` are what its connector is told for it."""

    name: str
    connector: str
    ending: str
    options: Mapping[str, Any] = field(default_factory=dict)


_ALL = (
    Format("csv", "csv", ".csv"),
    Format("tsv", "csv", ".tsv", {"delimiter": "\t"}),
    Format("json", "json", ".json"),
    Format("ndjson", "json", ".ndjson"),
    Format("parquet", "parquet", ".parquet"),
    Format("arrow", "arrow", ".arrow"),
    Format("excel", "excel", ".xlsx"),
)
FORMATS = {one.name: one for one in _ALL}
SYNONYMS = {
    "feather": "arrow",
    "ipc": "arrow",
    "jsonl": "ndjson",
    "jsonlines": "ndjson",
    "pq": "parquet",
    "txt": "csv",
    **dict.fromkeys(("ods", "xls", "xlsm", "xlsx"), "excel"),
}
KNOWN = ", ".join(FORMATS)


def format_named(name: object, *, field: str) -> Format:
    """Return the format of this name or synonym; ConfigError names the known ones."""
    if name is None:
        raise ConfigError(f"{field} is missing; known formats: {KNOWN}", field=field)
    word = name.strip().lower().removeprefix(".") if isinstance(name, str) else ""
    found = FORMATS.get(SYNONYMS.get(word, word))
    if found is None:
        raise ConfigError(f"{field}: unknown format {name!r}; known: {KNOWN}", field=field)
    return found


def format_of(file_name: str) -> Format | None:
    """Return the format that a file's name tells, packed or not; None if it tells none."""
    suffix = PurePosixPath(unpacked(file_name)).suffix.lower().removeprefix(".")
    return FORMATS.get(SYNONYMS.get(suffix, suffix))


def stem_of(file_name: str) -> str:
    """Return a file's name without what says its format and packing: `a.csv.gz` is `a`."""
    plain = unpacked(file_name)
    return PurePosixPath(plain).stem if format_of(file_name) else plain


def unpacked(file_name: str) -> str:
    """Return a file's name without what says how it is packed."""
    path = PurePosixPath(file_name)
    return path.stem if path.suffix.lower() in COMPRESSIONS else file_name

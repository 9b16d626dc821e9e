"""The log of a Delta table: one JSON file per version, each written only where there is none yet.

A version that is written by us carries our markers among the table's properties, so that they and
the rows become visible together. Whoever finds the next version taken looks anew.
"""

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors.base import Marker
from connectors.errors import ConfigError
from connectors.files.streams import File
from connectors.lakes import markers
from connectors.lakes.delta.columns import needs_ntz
from connectors.lakes.footers import bounds, footer

if TYPE_CHECKING:
    import polars as pl
    from deltalake import DeltaTable

LOG = "_delta_log"
# Features of a table that these commits keep; others would be broken by a file added beside.
FEATURES = frozenset({"timestampNtz", "appendOnly", "invariants", "vacuumProtocolCheck"})
LEGACY = ["appendOnly", "invariants"]
CHECKPOINT_INTERVAL = 10


def _now() -> int:
    return int(time.time() * 1000)


@dataclass(frozen=True)
class Version:
    """A table as it stands in one version of its log; version -1 is a table that is not there."""

    number: int = -1
    identity: str = field(default_factory=lambda: str(uuid.uuid4()))
    created_at: int = field(default_factory=_now)
    name: str | None = None
    description: str | None = None
    properties: Mapping[str, str | None] = field(default_factory=dict)
    partitions: tuple[str, ...] = ()
    schema_text: str = ""
    columns: Mapping[str, "pl.DataType"] | None = None
    required: tuple[str, ...] = ()
    # Relative path, size and rows (where they are told) of each data file.
    files: Sequence[tuple[str, int, int | None]] = ()
    readers: tuple[int, frozenset[str]] = (1, frozenset())
    writers: tuple[int, frozenset[str]] = (2, frozenset())

    @property
    def exists(self) -> bool:
        """Whether there is a table."""
        return self.number >= 0

    @property
    def rows(self) -> int | None:
        """Return how many rows the log counts, None where it does not."""
        counts = [rows for _, _, rows in self.files]
        return None if None in counts else sum(rows or 0 for rows in counts)


def version_of(table: "DeltaTable") -> Version:
    """Return what the log of an opened table says."""
    import polars as pl

    about, protocol, schema = table.metadata(), table.protocol(), table.schema()
    listed = pl.DataFrame(table.get_add_actions(flatten=True))
    files = listed.select("path", "size_bytes", "num_records").rows()
    return Version(
        number=table.version(),
        identity=str(about.id),
        created_at=about.created_time,
        name=about.name,
        description=about.description,
        properties=about.configuration,
        partitions=tuple(about.partition_columns),
        schema_text=schema.to_json(),
        columns=dict(pl.Schema(schema)),
        required=tuple(found.name for found in schema.fields if not found.nullable),
        files=files,
        readers=(protocol.min_reader_version, frozenset(protocol.reader_features or ())),
        writers=(protocol.min_writer_version, frozenset(protocol.writer_features or ())),
    )


def demand_writable(version: Version, place: str, *, is_changing: bool, is_replaced: bool) -> None:
    """Raise ConfigError for a table whose rules these commits would break."""
    strange = sorted((version.readers[1] | version.writers[1]) - FEATURES)
    if version.writers[0] not in (1, 2, 7):
        strange.append(f"writer version {version.writers[0]}")
    if '"delta.invariants"' in version.schema_text:
        strange.append("column invariants")
    if version.partitions and not is_replaced:
        strange.append(f"partitions by {', '.join(version.partitions)}")
    is_closed = (version.properties.get("delta.appendOnly") or "").lower() == "true"
    if is_closed and is_changing:
        strange.append("delta.appendOnly")
    if strange:
        raise ConfigError(
            f"{place} uses {strange[0]}, which Millrace cannot keep when it writes; write to "
            "another path, or drop the feature from the table",
            field="path",
        )


def added(
    file: File, path: str, schema: Mapping[str, "pl.DataType"], *, is_change: bool = True
) -> dict[str, Any]:
    """Return the action that adds a data file, with statistics for those who may skip it.

    Bounds are given for whole numbers and dates, which are spelled in one way only. No change are
    rows that were there before, in another file.
    """
    import polars as pl

    found = footer(file)
    told = {
        name: known
        for name, dtype in schema.items()
        if (dtype.is_integer() or isinstance(dtype, pl.Date)) and (known := bounds(found, name))
    }
    statistics = {
        "numRecords": found.num_rows,
        "minValues": {name: low for name, (low, _, _) in told.items() if low is not None},
        "maxValues": {name: high for name, (_, high, _) in told.items() if high is not None},
        "nullCount": {name: nulls for name, (_, _, nulls) in told.items()},
    }
    return {
        "add": {
            "path": quote(path),
            "partitionValues": {},
            "size": file.size,
            "modificationTime": _now(),
            "dataChange": is_change,
            "stats": json.dumps(statistics, default=str),
        }
    }


def removed(path: str, size: int, *, is_change: bool = True) -> dict[str, Any]:
    """Return the action that takes a data file out of the table; the file itself stays.

    `path` is spelled as in the action that added the file.
    """
    gone = {"deletionTimestamp": _now(), "dataChange": is_change, "size": size}
    return {"remove": {"path": path, **gone}}


def commit_of(
    version: Version, schema: str | None, marker: Marker, operation: str, *, is_new: bool
) -> list[dict[str, Any]]:
    """Return the actions that every commit begins with; a `schema` takes the place of the old one.

    A table that is new, or replaced, has no partitions.
    """
    text = schema or version.schema_text
    partitions = [] if is_new else list(version.partitions)
    about = {
        "id": version.identity,
        "name": version.name,
        "description": version.description,
        "format": {"provider": "parquet", "options": {}},
        "schemaString": text,
        "partitionColumns": partitions,
        "configuration": {**version.properties, **markers.dump(marker)},
        "createdTime": version.created_at,
    }
    info: dict[str, Any] = {
        "timestamp": _now(),
        "operation": operation,
        "operationParameters": {},
        "engineInfo": "Millrace",
        "millrace": {"run": marker.run, "stream": marker.stream, "fence": marker.fence},
    }
    if version.exists:
        info["readVersion"] = version.number
    return [{"commitInfo": info}, *_protocol(version, schema), {"metaData": about}]


def dump(actions: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the content of a version's file."""
    return "\n".join(json.dumps(action, separators=(",", ":")) for action in actions).encode()


def file_of(number: int) -> str:
    """Return the name of a version's file in the table's home."""
    return f"{LOG}/{number:020}.json"


def checkpoint_is_due(version: Version) -> bool:
    """Whether the version after this one is one at which readers want a summary of the log."""
    interval = version.properties.get("delta.checkpointInterval") or ""
    every = int(interval) if interval.isdigit() and int(interval) else CHECKPOINT_INTERVAL
    return (version.number + 1) % every == 0 and version.number >= 0


def _protocol(version: Version, schema: str | None) -> list[dict[str, Any]]:
    """Return what readers and writers must know from now on, where that changes."""
    is_new_kind = (
        schema is not None and needs_ntz(schema) and "timestampNtz" not in version.writers[1]
    )
    if is_new_kind:
        kept = version.writers[1] or (set(LEGACY) if version.exists else set())
        features = sorted({*kept, "timestampNtz"})
        readers = sorted({*version.readers[1], "timestampNtz"})
        said: dict[str, Any] = {"minReaderVersion": 3, "minWriterVersion": 7}
        return [{"protocol": {**said, "readerFeatures": readers, "writerFeatures": features}}]
    if version.exists:
        return []
    return [{"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}]

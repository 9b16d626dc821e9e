"""Iceberg tables, in a SQL or REST catalog."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import AliasChoices, Field

from connectors.base import (
    Access,
    CheckReport,
    Commit,
    Destination,
    Extraction,
    Marker,
    Options,
    PartResult,
    RunKey,
    Source,
    Staging,
    State,
    Stream,
    Target,
    WriteMode,
    WriteOptions,
)
from connectors.errors import ConfigError
from connectors.lakes import markers
from connectors.lakes.iceberg.settings import IcebergSettings
from connectors.lakes.iceberg.tables import Tables
from connectors.lakes.reading import extract
from connectors.lakes.staging import Stage
from connectors.lakes.types import held_schema
from connectors.sql.checks import run_checks
from connectors.sql.choosing import ChosenRows
from connectors.sql.columns import cursors_of

if TYPE_CHECKING:
    import polars as pl

    from connectors.lakes.iceberg.loading import Load

_TABLE = AliasChoices("table", "table_name")
_NAMESPACE = AliasChoices("namespace", "schema")
TABLE = "Table, as table or namespace.table."


class IcebergReadOptions(ChosenRows):
    """Which table to read, and which of its snapshots."""

    table: str = Field(title="Table", description=TABLE, validation_alias=_TABLE)
    namespace: str | None = Field(None, title="Namespace", validation_alias=_NAMESPACE)
    snapshot: int | None = Field(
        None, title="Snapshot", description="Read the table as it was; the last when empty."
    )


class IcebergWriteOptions(WriteOptions):
    """Which table to write."""

    table: str = Field(title="Table", description=TABLE, validation_alias=_TABLE)
    namespace: str | None = Field(None, title="Namespace", validation_alias=_NAMESPACE)


class Iceberg(Source, Destination):
    """Tables of one Iceberg catalog."""

    name = "iceberg"
    label = "Apache Iceberg"
    description = "Iceberg tables of SQL and REST catalogs: snapshots, upserts, atomic commits."
    aliases = ("ICEBERG", "iceberg-extractor", "iceberg-loader")
    Settings = IcebergSettings
    ReadOptions = IcebergReadOptions
    WriteOptions = IcebergWriteOptions
    write_modes = frozenset(WriteMode)
    evolves = True
    example = {
        "uri": "${folder}/catalog.sqlite3",
        "warehouse": "${folder}/warehouse",
        "table": "example",
    }

    settings: IcebergSettings

    def __init__(self, settings: Any, access: Access) -> None:
        """Keep the settings; open the catalog on the first call."""
        super().__init__(settings, access)
        self.tables = Tables(settings, access)

    def judge(self) -> None:
        """Refuse paths and addresses that are closed here."""
        from connectors.lakes.iceberg.catalogs import judge

        judge(self.settings, self.access)

    def check(self) -> CheckReport:
        """Test paths and addresses, the catalog, and what is in it."""
        return run_checks(
            [
                ("places", self._check_places, "Choose folders below the allowed ones"),
                (
                    "catalog",
                    self._check_catalog,
                    "Check the address of the catalog, its user and its token",
                ),
            ]
        )

    def discover(self) -> list[Stream]:
        """List the tables of all namespaces."""
        from connectors.lakes.iceberg.columns import polars_schema

        streams = []
        for name in self.tables.listed():
            schema = polars_schema(self.tables.demand(name).schema())
            shown, options = self.tables.shown(name), {"table": name[1], "namespace": name[0]}
            streams.append(Stream(shown, schema, options, name[0], cursors=cursors_of(schema)))
        return streams

    def scan(self, options: Options, state: State | None = None) -> Extraction:
        """Read a snapshot of a table; columns and predicates reach its files."""
        assert isinstance(options, IcebergReadOptions)
        table = self.tables.demand(self.tables.name(options.table, options.namespace))
        frame = self.tables.frame(table, options.snapshot)
        rows = None if options.cursor else self.tables.rows(table, options.snapshot)
        return extract(frame, options, state, rows=rows)

    @classmethod
    def require_type(cls, name: str, dtype: "pl.DataType") -> None:
        """Raise DataError for a type that Iceberg cannot hold."""
        from connectors.lakes.iceberg.columns import ICEBERG

        held_schema({name: dtype}, ICEBERG)

    def target(self, options: Options, stream: str) -> Target:
        """Name the table by its catalog."""
        assert isinstance(options, IcebergWriteOptions)
        name = self.tables.name(options.table, options.namespace)
        return Target(self.tables.identity(name), stream, options)

    def committed(self, target: Target) -> Marker | None:
        """Return the marker of the stream's last commit, from the properties of the table."""
        return markers.marker_in(self._load(target).properties(), target.stream)

    def begin(self, target: Target, schema: Mapping[str, "pl.DataType"], run: RunKey) -> Staging:
        """Check mode and columns, make a folder for the rows, clear those of dead attempts."""
        return Staging(target, run, schema, self._load(target).begin(schema, run))

    def sink(self, staging: Staging, frame: "pl.LazyFrame", part: str) -> "pl.LazyFrame":
        """Return a lazy sink into data files in the table's hidden folder."""
        from connectors.lakes.iceberg.columns import ICEBERG

        stage: Stage = staging.place
        return self._load(staging.target).sink(stage, stage.fit(frame, staging.schema, ICEBERG))

    def count(self, staging: Staging) -> int:
        """Count the rows by the footers of the staged files."""
        stage: Stage = staging.place
        return stage.count()

    def commit(self, staging: Staging, parts: Sequence[PartResult], marker: Marker) -> Commit:
        """Make one snapshot, which names the files, and set the marker with it."""
        rows = self._load(staging.target).commit(staging.place, marker)
        return Commit(rows, staging.target.place)

    def abort(self, staging: Staging) -> None:
        """Remove the attempt's folder."""
        stage: Stage = staging.place
        stage.clear()

    def close(self) -> None:
        """Close the catalog."""
        self.tables.close()

    def _load(self, target: Target) -> "Load":
        from connectors.lakes.iceberg.loading import Load

        return Load(self.tables, target, self.stopping)

    def _check_places(self) -> str:
        self.judge()
        if self.settings.catalog_type == "sql":
            where = self.tables.storage.place(self.settings.warehouse)
            folder = Path(str(where)) if not str(where).startswith("s3://") else None
            if folder is not None:
                above = next(path for path in [folder, *folder.parents] if path.exists())
                if not os.access(above, os.W_OK | os.X_OK):
                    raise ConfigError(f"{above} may not be written")
        return "The catalog and the warehouse may be used"

    def _check_catalog(self) -> str:
        return f"{len(self.tables.listed())} tables are in the catalog"

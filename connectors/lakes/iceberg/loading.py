"""One load into an Iceberg table: from the staged files to the next state of the catalog.

A lost race is judged anew: another worker may have taken the table over.
"""

import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from connectors.base import Marker, RunKey, Target, WriteMode
from connectors.errors import ConfigError, TransientError
from connectors.lakes import markers
from connectors.lakes.fitting import as_grown, fitting
from connectors.lakes.iceberg.columns import (
    ICEBERG,
    arrow_schema,
    data_file,
    grow_columns,
    iceberg_schema,
    polars_schema,
    replace_columns,
    widened,
)
from connectors.lakes.iceberg.files import old_rows
from connectors.lakes.iceberg.tables import Name, Tables
from connectors.lakes.merging import Incoming, watched
from connectors.lakes.staging import Stage
from connectors.sql.growing import Growth

if TYPE_CHECKING:
    import polars as pl
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table, Transaction

TRIES = 20
FORMAT_VERSION = "2"


class Load:
    """What a target, a table and a mode have to do with one another."""

    def __init__(self, tables: Tables, target: Target, stopping: threading.Event) -> None:
        """Keep what is loaded where; `stopping` ends a merge."""
        self.tables = tables
        self.target = target
        self.options = cast("Any", target.options)
        self.stopping = stopping
        self.name: Name = tables.name(self.options.table, self.options.namespace)

    def properties(self) -> Mapping[str, str]:
        """Return the properties of the table as it stands, our markers among them."""
        table = self.tables.opened(self.name)
        return {} if table is None else table.properties

    def begin(self, schema: Mapping[str, "pl.DataType"], run: RunKey) -> Stage:
        """Return an empty stage for rows of this schema."""
        table = self.tables.opened(self.name)
        if table is not None:
            stored = markers.marker_in(table.properties, self.target.stream)
            self._judge(table, is_ours=stored is not None and stored.run == run.run)
        is_kept = table is not None and not self._is_replaced
        columns = polars_schema(table.schema()) if table is not None and is_kept else None
        required = [] if table is None else [f.name for f in table.schema().fields if f.required]
        fit = fitting(
            schema,
            columns,
            ICEBERG,
            self.options,
            required=required,
            place=self.target.place,
            widen=widened,
        )
        transaction = self._transaction(table, fit.wanted, None, fit.growth)
        location = transaction.table_metadata.location
        keeper = self.tables.storage.keeper(location)
        stage = Stage.of(keeper, self.tables.storage.options(location), self.target, run)
        stage.location = location.rstrip("/")
        stage.columns, stage.wanted, stage.growth = columns, fit.wanted, fit.growth
        stage.identities = transaction.table_metadata.schema()
        stage.clear_older(run.fence)
        stage.clear()
        return stage

    def sink(self, stage: Stage, frame: "pl.LazyFrame", inside: str = "") -> "pl.LazyFrame":
        """Return a lazy sink of data files that tell which columns they hold."""
        names = frame.collect_schema().names()
        arrow = arrow_schema(stage.identities, names)
        return stage.sink(frame, inside=inside, arrow_schema=arrow)

    def commit(self, stage: Stage, marker: Marker) -> int:
        """Make the staged rows a snapshot of the table; return how many were committed."""
        from pyiceberg.exceptions import CommitFailedException, TableAlreadyExistsError

        from connectors.lakes.iceberg.catalogs import told

        for number in range(TRIES):
            table = self.tables.opened(self.name)
            try:
                properties = {} if table is None else table.properties
                stored = markers.admit(properties, self.target.place, marker)
                if stored is not None:
                    stage.clear()
                    return stored.rows
                transaction = self._prepare(table, stage, marker, f"/try-{number}")
            except BaseException:
                # The catalog was read: no snapshot names what was moved for it.
                stage.retract()
                raise
            try:
                with told():
                    transaction.commit_transaction()
            except (CommitFailedException, TableAlreadyExistsError):
                continue
            stage.clear()
            return marker.rows
        raise TransientError(f"Others keep changing {self.target.place}; the run is tried again")

    @property
    def _is_replaced(self) -> bool:
        return self.options.mode is WriteMode.REPLACE

    def _judge(self, table: "Table", *, is_ours: bool) -> None:
        """Refuse a table that the mode, or what we can keep of it, does not allow."""
        if self.options.mode is WriteMode.ERROR and not is_ours:
            raise ConfigError(
                f"{self.target.place} exists, and write mode 'error' refuses that; choose "
                "'replace', 'append' or 'upsert', or another table",
                field="mode",
            )
        strange = []
        if not table.spec().is_unpartitioned():
            strange.append("partitions")
        if table.format_version > int(FORMAT_VERSION):
            strange.append(f"format version {table.format_version}")
        if strange:
            raise ConfigError(
                f"{self.target.place} has {strange[0]}, which Millrace cannot keep when it writes; "
                "write to another table",
                field="table",
            )

    def _transaction(
        self,
        table: "Table | None",
        wanted: Mapping[str, "pl.DataType"],
        location: str | None,
        growth: Growth,
    ) -> "Transaction":
        """Return the changes to a table's columns, or those that make a new one."""
        from connectors.lakes.iceberg.catalogs import told
        from connectors.lakes.iceberg.transactions import Single

        if table is not None:
            transaction = Single(table)
            if self._is_replaced:
                replace_columns(transaction, wanted)
            else:
                grow_columns(transaction, growth)
            return transaction
        with told():
            self.tables.catalog.create_namespace_if_not_exists((self.name[0],))
            return self.tables.catalog.create_table_transaction(
                self.name,
                schema=iceberg_schema(wanted),
                location=location or self._location(),
                properties={"format-version": FORMAT_VERSION},
            )

    def _location(self) -> str | None:
        """Return where a new table goes; a REST server chooses by itself."""
        settings = self.tables.settings
        if settings.catalog_type == "rest":
            return None
        place = str(self.tables.storage.place(settings.warehouse)).rstrip("/")
        return "/".join((place, *self.name))

    def _prepare(
        self, table: "Table | None", stage: Stage, marker: Marker, inside: str
    ) -> "Transaction":
        """Return the transaction with columns, marker and snapshot, after moving the files."""
        if table is not None:
            self._judge(table, is_ours=False)
        if table is not None and stage.columns is not None:
            self._demand_same(table, stage)
        transaction = self._transaction(table, stage.wanted, stage.location, stage.growth)
        metadata = transaction.table_metadata
        is_other = metadata.schema() != stage.identities
        if is_other or metadata.location.rstrip("/") != stage.location:
            raise self._changed()
        transaction.set_properties(markers.dump(marker))
        gone: list[DataFile] = []
        if self.options.mode is WriteMode.UPSERT:
            # What an earlier try merged was made of an older snapshot.
            stage.retract()
            gone = self._merge(table, stage, inside)
            files = stage.publish(inside, below="data/")
        else:
            files = stage.publish(below="data/")
            if self._is_replaced and table is not None:
                gone = [task.file for task in table.scan().plan_files()]
        said = {"millrace.run": marker.run, "millrace.fence": str(marker.fence)}
        update = transaction.update_snapshot(snapshot_properties=said)
        with update.overwrite() if gone else update.fast_append() as snapshot:
            for old in gone:
                snapshot.delete_data_file(old)
            for name, file in files.items():
                path = f"{stage.location}/{name}"
                snapshot.append_data_file(data_file(file, path, transaction.table_metadata))
        return transaction

    def _demand_same(self, table: "Table", stage: Stage) -> None:
        """Refuse columns that are others than those which were to grow."""
        if stage.growth and polars_schema(table.schema()) != stage.columns:
            raise self._changed()

    def _changed(self) -> TransientError:
        return TransientError(
            f"The columns of {self.target.place} were changed meanwhile; the run is tried again"
        )

    def _merge(self, table: "Table | None", stage: Stage, inside: str) -> list["DataFile"]:
        """Stage what takes the place of the files that hold a new key; return those files."""
        import polars as pl

        incoming = Incoming(stage.scan(stage.staged()), self.options.key, self.target.place)
        touched: list[DataFile] = []
        frames: list[pl.LazyFrame] = []
        for file, found in self._old(table):
            frame = as_grown(found, stage.columns or {}, stage.growth)
            if incoming.touches(frame):
                touched.append(file)
                frames.append(frame)
        columns = [field.name for field in stage.identities.fields]
        merged = watched(incoming.merged(frames, columns), self.stopping)
        pl.collect_all([self.sink(stage, merged, inside)], engine="streaming")
        return touched

    def _old(self, table: "Table | None") -> Iterator[tuple["DataFile", "pl.LazyFrame"]]:
        if table is not None:
            for task in table.scan().plan_files():
                yield task.file, old_rows(table, task, self.tables.storage)

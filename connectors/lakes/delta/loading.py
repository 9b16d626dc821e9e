"""One load into a Delta table: from the staged files to the next version of its log."""

import logging
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from connectors.base import Marker, RunKey, Target, WriteMode
from connectors.errors import ConfigError, TransientError
from connectors.files.settings import FileWriteOptions
from connectors.files.streams import File
from connectors.lakes import markers
from connectors.lakes.delta import log
from connectors.lakes.delta.columns import DELTA, grown_schema, schema_string
from connectors.lakes.delta.log import Version
from connectors.lakes.delta.tables import Tables
from connectors.lakes.fitting import after, as_grown, fitting
from connectors.lakes.merging import Incoming, watched
from connectors.lakes.staging import Stage

if TYPE_CHECKING:
    import polars as pl

TRIES = 20
OPERATIONS = {WriteMode.UPSERT: "MERGE"}
logger = logging.getLogger(__name__)


class Load:
    """What a target, a table and a mode have to do with one another."""

    def __init__(self, tables: Tables, target: Target, stopping: threading.Event) -> None:
        """Keep what is loaded where; `stopping` ends a merge."""
        assert isinstance(target.options, FileWriteOptions)
        self.tables = tables
        self.target = target
        self.options: Any = target.options
        self.stopping = stopping

    def version(self) -> Version:
        """Return the table as it stands now."""
        return self.tables.version(self.options.table)

    def begin(self, schema: Mapping[str, "pl.DataType"], run: RunKey) -> Stage:
        """Return an empty stage for rows of this schema."""
        keeper, version = self.tables.keeper(self.options.table), self.version()
        stored = markers.marker_in(version.properties, self.target.stream)
        self._judge(version, is_ours=stored is not None and stored.run == run.run)
        stage = Stage.of(keeper, self.tables.options(self.options.table), self.target, run)
        stage.columns = None if self._is_replaced else version.columns
        fit = fitting(
            schema,
            stage.columns,
            DELTA,
            self.options,
            required=version.required,
            place=self.target.place,
        )
        stage.wanted, stage.growth = fit.wanted, fit.growth
        stage.clear_older(run.fence)
        stage.clear()
        return stage

    def commit(self, stage: Stage, marker: Marker) -> int:
        """Make the staged rows a version of the table; return how many were committed."""
        for number in range(TRIES):
            version = self.version()
            try:
                stored = markers.admit(version.properties, self.target.place, marker)
                if stored is not None:
                    stage.clear()
                    return stored.rows
                self._demand_same(version, stage)
                actions = self._actions(version, stage, marker, f"/try-{number}")
            except BaseException:
                # The log was read: no version names what was moved for it.
                stage.retract()
                raise
            if stage.keeper.create(log.file_of(version.number + 1), log.dump(actions)):
                self._summarize(version)
                stage.clear()
                return marker.rows
        raise TransientError(f"Others keep changing {self.target.place}; the run is tried again")

    def _demand_same(self, version: Version, stage: Stage) -> None:
        """Refuse a table that has changed since the load began so that its rows do not fit."""
        self._judge(version, is_ours=False)
        if not self._is_replaced and version.columns != stage.columns:
            raise TransientError(
                f"The columns of {self.target.place} were changed meanwhile; the run is tried again"
            )

    @property
    def _is_replaced(self) -> bool:
        return self.options.mode is WriteMode.REPLACE

    def _judge(self, version: Version, *, is_ours: bool) -> None:
        """Refuse a table that the mode, or what we can keep of it, does not allow."""
        if not version.exists:
            return
        if self.options.mode is WriteMode.ERROR and not is_ours:
            raise ConfigError(
                f"{self.target.place} exists, and write mode 'error' refuses that; choose "
                "'replace', 'append' or 'upsert', or another path",
                field="mode",
            )
        is_changing = self.options.mode in (WriteMode.REPLACE, WriteMode.UPSERT)
        log.demand_writable(
            version, self.target.place, is_changing=is_changing, is_replaced=self._is_replaced
        )

    def _actions(
        self, version: Version, stage: Stage, marker: Marker, inside: str
    ) -> list[dict[str, Any]]:
        """Return the actions of the next version, after moving the files that they name."""
        gone: list[tuple[str, int]] = []
        again: Mapping[str, File] = {}
        if self.options.mode is WriteMode.UPSERT:
            # What an earlier try merged was made of an older version.
            stage.retract()
            gone = self._merge(version, stage, inside)
            files = stage.publish(inside)
        else:
            again = self._rewritten(version, stage, inside)
            files = stage.publish()
            is_gone = self._is_replaced or again
            gone = [(path, size) for path, size, _ in version.files] if is_gone else []
        schema, columns = self._schema(version, stage)
        is_new = self._is_replaced or not version.exists
        operation = OPERATIONS.get(self.options.mode, "WRITE")
        actions = log.commit_of(version, schema, marker, operation, is_new=is_new)
        actions += [log.removed(path, size, is_change=not again) for path, size in gone]
        actions += [log.added(file, name, columns) for name, file in files.items()]
        actions += [log.added(file, name, columns, is_change=False) for name, file in again.items()]
        return actions

    def _schema(
        self, version: Version, stage: Stage
    ) -> tuple[str | None, Mapping[str, "pl.DataType"]]:
        """Return the schema that the log must tell, None where it has it, and the columns."""
        if self._is_replaced or version.columns is None:
            return schema_string(stage.wanted), stage.wanted
        if not stage.growth:
            return None, version.columns
        return grown_schema(version.schema_text, stage.growth), after(version.columns, stage.growth)

    def _old(self, version: Version, stage: Stage) -> dict[str, "pl.LazyFrame"]:
        """Return the rows of each data file, in the columns that the table will have."""
        frames = {
            path: self.tables.rows_of(self.options.table, version, path)
            for path, _, _ in version.files
        }
        columns = version.columns or stage.wanted
        return {path: as_grown(frame, columns, stage.growth) for path, frame in frames.items()}

    def _rewritten(self, version: Version, stage: Stage, inside: str) -> Mapping[str, File]:
        """Write the old rows anew where a type is widened: not every reader takes narrow files."""
        import polars as pl

        if not (stage.growth.widened and version.files):
            return {}
        # What an earlier try wrote was made of an older version; the new rows were not.
        stage.retract(but="")
        rows = pl.concat(list(self._old(version, stage).values()))
        pl.collect_all(
            [stage.sink(watched(rows, self.stopping), inside=inside)], engine="streaming"
        )
        return stage.publish(inside)

    def _merge(self, version: Version, stage: Stage, inside: str) -> list[tuple[str, int]]:
        """Stage what takes the place of the files that hold a new key; return those files."""
        import polars as pl

        incoming = Incoming(stage.scan(stage.staged()), self.options.key, self.target.place)
        found = self._old(version, stage)
        is_all = bool(stage.growth.widened)
        touched = [path for path, frame in found.items() if is_all or incoming.touches(frame)]
        columns = list(after(version.columns or stage.wanted, stage.growth))
        merged = incoming.merged([found[path] for path in touched], columns)
        sink = stage.sink(watched(merged, self.stopping), inside=inside)
        pl.collect_all([sink], engine="streaming")
        sizes = {path: size for path, size, _ in version.files}
        return [(path, sizes[path]) for path in touched]

    def _summarize(self, version: Version) -> None:
        """Write a checkpoint where one is due; the commit stands without it too."""
        if not log.checkpoint_is_due(version):
            return
        try:
            table = self.tables.opened(self.options.table)
            if table is not None:
                table.create_checkpoint()
        except Exception:
            logger.warning("No checkpoint of %s was written", self.target.place, exc_info=True)

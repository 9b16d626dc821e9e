"""A load into a MySQL table: filled beside it, counted, then moved in one atomic step."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from connectors.base import Commit, Marker, PartResult, RunKey, Target, WriteMode
from connectors.base.lazy import BATCH_ROWS
from connectors.errors import ConfigError, DataError, MillraceError
from connectors.sql.columns import check_key, check_names
from connectors.sql.markers import PREFIX
from connectors.sql.mysql import catalog, growing, moving
from connectors.sql.mysql.catalog import Kept
from connectors.sql.mysql.errors import told
from connectors.sql.mysql.feeding import Feed
from connectors.sql.mysql.fitting import Plan, check_target
from connectors.sql.mysql.markers import Markers, has_table
from connectors.sql.mysql.options import MySQLWriteOptions
from connectors.sql.mysql.server import Server
from connectors.sql.mysql.staging import INDEX, check_lengths, creation, free_name, make_database
from connectors.sql.mysql.writing import held
from connectors.sql.names import TableName, quoted

if TYPE_CHECKING:
    import polars as pl

    from connectors.sql.mysql.driver import Session


def table_of(target: Target, server: Server) -> TableName:
    """Return the table that a target's options name."""
    assert isinstance(target.options, MySQLWriteOptions)
    return catalog.placed(target.options.name(), server.database)


def digest_of(table: TableName) -> str:
    """Return what tells the tables that are kept for this one from those of others."""
    return blake2b(str(table).encode(), digest_size=4).hexdigest()


def stored(session: "Session", server: Server, target: Target) -> Marker | None:
    """Return the marker of the target's stream; what was said of a table that is gone is void."""
    table = table_of(target, server)
    markers = Markers(session, table.schema or "")
    if not markers.exists():
        return None
    with moving.alone(session, f"millrace:{digest_of(table)}"):
        moving.Swap(session, table, markers, digest_of(table)).settle()
        if not has_table(session, table):
            return None
        return markers.get(target.place, target.stream)


class Load:
    """One load; it begins where it is made and ends with `commit` or `abort`."""

    def __init__(
        self,
        session: "Session",
        server: Server,
        target: Target,
        schema: Mapping[str, "pl.DataType"],
        run: RunKey,
    ) -> None:
        """Check that the rows will fit, drop what dead attempts left, make the staging table."""
        assert isinstance(target.options, MySQLWriteOptions)
        self._session = session
        self._server = server
        self._target = target
        self._options = target.options
        self._schema = schema
        self._run = run
        self._table = table_of(target, server)
        self._database = self._table.schema or ""
        self._digest = digest_of(self._table)
        self._lock = f"millrace:{self._digest}"
        check_names(schema, is_case_sensitive=False)
        check_key(target.options.key, schema)
        check_lengths([self._table.table, *schema])
        self._order = free_name(schema) if target.options.mode is WriteMode.UPSERT else None
        self._next_row = 0
        self._types = {
            name: held(name, dtype, instants=target.options.instants)
            for name, dtype in schema.items()
        }
        with told(server.password):
            self._begin()

    def sink(self, frame: "pl.LazyFrame", part: str) -> "pl.LazyFrame":
        """Return a lazy sink into the staging table."""
        return frame.sink_batches(self._put, chunk_size=BATCH_ROWS, maintain_order=True, lazy=True)

    def count(self) -> int:
        """Return the rows that are staged, as the server counted them."""
        return self._feed.finish()

    def commit(self, parts: Sequence[PartResult], marker: Marker) -> Commit:
        """Move the staged rows to their table and store the marker, both or neither."""
        session, place = self._session, self._target.place
        with told(self._server.password), moving.alone(session, self._lock):
            self._swap.settle()
            done = self._markers.admit(place, marker)
            if done is None:
                self._move(marker, sum(part.rows for part in parts))
            session.run(f"DROP TABLE IF EXISTS {self._staging.quoted('`')}")
        return Commit(done.rows if done else marker.rows, place)

    def interrupt(self) -> None:
        """Make a load that is under way end soon."""
        self._feed.end()

    def abort(self) -> None:
        """Remove what is staged; what cannot be removed now, the next load removes."""
        self._feed.close()
        with suppress(MillraceError), told(self._server.password):
            self._session.run(f"DROP TABLE IF EXISTS {self._staging.quoted('`')}")

    def close(self) -> None:
        """End the loading."""
        self._feed.close()

    def _begin(self) -> None:
        session, mode = self._session, self._options.mode
        make_database(session, self._database)
        self._markers = Markers(session, self._database)
        self._markers.create()
        self._swap = moving.Swap(session, self._table, self._markers, self._digest)
        with moving.alone(session, self._lock):
            self._swap.settle()
        exists = self._check_existing()
        self._is_kept = exists and mode in (WriteMode.APPEND, WriteMode.UPSERT)
        columns = catalog.kept_columns(session, self._table) if self._is_kept else {}
        if self._is_kept:
            columns = _after(columns, self._fit(columns))
        prefix = f"{PREFIX}_{self._digest}_"
        moving.drop_dead(session, self._database, prefix, self._run.fence)
        self._staging = TableName(f"{prefix}{self._run.short}", self._database)
        session.run(
            creation(
                session,
                self._staging,
                self._types,
                key=self._options.key,
                order=self._order,
                columns=columns,
            )
        )
        known = {name.lower(): kept.type for name, kept in columns.items()}
        types = {name: known.get(name.lower(), kind) for name, kind in self._types.items()}
        travelling = dict(self._schema)
        if self._order:
            import polars as pl

            travelling[self._order], types[self._order] = pl.Int64(), "BIGINT"
        self._feed = Feed(self._server, self._staging, travelling, types)

    def _check_existing(self) -> bool:
        """Return whether the table exists; raises ConfigError where it may not be written."""
        extent = catalog.extent_of(self._session, self._table)
        if extent is None:
            return False
        if not extent.is_table:
            raise ConfigError(
                f"{self._table} is a view; rows can be written to a table", field="table"
            )
        if extent.engine != "InnoDB":
            raise ConfigError(
                f"{self._table} is kept by {extent.engine}, which knows no transactions; ALTER TABLE "
                f"{self._table.quoted('`')} ENGINE=InnoDB, or choose another table",
                field="table",
            )
        if self._options.mode is WriteMode.ERROR:
            marker = self._markers.get(self._target.place, self._target.stream)
            if marker is None or marker.run != self._run.run:
                raise ConfigError(
                    f"{self._table} exists already, and write mode 'error' asks for a new table; "
                    "choose another table or another mode",
                    field="mode",
                )
        return True

    def _put(self, batch: "pl.DataFrame") -> None:
        if self._order:
            import polars as pl

            rows = pl.int_range(
                self._next_row, self._next_row + batch.height, dtype=pl.Int64, eager=True
            )
            batch = batch.with_columns(rows.alias(self._order))
            self._next_row += batch.height
        self._feed.put(batch)

    def _move(self, marker: Marker, expected: int) -> None:
        """Do what the mode asks for, and store the marker with it."""
        session, mode = self._session, self._options.mode
        exists = has_table(session, self._table)
        columns: Mapping[str, Kept] = {}
        if exists:
            columns = catalog.kept_columns(session, self._table)
        if exists and self._options.evolve and mode in (WriteMode.APPEND, WriteMode.UPSERT):
            columns = self._grow(columns)
        move = moving.Move(session, self._staging, self._table, self._schema, columns)
        if mode is WriteMode.ERROR and exists:
            raise ConfigError(f"{self._table} was made by somebody else meanwhile", field="mode")
        if mode is WriteMode.UPSERT:
            assert self._order is not None
            moving.keep_last(session, self._staging, self._options.key, self._order)
        if not exists or (mode is WriteMode.REPLACE and not self._is_refilled(columns)):
            self._finish_staging()
            self._swap.do(self._staging, marker, self._target.place, exists=exists)
            return
        with moving.transaction(session):
            if self._markers.admit(self._target.place, marker) is not None:
                return
            if mode is WriteMode.UPSERT:
                move.merge(self._options.key)
            else:
                _require_rows(
                    move.append() if mode is WriteMode.APPEND else move.refill(), expected
                )
            self._markers.put(self._target.place, marker)

    def _fit(self, columns: Mapping[str, Kept]) -> Plan:
        return check_target(
            self._schema,
            columns,
            str(self._table),
            self._options.instants,
            evolve=self._options.evolve,
        )

    def _grow(self, columns: Mapping[str, Kept]) -> Mapping[str, Kept]:
        """Let the table's columns grow; return them as they are then."""
        session, plan = self._session, self._fit(columns)
        keys = {name.lower() for name in self._options.key}
        names = [name for name in self._schema if name.lower() not in keys]
        longer = growing.lengthened(session, self._staging, self._table, names, columns)
        plan = Plan(plan.added, {**longer, **plan.widened})
        if not plan:
            return columns
        growing.alter(session, self._table, plan, columns)
        return catalog.kept_columns(session, self._table)

    def _finish_staging(self) -> None:
        """Give a table that an upsert makes its key, and take from it what only we need."""
        if self._order:
            names = ", ".join(quoted(name, "`") for name in self._options.key)
            self._session.run(
                f"ALTER TABLE {self._staging.quoted('`')} DROP PRIMARY KEY, "
                f"DROP COLUMN {quoted(self._order, '`')}, DROP KEY {quoted(INDEX, '`')}, "
                f"ADD PRIMARY KEY ({names})"
            )

    def _is_refilled(self, columns: Mapping[str, Kept]) -> bool:
        """Whether a table keeps what hangs on it, because its columns can hold the rows."""
        referring = catalog.referring_to(self._session, self._table)
        if referring:
            raise ConfigError(
                f"{self._table} cannot be emptied: foreign keys of {', '.join(referring)} refer to "
                "its rows; use write mode 'upsert', or drop those foreign keys"
            )
        if {name.lower() for name in columns} != {name.lower() for name in self._schema}:
            return False
        try:
            check_target(self._schema, columns, str(self._table), self._options.instants)
        except ConfigError:
            return False
        return bool(catalog.attached_to(self._session, self._table, columns))


def _after(columns: Mapping[str, Kept], plan: Plan) -> dict[str, Kept]:
    """Return the columns with the types that they will have."""
    return {
        name: replace(kept, type=plan.widened[name].lower()) if name in plan.widened else kept
        for name, kept in columns.items()
    }


def _require_rows(found: int, expected: int) -> None:
    if found != expected:
        raise DataError(f"{expected} rows were staged and {found} were added; run the job again")

"""A load into a PostgreSQL table: filled beside it, counted, then moved in one transaction."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from connectors.base import Commit, Marker, PartResult, RunKey, Target, WriteMode
from connectors.base.lazy import BATCH_ROWS
from connectors.errors import ConfigError, DataError, MillraceError
from connectors.sql.columns import check_key, check_names
from connectors.sql.markers import MARKERS, PREFIX, MarkerTable
from connectors.sql.names import TableName, quoted
from connectors.sql.postgres import moving
from connectors.sql.postgres.catalog import kept_columns, kind_of, placed
from connectors.sql.postgres.errors import told
from connectors.sql.postgres.feeding import Feed
from connectors.sql.postgres.fitting import check_target
from connectors.sql.postgres.session import Server
from connectors.sql.postgres.writing import carried, held

if TYPE_CHECKING:
    import polars as pl
    from psycopg import Connection

_KINDS = {"v": "a view", "m": "a materialized view", "f": "a foreign table"}
# How long a commit waits for those who use the table, and whoever comes after it waits for both.
_LOCK_SECONDS = 60
# The server cuts longer names off.
_NAME_BYTES = 63


def stored(connection: "Connection[Any]", target: Target) -> Marker | None:
    """Return the marker of the target's stream; what was said of a table that is gone is void."""
    table = table_of(target)
    markers = TableName(MARKERS, table.schema)
    if kind_of(connection, markers) is None or kind_of(connection, table) is None:
        return None
    return _markers(connection, table).get(target.place, target.stream)


def table_of(target: Target) -> TableName:
    """Return the table that a target's options name."""
    return placed(target.options.name())  # type: ignore[attr-defined]


def _markers(connection: "Connection[Any]", table: TableName) -> MarkerTable:
    def execute(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        cursor = connection.execute(sql.encode(), values)
        return cursor.fetchall() if cursor.description else []

    # psycopg reads the statement for placeholders, names included.
    schema = (table.schema or "").replace("%", "%%")
    return MarkerTable(execute, schema=schema, placeholder="%s", text="text")


class Load:
    """One load; it begins where it is made and ends with `commit` or `abort`."""

    def __init__(
        self,
        connection: "Connection[Any]",
        server: Server,
        target: Target,
        schema: Mapping[str, "pl.DataType"],
        run: RunKey,
    ) -> None:
        """Check that the rows will fit, drop what dead attempts left, make the staging table."""
        self._connection = connection
        self._server = server
        self._target = target
        self._schema = schema
        self._run = run
        self._table = table_of(target)
        self._mode = target.options.mode
        self._evolve = target.options.evolve
        check_names(schema)
        check_key(target.options.key, schema)
        _check_lengths([self._table.table, *schema])
        self._types = {name: held(name, dtype) for name, dtype in schema.items()}
        self._staged = moving.staged_names(schema)
        self._order = moving.free_name(schema) if self._mode is WriteMode.UPSERT else None
        self._next_row = 0
        with told(server.password):
            self._begin()
        self._feed = Feed(server, self._staging, self._travelling())

    def sink(self, frame: "pl.LazyFrame", part: str) -> "pl.LazyFrame":
        """Return a lazy sink into the staging table."""
        return frame.sink_batches(self._put, chunk_size=BATCH_ROWS, maintain_order=True, lazy=True)

    def count(self) -> int:
        """Return the rows that are staged, as the server counted them in its answer to the COPY."""
        return self._feed.finish()

    def commit(self, parts: Sequence[PartResult], marker: Marker) -> Commit:
        """Move the staged rows to their table and store the marker, both or neither."""
        connection, place = self._connection, self._target.place
        with told(self._server.password), connection.transaction():
            connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'")
            connection.execute("SET LOCAL statement_timeout = 0")
            # One commit at a time for this table, whatever its rows and markers are then.
            connection.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (str(self._table),)
            )
            markers = _markers(connection, self._table)
            done = markers.admit(place, marker)
            if done is None:
                self._move(sum(part.rows for part in parts))
                markers.put(place, marker)
            connection.execute(f"DROP TABLE IF EXISTS {self._staging.quoted()}")
        return Commit(done.rows if done else marker.rows, place)

    def interrupt(self) -> None:
        """Make a copy that is under way end soon."""
        self._feed.end()

    def abort(self) -> None:
        """Remove what is staged; what cannot be removed now, the next load removes."""
        self._feed.close()
        with suppress(MillraceError), told(self._server.password):
            self._connection.execute(f"DROP TABLE IF EXISTS {self._staging.quoted()}")

    def close(self) -> None:
        """End the copying."""
        self._feed.close()

    def _begin(self) -> None:
        connection, table = self._connection, self._table
        kind = kind_of(connection, table)
        if kind is not None and kind not in ("r", "p"):
            raise ConfigError(
                f"{table} is {_KINDS.get(kind, 'not a table')}; rows can be written to a table",
                field="table",
            )
        with connection.transaction():
            self._prepare_schema()
        if kind is not None:
            self._check_existing()
        prefix = f"{PREFIX}_{blake2b(str(table).encode(), digest_size=4).hexdigest()}_"
        self._staging = TableName(f"{prefix}{self._run.short}", table.schema)
        moving.drop_dead(connection, table.schema or "", prefix, self._run.fence)
        is_kept = kind is not None and self._mode in (WriteMode.APPEND, WriteMode.UPSERT)
        connection.execute(self._creation(is_kept=is_kept))

    def _prepare_schema(self) -> None:
        """Make the schema and the table of markers where they are missing."""
        connection, schema = self._connection, self._table.schema or ""
        # IF NOT EXISTS alone fails where two do it at once.
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", (schema,))
        found = connection.execute(
            "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %s", (schema,)
        ).fetchone()
        if found is None:
            connection.execute(f"CREATE SCHEMA {quoted(schema)}".encode())
        if kind_of(connection, TableName(MARKERS, schema)) is None:
            _markers(connection, self._table).create()

    def _check_existing(self) -> None:
        if self._mode is WriteMode.ERROR:
            marker = _markers(self._connection, self._table).get(
                self._target.place, self._target.stream
            )
            if marker is None or marker.run != self._run.run:
                raise ConfigError(
                    f"{self._table} exists already, and write mode 'error' asks for a new table; "
                    "choose another table or another mode",
                    field="mode",
                )
        if self._mode in (WriteMode.APPEND, WriteMode.UPSERT):
            columns = kept_columns(self._connection, self._table)
            check_target(self._schema, columns, str(self._table), evolve=self._evolve)

    def _creation(self, *, is_kept: bool) -> bytes:
        """Return the statement that makes the staging table.

        Rows that are copied once more need not survive a crash of the server; it empties such
        tables, which the commit notices.
        """
        definitions = [
            f"{quoted(self._staged[name])} {carried(self._schema[name], kind)}"
            for name, kind in self._types.items()
        ]
        if self._order:
            definitions.append(f"{quoted(self._order)} bigint")
        how = "UNLOGGED " if is_kept else ""
        return f"CREATE {how}TABLE {self._staging.quoted()} ({', '.join(definitions)})".encode()

    def _travelling(self) -> dict[str, "pl.DataType"]:
        """Map the columns of the staging table to the types of the batches."""
        import polars as pl

        columns = {self._staged[name]: dtype for name, dtype in self._schema.items()}
        return columns | ({self._order: pl.Int64()} if self._order else {})

    def _put(self, batch: "pl.DataFrame") -> None:
        if self._order:
            import polars as pl

            rows = pl.int_range(self._next_row, self._next_row + batch.height, dtype=pl.Int64)
            batch = batch.with_columns(rows.alias(self._order))
            self._next_row += batch.height
        self._feed.put(batch.rename(self._staged))

    def _count(self) -> int:
        sql = f"SELECT count(*) FROM {self._staging.quoted()}"
        row = self._connection.execute(sql.encode()).fetchone()
        assert row is not None
        return int(row[0])

    def _move(self, expected: int) -> None:
        move = moving.Move(
            self._connection,
            self._staging,
            self._table,
            schema=self._schema,
            types=self._types,
            staged=self._staged,
            evolve=self._evolve,
        )
        kind = kind_of(self._connection, self._table)
        if self._mode is WriteMode.ERROR and kind is not None:
            raise ConfigError(f"{self._table} was made by somebody else meanwhile", field="mode")
        if self._mode is WriteMode.UPSERT:
            assert self._order is not None
            _require_rows(self._count(), expected)
            move.merge(self._target.options.key, self._order, exists=kind is not None)
        elif self._mode is WriteMode.APPEND and kind is not None:
            _require_rows(move.append(), expected)
        else:
            # Counted already, and a table that is logged loses nothing.
            move.replace(exists=kind is not None)


def _require_rows(found: int, expected: int) -> None:
    if found != expected:
        raise DataError(
            f"{expected} rows were staged and {found} are left of them (a crash of the server "
            "empties its unlogged tables); run the job again"
        )


def _check_lengths(names: Sequence[str]) -> None:
    for name in names:
        if len(name.encode()) > _NAME_BYTES:
            raise ConfigError(
                f"The name {name!r} is longer than {_NAME_BYTES} bytes, which PostgreSQL would cut "
                "off; rename it"
            )

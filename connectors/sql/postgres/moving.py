"""How staged rows become those of a table: swapped for the old ones, added, or merged by key.

Everything here runs inside of the caller's transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from connectors.errors import ConfigError, DataError
from connectors.sql.markers import PREFIX
from connectors.sql.names import TableName, quoted
from connectors.sql.postgres.attachments import (
    attached_to,
    copy_rights,
    family_of,
    referring_to,
)
from connectors.sql.postgres.catalog import Kept, kept_columns
from connectors.sql.postgres.fitting import check_target, moved
from connectors.sql.postgres.growing import grow, lengthen
from connectors.sql.postgres.writing import carried

if TYPE_CHECKING:
    import polars as pl
    from psycopg import Connection

# How long to wait for the session of a dead attempt that still holds its staging table.
_DEAD_SECONDS = 2


def staged_names(names: Iterable[str]) -> dict[str, str]:
    """Map columns to their names in a staging table, where DuckDB must tell them apart.

    It knows no difference between upper and lower case: where that matters they are numbered.
    """
    all_names = list(names)
    if len({name.lower() for name in all_names}) == len(all_names):
        return {name: name for name in all_names}
    return {name: f"c{number}" for number, name in enumerate(all_names)}


def free_name(names: Iterable[str]) -> str:
    """Return the name of a column that counts the rows, unlike all others."""
    taken = {name.lower() for name in names}
    name = f"{PREFIX}_row"
    while name in taken:
        name += "_"
    return name


def drop_dead(connection: "Connection[Any]", schema: str, prefix: str, fence: int) -> None:
    """Drop the staging tables of a target that attempts before `fence`, or itself, left behind.

    One that is still held by its session stays, for the next load to drop.
    """
    import psycopg

    rows = connection.execute(
        "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
        "ON n.oid = c.relnamespace WHERE n.nspname = %s AND starts_with(c.relname, %s) "
        "AND c.relkind = 'r'",
        (schema, prefix),
    ).fetchall()
    for (table,) in rows:
        attempt = str(table).rpartition("_")[2]
        if not attempt.isdecimal() or int(attempt) > fence:
            continue
        try:
            with connection.transaction():
                connection.execute(f"SET LOCAL lock_timeout = '{_DEAD_SECONDS}s'")
                connection.execute(f"DROP TABLE {TableName(table, schema).quoted()}".encode())
        except (psycopg.errors.LockNotAvailable, psycopg.errors.UndefinedTable):
            continue


class Move:
    """Moves the rows of `staging` to `table`; `types` are the SQL types of its columns."""

    def __init__(
        self,
        connection: "Connection[Any]",
        staging: TableName,
        table: TableName,
        *,
        schema: Mapping[str, "pl.DataType"],
        types: Mapping[str, str],
        staged: Mapping[str, str],
        evolve: bool = False,
    ) -> None:
        """Keep what to move; `staged` maps columns to their names in the staging table.

        With `evolve` the table's columns grow where they must.
        """
        self._connection = connection
        self._staging = staging
        self._table = table
        self._schema = schema
        self._types = types
        self._staged = staged
        self._evolve = evolve

    def append(self) -> int:
        """Add the rows to the table; return how many."""
        kept = self._kept()
        names = ", ".join(map(quoted, self._schema))
        return self._run(
            f"INSERT INTO {self._table.quoted()} ({names}) "
            f"SELECT {self._expressions(kept)} FROM {self._staging.quoted()}"
        )

    def replace(self, *, exists: bool) -> None:
        """Let the staged rows take the place of all others.

        A table on which something hangs (indexes, views, triggers, policies …) is emptied and
        filled, where its columns can hold the rows; any other is dropped, and the staging table,
        which is full already, takes its name, its owner and its grants.
        """
        if not exists:
            self._finish_columns()
            self._become()
            return
        self._run(f"LOCK TABLE {self._table.quoted()} IN ACCESS EXCLUSIVE MODE")
        if attached_to(self._connection, self._table) and self._fits():
            self._refill()
            return
        self._require_alone()
        self._finish_columns()
        copy_rights(self._connection, self._table, self._staging)
        self._drop()
        self._become()

    def merge(self, key: Sequence[str], order: str, *, exists: bool) -> None:
        """Change the rows of known keys and add the others; of equal keys the last row wins."""
        self._require_key(key)
        if not exists:
            definitions = ", ".join(f"{quoted(name)} {kind}" for name, kind in self._types.items())
            names = ", ".join(map(quoted, key))
            self._run(f"CREATE TABLE {self._table.quoted()} ({definitions}, PRIMARY KEY ({names}))")
        # Before the weaker lock: a lock that is raised later may meet one that waits for it.
        kept = self._kept()
        # Others may read meanwhile; a row that somebody adds between the two would come twice.
        self._run(f"LOCK TABLE {self._table.quoted()} IN SHARE ROW EXCLUSIVE MODE")
        key_at = ", ".join(quoted(self._staged[name]) for name in key)
        latest = (
            f"(SELECT {self._expressions(kept, is_named=True)} FROM (SELECT DISTINCT ON ({key_at}) "
            f"* FROM {self._staging.quoted()} ORDER BY {key_at}, {quoted(order)} DESC) AS s)"
        )
        same = " AND ".join(f"old.{quoted(name)} = new.{quoted(name)}" for name in key)
        changed = [name for name in self._schema if name not in key]
        if changed:
            sets = ", ".join(f"{quoted(name)} = new.{quoted(name)}" for name in changed)
            self._run(
                f"UPDATE {self._table.quoted()} AS old SET {sets} FROM {latest} AS new WHERE {same}"
            )
        names = ", ".join(map(quoted, self._schema))
        self._run(
            f"INSERT INTO {self._table.quoted()} ({names}) SELECT {names} FROM {latest} AS new "
            f"WHERE NOT EXISTS (SELECT 1 FROM {self._table.quoted()} AS old WHERE {same})"
        )

    def _kept(self) -> Mapping[str, Kept]:
        """Return the columns of the table, after letting them grow where that is asked for."""
        kept = kept_columns(self._connection, self._table)
        if not self._evolve:
            return kept
        growth = check_target(self._schema, kept, str(self._table), evolve=True)
        if growth:
            grow(self._connection, self._table, growth)
            kept = kept_columns(self._connection, self._table)
        lengthen(self._connection, self._table, kept, self._staging, self._staged)
        return kept

    def _run(self, sql: str) -> int:
        return self._connection.execute(sql.encode()).rowcount

    def _expressions(self, kept: Mapping[str, Kept], *, is_named: bool = False) -> str:
        found = []
        for name, dtype in self._schema.items():
            text = moved(quoted(self._staged[name]), kept.get(name), dtype)
            found.append(f"{text} AS {quoted(name)}" if is_named else text)
        return ", ".join(found)

    def _require_key(self, key: Sequence[str]) -> None:
        empty = " OR ".join(f"{quoted(self._staged[name])} IS NULL" for name in key)
        row = self._connection.execute(
            f"SELECT count(*) FROM {self._staging.quoted()} WHERE {empty}".encode()
        ).fetchone()
        if row and row[0]:
            raise DataError(
                f"{row[0]} rows have no value in the key {', '.join(key)}; a key must have one in "
                "every row"
            )

    def _fits(self) -> bool:
        """Whether the table has just the columns that the rows bring, and they hold the rows."""
        kept = kept_columns(self._connection, self._table)
        if set(kept) != set(self._schema):
            return False
        try:
            check_target(self._schema, kept, str(self._table))
        except ConfigError:
            return False
        return True

    def _refill(self) -> None:
        """Empty the table and fill it again, so that all that hangs on it stays."""
        referring = referring_to(self._connection, self._table)
        if referring:
            raise ConfigError(
                f"{self._table} cannot be emptied: foreign keys of {', '.join(referring)} refer to "
                "its rows; use write mode 'upsert', or drop those foreign keys"
            )
        self._run(f"TRUNCATE {self._table.quoted()}")
        self.append()

    def _require_alone(self) -> None:
        family = family_of(self._connection, self._table)
        if family:
            raise ConfigError(
                f"{self._table} has {family[0]} and other columns than the rows bring, so it "
                "cannot be replaced; make the columns the same, or choose another table"
            )

    def _drop(self) -> None:
        import psycopg

        try:
            self._run(f"DROP TABLE {self._table.quoted()}")
        except psycopg.errors.DependentObjectsStillExist as error:
            raise ConfigError(
                f"{self._table} cannot be replaced by a table with other columns, because things "
                f"depend on it: {error.diag.message_detail}. Drop them first, bring the same "
                "columns, or choose another table"
            ) from None

    def _finish_columns(self) -> None:
        """Give the columns of the staging table their own names and types."""
        staging = self._staging.quoted()
        for name, kind in self._types.items():
            at = quoted(self._staged[name])
            if carried(self._schema[name], kind) != kind:
                self._run(f"ALTER TABLE {staging} ALTER COLUMN {at} TYPE {kind} USING {at}::{kind}")
            if self._staged[name] != name:
                self._run(f"ALTER TABLE {staging} RENAME COLUMN {at} TO {quoted(name)}")

    def _become(self) -> None:
        """Give the staging table the name of the target."""
        staging = self._staging.quoted()
        row = self._connection.execute(
            "SELECT relpersistence = 'u' FROM pg_catalog.pg_class WHERE oid = %s::regclass",
            (staging,),
        ).fetchone()
        if row and row[0]:
            self._run(f"ALTER TABLE {staging} SET LOGGED")
        self._run(f"ALTER TABLE {staging} RENAME TO {quoted(self._table.table)}")

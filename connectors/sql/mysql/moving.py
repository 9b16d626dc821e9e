"""How staged rows become those of a table: swapped for the old ones, added, or merged by key.

MySQL commits whatever is open when a table is renamed. So a swap brings its marker along: the marker
lies in a small table of its own, and one RENAME TABLE, which is atomic over all its tables, gives both
their names. Everything else is one transaction of InnoDB.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from connectors.base import Marker
from connectors.errors import DataError, TransientError
from connectors.sql.mysql.catalog import Kept
from connectors.sql.mysql.errors import LOCKED, number_of
from connectors.sql.mysql.fitting import moved
from connectors.sql.mysql.markers import Markers
from connectors.sql.names import TableName, quoted

if TYPE_CHECKING:
    import polars as pl

    from connectors.sql.mysql.driver import Session

# How long a commit waits for those who use the table, and whoever comes after it waits for both.
LOCK_SECONDS = 60
# How long to wait for the session of a dead attempt that still holds its staging table.
_DEAD_SECONDS = 2


@contextmanager
def alone(session: "Session", name: str) -> Iterator[None]:
    """Let nobody else commit to this target; the server lets go when the session ends."""
    [(is_mine,)] = session.run("SELECT GET_LOCK(%s, %s)", name, LOCK_SECONDS)
    if not is_mine:
        raise TransientError("MySQL: another load commits to this table now")
    try:
        yield
    finally:
        with suppress(Exception):
            session.run("SELECT RELEASE_LOCK(%s)", name)


@contextmanager
def transaction(session: "Session") -> Iterator[None]:
    """Commit what is done inside, all or nothing."""
    session.begin()
    try:
        yield
    except BaseException:
        with suppress(Exception):
            session.rollback()
        raise
    session.commit()


def drop_dead(session: "Session", database: str, prefix: str, fence: int) -> None:
    """Drop the tables of a target that attempts before `fence`, or itself, left behind.

    One that is still held by its session stays, for the next load to drop.
    """
    import pymysql

    rows = session.run(
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s "
        "AND LEFT(TABLE_NAME, %s) = %s",
        database,
        len(prefix),
        prefix,
    )
    session.run(f"SET SESSION lock_wait_timeout = {_DEAD_SECONDS}")
    for (table,) in rows:
        attempt = str(table).rpartition("_")[2]
        if not attempt.isdecimal() or int(attempt) > fence:
            continue
        try:
            session.run(f"DROP TABLE IF EXISTS {TableName(table, database).quoted('`')}")
        except pymysql.err.MySQLError as error:
            if number_of(error) != LOCKED:
                raise
    session.run(f"SET SESSION lock_wait_timeout = {LOCK_SECONDS}")


class Swap:
    """What has to be done around the one statement that gives staged rows their name."""

    def __init__(self, session: "Session", table: TableName, markers: Markers, digest: str) -> None:
        """Name the place where a marker lies between the swap and the table of markers."""
        self._session = session
        self._table = table
        self._markers = markers
        database = table.schema or ""
        self._arrived = Markers(session, database, f"_millrace_swapped_{digest}")

    def settle(self) -> None:
        """Finish a swap that was done: its marker joins the others. Under the lock only."""
        if self._arrived.exists():
            with transaction(self._session):
                self._markers.take_over(self._arrived)
            self._arrived.drop()

    def do(self, staging: TableName, marker: Marker, place: str, *, exists: bool) -> None:
        """Let the staging table take the target's name, and the marker come true with it."""
        session, database = self._session, staging.schema or ""
        head, _, tail = staging.table.rpartition("_")
        companion = Markers(session, database, f"{head}_c_{tail}")
        old = TableName(f"{head}_o_{tail}", database)
        companion.drop()
        companion.create()
        companion.put(place, marker)
        at = self._table.quoted("`")
        moves = [f"{at} TO {old.quoted('`')}"] if exists else []
        moves.append(f"{staging.quoted('`')} TO {at}")
        moves.append(f"{companion.name.quoted('`')} TO {self._arrived.name.quoted('`')}")
        session.run(f"RENAME TABLE {', '.join(moves)}")
        self.settle()
        session.run(f"DROP TABLE IF EXISTS {old.quoted('`')}")


class Move:
    """Moves the rows of `staging` to a `table` that is there; inside of the caller's transaction."""

    def __init__(
        self,
        session: "Session",
        staging: TableName,
        table: TableName,
        schema: Mapping[str, "pl.DataType"],
        columns: Mapping[str, Kept],
    ) -> None:
        """Keep what to move; `columns` are those of the table."""
        self._session = session
        self._staging = staging.quoted("`")
        self._table = table.quoted("`")
        self._names = list(schema)
        self._columns = {name.lower(): kept for name, kept in columns.items()}

    def append(self) -> int:
        """Add the rows to the table; return how many."""
        return self._execute(self._insert() + f" FROM {self._staging} AS new")

    def refill(self) -> int:
        """Put the rows in the place of all others, so that all that hangs on the table stays."""
        self._execute(f"DELETE FROM {self._table}")
        return self.append()

    def merge(self, key: Sequence[str]) -> None:
        """Change the rows of known keys and add the others; each key is staged once."""
        same = " AND ".join(f"old.{quoted(one, '`')} = new.{quoted(one, '`')}" for one in key)
        folded = {name.lower() for name in key}
        changed = [name for name in self._names if name.lower() not in folded]
        if changed:
            sets = ", ".join(f"old.{quoted(name, '`')} = {self._moved(name)}" for name in changed)
            self._execute(
                f"UPDATE {self._table} AS old JOIN {self._staging} AS new ON {same} SET {sets}"
            )
        self._execute(
            f"{self._insert()} FROM {self._staging} AS new LEFT JOIN {self._table} AS old ON {same} "
            f"WHERE old.{quoted(key[0], '`')} IS NULL"
        )

    def _insert(self) -> str:
        names = ", ".join(quoted(name, "`") for name in self._names)
        values = ", ".join(self._moved(name) for name in self._names)
        return f"INSERT INTO {self._table} ({names}) SELECT {values}"

    def _moved(self, name: str) -> str:
        return moved(f"new.{quoted(name, '`')}", self._columns.get(name.lower()))

    def _execute(self, sql: str) -> int:
        with self._session.cursor() as cursor:
            return int(cursor.execute(sql))


def keep_last(session: "Session", staging: TableName, key: Sequence[str], order: str) -> None:
    """Keep the last row of each key; raises DataError where a key has no value."""
    at, row = staging.quoted("`"), quoted(order, "`")
    empty = " OR ".join(f"{quoted(name, '`')} IS NULL" for name in key)
    [(count,)] = session.run(f"SELECT COUNT(*) FROM {at} WHERE {empty}")
    if count:
        raise DataError(
            f"{count} rows have no value in the key {', '.join(key)}; a key must have one in every row"
        )
    names = ", ".join(quoted(name, "`") for name in key)
    latest = f"(SELECT MAX({row}) AS kept FROM {at} GROUP BY {names})"
    session.run(
        f"DELETE s FROM {at} AS s LEFT JOIN {latest} AS l ON s.{row} = l.kept WHERE l.kept IS NULL"
    )

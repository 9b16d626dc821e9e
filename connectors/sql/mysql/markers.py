"""The table of markers in MySQL's words: what was committed last at each target."""

import json
from typing import TYPE_CHECKING, Any

from connectors.base import Marker
from connectors.errors import LeaseLost
from connectors.sql.markers import MARKERS
from connectors.sql.names import TableName, quoted

if TYPE_CHECKING:
    from connectors.sql.mysql.driver import Session

_DEFINITION = (
    "(target VARCHAR(480) NOT NULL, stream VARCHAR(255) NOT NULL, run VARCHAR(255) NOT NULL, "
    "fence BIGINT NOT NULL, state LONGTEXT, `rows` BIGINT NOT NULL, "
    "committed_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), "
    "PRIMARY KEY (target, stream)) "
    "ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
)


class Markers:
    """The markers of one database; what a statement does is part of the session's transaction."""

    def __init__(self, session: "Session", database: str, table: str = MARKERS) -> None:
        """Keep where they are."""
        self._session = session
        self.name = TableName(table, database)
        self._table = self.name.quoted("`")
        # PyMySQL reads a statement with values for placeholders, names included.
        self._bound = self._table.replace("%", "%%")

    def create(self) -> None:
        """Create the table where it is missing."""
        self._session.run(f"CREATE TABLE IF NOT EXISTS {self._table} {_DEFINITION}")

    def exists(self) -> bool:
        """Whether the table is there."""
        return has_table(self._session, self.name)

    def get(self, target: str, stream: str) -> Marker | None:
        """Return the marker of the last commit of this stream at this target."""
        found = self._session.run(
            f"SELECT run, fence, state, `rows` FROM {self._bound} "
            "WHERE target = %s AND stream = %s FOR UPDATE",
            target,
            stream,
        )
        for run, fence, state, rows in found:
            return Marker(
                run, stream, int(fence), None if state is None else json.loads(state), int(rows)
            )
        return None

    def admit(self, target: str, marker: Marker) -> Marker | None:
        """Return the stored marker where this run has already committed, None where it may now.

        Raises LeaseLost where a later holder of the target has committed meanwhile.
        """
        stored = self.get(target, marker.stream)
        if stored is not None and stored.run == marker.run:
            return stored
        [(highest,)] = self._session.run(
            f"SELECT MAX(fence) FROM {self._bound} WHERE target = %s", target
        )
        if highest is not None and int(highest) > marker.fence:
            raise LeaseLost(f"{target} was taken over by a later run; nothing was committed")
        return None

    def put(self, target: str, marker: Marker) -> None:
        """Store the marker in place of the stream's last one."""
        state = None if marker.state is None else json.dumps(marker.state)
        values: tuple[Any, ...] = (
            *(target, marker.stream, marker.run, marker.fence, state, marker.rows),
        )
        self._session.run(
            f"REPLACE INTO {self._bound} (target, stream, run, fence, state, `rows`) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            *values,
        )

    def take_over(self, other: "Markers") -> None:
        """Store what the other table holds."""
        names = ", ".join(
            quoted(name, "`")
            for name in ("target", "stream", "run", "fence", "state", "rows", "committed_at")
        )
        self._session.run(
            f"REPLACE INTO {self._table} ({names}) SELECT {names} FROM {other.name.quoted('`')}"
        )

    def drop(self) -> None:
        """Drop the table."""
        self._session.run(f"DROP TABLE IF EXISTS {self._table}")


def has_table(session: "Session", name: TableName) -> bool:
    """Whether a table or view of this name exists."""
    return bool(
        session.run(
            "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s",
            name.schema,
            name.table,
        )
    )

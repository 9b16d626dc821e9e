"""The table of markers: what was committed last at each target, in the target's own database."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from connectors.base import Marker
from connectors.errors import LeaseLost
from connectors.sql.names import TableName

# Whatever Millrace keeps in a person's database begins with this and is hidden from discovery.
PREFIX = "_millrace"
MARKERS = f"{PREFIX}_commits"

Execute = Callable[[str, Sequence[Any]], Sequence[Sequence[Any]]]


def is_hidden(table: str) -> bool:
    """Whether a table is Millrace's own."""
    return table.lower().startswith(PREFIX)


class MarkerTable:
    """Reads and writes markers with `execute(sql, parameters) -> rows`, in its transaction.

    `placeholder` is how the database's driver writes a bound value. `create()` comes first where
    the table may be missing: the other calls expect it.
    """

    def __init__(
        self,
        execute: Execute,
        *,
        schema: str | None = None,
        placeholder: str = "?",
        text: str = "TEXT",
    ) -> None:
        """Keep how to reach the database; `text` is its type for text of any length."""
        self._execute = execute
        self._table = TableName(MARKERS, schema).quoted()
        self._at = placeholder
        self._text = text

    def create(self) -> None:
        """Create the table where it is missing."""
        self._execute(
            f"CREATE TABLE IF NOT EXISTS {self._table} ("
            f"target {self._text} NOT NULL, stream {self._text} NOT NULL, "
            f"run {self._text} NOT NULL, fence BIGINT NOT NULL, state {self._text}, "
            '"rows" BIGINT NOT NULL, committed_at TIMESTAMP WITH TIME ZONE NOT NULL, '
            "PRIMARY KEY (target, stream))",
            (),
        )

    def get(self, target: str, stream: str) -> Marker | None:
        """Return the marker of the last commit of this stream at this target."""
        found = self._execute(
            f'SELECT run, fence, state, "rows" FROM {self._table} '
            f"WHERE target = {self._at} AND stream = {self._at}",
            (target, stream),
        )
        for run, fence, state, rows in found:
            read = None if state is None else json.loads(state)
            return Marker(run, stream, int(fence), read, int(rows))
        return None

    def admit(self, target: str, marker: Marker) -> Marker | None:
        """Return the stored marker where this run has already committed, None where it may now.

        Raises LeaseLost where a later holder of the target has committed meanwhile.
        """
        stored = self.get(target, marker.stream)
        if stored is not None and stored.run == marker.run:
            return stored
        found = self._execute(
            f"SELECT max(fence) FROM {self._table} WHERE target = {self._at}", (target,)
        )
        highest = found[0][0]
        if highest is not None and int(highest) > marker.fence:
            raise LeaseLost(f"{target} was taken over by a later run; nothing was committed")
        return None

    def put(self, target: str, marker: Marker) -> None:
        """Store the marker in place of the stream's last one."""
        state = None if marker.state is None else json.dumps(marker.state)
        values = ", ".join([self._at] * 6)
        self._execute(
            f'INSERT INTO {self._table} (target, stream, run, fence, state, "rows", committed_at) '
            f"VALUES ({values}, CURRENT_TIMESTAMP) ON CONFLICT (target, stream) DO UPDATE SET "
            "run = excluded.run, fence = excluded.fence, state = excluded.state, "
            '"rows" = excluded."rows", committed_at = excluded.committed_at',
            (target, marker.stream, marker.run, marker.fence, state, marker.rows),
        )

"""The rows that have a value in one cursor column: which of them are new, and what to remember."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from connectors.errors import ConfigError, DataError
from connectors.sql.increments import rows as many
from connectors.sql.increments.reach import Cursor, Position
from connectors.sql.increments.rows import Gathered, Known
from connectors.sql.increments.values import encode, greater, highest_of, lowered

if TYPE_CHECKING:
    import polars as pl


class Track:
    """One cursor column on its way through a read."""

    def __init__(self, position: Position, cursor: Cursor, columns: Sequence[str]) -> None:
        """Begin where the position says; `columns` tell rows apart."""
        self._position = position
        self._cursor = cursor
        self._highest = position.last
        self._known = Known(position.before, columns)
        self._at_highest = Gathered(columns)
        self._in_window = None if position.window is None else _InWindow(position, columns)

    def take(self, rows: "pl.DataFrame") -> "pl.DataFrame":
        """Return the rows, all with a value here, that no earlier load has read."""
        import polars as pl

        name, since = self._position.column, self._position.since
        if since is not None:
            # Not every source can tell exactly where to begin.
            rows = rows.filter(pl.col(name) >= pl.lit(since).first())
        self._gather(rows)
        last, known = self._position.last, self._position.known
        if last is None:
            return rows
        is_old = rows.get_column(name).is_between(known, last)
        if not is_old.any():
            return rows
        old = rows.filter(is_old)
        new = self._known.drop(old)
        if self._known.is_counted_only and self._cursor.may_repeat:
            new = old
        return pl.concat([new, rows.filter(~is_old)])

    def finish(self) -> None:
        """Make sure that what the next read needs to know can be known."""
        if self._cursor.may_repeat:
            return
        name = self._position.column
        if not self._known.is_same:
            raise DataError(
                f"{self._known.rows:,} rows with {name} = {self._position.before['value']} were "
                f"read before; now there are {self._known.found:,} or others, and so many cannot "
                "be told apart. Choose a cursor column with finer values, load by upsert with a "
                "key, or reset the state"
            )
        if self._in_window is not None and not self._in_window.is_whole(self._highest):
            raise ConfigError(
                f"More than {many.DIGESTS:,} rows lie in the window of `look_back` below {name} = "
                f"{encode(self._highest) if self._highest is not None else ''}, and so many "
                "cannot be told from new ones. Choose a shorter window, or load by upsert with a "
                "key, where a row may come again",
                field="look_back",
            )

    def state(self) -> dict[str, Any]:
        """Return what the next read must know."""
        said: dict[str, Any] = {"column": self._position.column, "value": None}
        if self._highest is None:
            return said
        said["value"] = encode(self._highest)
        if self._in_window is not None and self._in_window.is_whole(self._highest):
            return said | self._in_window.summary(self._highest)
        return said | self._at_highest.summary()

    def _gather(self, rows: "pl.DataFrame") -> None:
        import polars as pl

        column = rows.get_column(self._position.column)
        highest = highest_of(column)
        if highest is None:
            return
        if self._highest is None or (highest > self._highest)[0]:
            self._highest = highest
            self._at_highest.clear()
        if (highest == self._highest)[0]:
            self._at_highest.add(rows.filter(column == pl.lit(highest).first()))
        if self._in_window is not None:
            self._in_window.add(rows, self._highest)


class _InWindow:
    """The rows of the window below the highest value, while they are few enough to be known."""

    def __init__(self, position: Position, columns: Sequence[str]) -> None:
        self._position = position
        self._columns = list(columns)
        self._frames: list[pl.DataFrame] = []
        # Up to this value rows were let go of, because there were too many at that moment.
        self._lost: pl.Series | None = None

    def add(self, rows: "pl.DataFrame", highest: "pl.Series") -> None:
        """Take in those of the rows that lie in the window below what is the highest value now."""
        low = self._low(highest)
        kept = rows.filter(self._is_from(low)).select(self._columns)
        self._frames.append(kept)
        if self._count() <= many.DIGESTS:
            return
        self._prune(low)
        if self._count() > many.DIGESTS:
            self._lost, self._frames = highest, []

    def is_whole(self, highest: "pl.Series | None") -> bool:
        """Whether all rows of the window are here."""
        if highest is None or self._lost is None:
            return True
        return bool((self._lost < self._low(highest))[0])

    def summary(self, highest: "pl.Series") -> dict[str, Any]:
        """Return from where on all rows are known, and their digests."""
        low = self._low(highest)
        self._prune(low)
        return {"from": encode(low), **many.told(self._frames)}

    def _low(self, highest: "pl.Series") -> "pl.Series":
        """Return where the window begins; rows from before this read began were not seen."""
        assert self._position.window is not None
        low, since = lowered(highest, self._position.window), self._position.since
        return low if since is None else greater(low, since)

    def _prune(self, low: "pl.Series") -> None:
        self._frames = [frame.filter(self._is_from(low)) for frame in self._frames]
        self._frames = [frame for frame in self._frames if frame.height]

    def _is_from(self, low: "pl.Series") -> "pl.Expr":
        import polars as pl

        return pl.col(self._position.column) >= pl.lit(low).first()

    def _count(self) -> int:
        return sum(frame.height for frame in self._frames)

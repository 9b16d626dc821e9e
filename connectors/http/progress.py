"""How far an endpoint was read: the greatest value of a field that only grows."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.base import State
from connectors.errors import DataError
from connectors.records import Record


class Progress:
    """Watches the records that pass; its state is true once all of them were read."""

    def __init__(self, field: str | None, types: Mapping[str, str], before: State | None) -> None:
        """Begin with the state of the last run; without a `field` there is no state."""
        self._field = field
        self._types = dict(types)
        self._before = before
        self._greatest: Any = before["cursor"] if before else None
        self.is_whole = False

    def see(self, records: Iterable[Record]) -> None:
        """Take note of the greatest value of the field; nulls say nothing."""
        if self._field is None:
            return
        values = [record.get(self._field) for record in records]
        known = [value for value in [self._greatest, *values] if value is not None]
        ranks = [(rank(value), value) for value in known]
        if len({kind for (kind, _), _ in ranks}) > 1:
            raise DataError(
                f"The values of `cursor_field` {self._field!r} cannot be put in one order: "
                "they are of different kinds"
            )
        if ranks:
            self._greatest = max(ranks, key=lambda pair: pair[0])[1]

    def state(self) -> State | None:
        """Return the greatest value seen, and the columns, which an empty answer does not tell."""
        if self._field is None:
            return None
        if not self.is_whole:
            return self._before
        greatest = self._greatest
        kept = str(greatest) if isinstance(greatest, Decimal) else greatest
        return {"cursor": kept, "types": self._types}


def rank(value: Any) -> tuple[str, Any]:
    """Return the kind of a value and what puts it in order: numbers, moments, or plain text."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return "number", value
    if not isinstance(value, str):
        raise DataError(f"`cursor_field` holds {value!r}, which has no order")
    if value.isascii() and value.isdigit():
        return "number", int(value)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return "text", value
    # Lexical order would be wrong across zones and fractions of seconds.
    return "moment", moment if moment.tzinfo else moment.replace(tzinfo=UTC)

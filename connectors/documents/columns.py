"""Columns made of documents, with a place for whatever does not fit one."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from bson import Decimal128, Int64, ObjectId

from connectors.documents.types import DECIMAL, EXACT, Document, is_uuid, polars_type, uuid_text
from connectors.errors import DataError

if TYPE_CHECKING:
    import polars as pl

# The column of fields that have no column, and of values that do not fit theirs.
EXTRA = "_extra"
KEY = "_id"
# Which Python types a column takes without a second look.
_FITTING: Mapping[str, frozenset[type]] = {
    "objectid": frozenset({ObjectId}),
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "int64": frozenset({int, Int64}),
    "float64": frozenset({float}),
    "timestamp": frozenset({datetime}),
    "binary": frozenset({bytes}),
}
_NOTHING = type(None)
_MISFIT = object()
_WIDE = Context(prec=100)


class Builder:
    """Makes frames of one shape out of batches of documents."""

    def __init__(
        self, types: Mapping[str, str], *, extra: str, legacy: str, refuses: bool = False
    ) -> None:
        """Take the columns' types; `extra` names the column of what fits none.

        `refuses` makes a misfit an error instead.
        """
        self.types = types
        self.extra = extra
        # Values that found no place in their column, by its name.
        self.misfits: Counter[str] = Counter()
        self._legacy = legacy
        self._refuses = refuses

    @property
    def schema(self) -> "dict[str, pl.DataType]":
        """Return the types of all columns."""
        return {
            name: polars_type(kind) for name, kind in {**self.types, self.extra: "json"}.items()
        }

    def frame(
        self, documents: Sequence[Document], columns: Sequence[str], spell: Callable[[Any], str]
    ) -> "pl.DataFrame":
        """Return these columns of the documents; DataError where a value would be lost."""
        import polars as pl

        keeps = self.extra in columns
        extras: dict[int, dict[str, Any]] = self._unknown(documents) if keeps else {}
        made = {}
        for name in columns:
            if name == self.extra:
                continue
            values = [document.get(name) for document in documents]
            made[name], places = self._column(name, values, spell)
            if places:
                self._place(name, places, documents, extras, keeps=keeps)
        if keeps:
            texts: list[str | None] = [None] * len(documents)
            for row, fields in extras.items():
                texts[row] = spell(fields)
            made[self.extra] = pl.Series(self.extra, texts, dtype=pl.String())
        return pl.DataFrame([made[name] for name in columns])

    def _unknown(self, documents: Sequence[Document]) -> dict[int, dict[str, Any]]:
        """Return by row the fields that have no column."""
        known = self.types.keys()
        return {
            row: {name: document[name] for name in document if name not in known}
            for row, document in enumerate(documents)
            if not document.keys() <= known
        }

    def _place(
        self,
        name: str,
        rows: Sequence[int],
        documents: Sequence[Document],
        extras: dict[int, dict[str, Any]],
        *,
        keeps: bool,
    ) -> None:
        """Keep values that do not fit their column beside it, or say that they cannot be kept."""
        # A row without its key would be nobody's.
        if self._refuses or not keeps or name == KEY:
            value = documents[rows[0]][name]
            shown = str(documents[rows[0]].get("_id", "left out"))[:60]
            also = f"read {self.extra!r} too, which keeps such values, or "
            raise DataError(
                f"Field {name!r} is read as {self.types[name]}, and the document with _id {shown} "
                f"holds {type(value).__name__} {str(value)[:60]!r} there; "
                f"{'' if self._refuses or keeps else also}set `types` to "
                f'{{"{name}": "json"}}, which holds everything',
                field="types",
            )
        for row in rows:
            extras.setdefault(row, {})[name] = documents[row][name]
        self.misfits[name] += len(rows)

    def _column(
        self, name: str, values: list[Any], spell: Callable[[Any], str]
    ) -> "tuple[pl.Series, list[int]]":
        """Return a column and the rows whose values do not fit it."""
        kind = self.types[name]
        if kind == "json":
            return _series(name, [None if one is None else spell(one) for one in values], kind), []
        misfits: list[int] = []
        if not {*map(type, values)} - {_NOTHING} <= _FITTING.get(kind, frozenset()):
            values = [None if one is None else self._fitted(one, kind) for one in values]
            misfits = [row for row, one in enumerate(values) if one is _MISFIT]
            for row in misfits:
                values[row] = None
        if kind == "objectid":
            values = [None if one is None else one.binary.hex() for one in values]
        return _series(name, values, kind), misfits

    def _fitted(self, value: Any, kind: str) -> Any:
        """Return one value as its column holds it, or that it does not."""
        if type(value) in _FITTING.get(kind, ()):
            return value
        if kind == "uuid":
            return uuid_text(value, self._legacy) if is_uuid(value) else _MISFIT
        if found := DECIMAL.fullmatch(kind):
            return _decimal(value, int(found[1]), int(found[2]))
        if kind == "float64" and type(value) in (int, Int64) and abs(value) <= EXACT:
            return float(value)
        is_whole = type(value) is float and value.is_integer() and abs(value) <= EXACT
        return int(value) if kind == "int64" and is_whole else _MISFIT


def _decimal(value: Any, precision: int, scale: int) -> Any:
    """Return a number with exactly this scale, where it is the same number then."""
    if type(value) not in (Decimal128, int, Int64):
        return _MISFIT
    number = value.to_decimal() if type(value) is Decimal128 else Decimal(value)
    if not number.is_finite() or number.adjusted() >= precision - scale:
        return _MISFIT
    rounded = number.quantize(Decimal(1).scaleb(-scale), context=_WIDE)
    return rounded if rounded == number else _MISFIT


def _series(name: str, values: list[Any], kind: str) -> "pl.Series":
    import polars as pl

    dtype = polars_type(kind)
    if kind == "timestamp":
        return pl.Series(name, values, pl.Datetime("ms")).dt.replace_time_zone("UTC")
    return pl.Series(name, values, dtype, strict=True)

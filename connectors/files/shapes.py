"""The type of each column of JSON rows, from a sample, so that no value of the sample changes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.files.elements import Number
from connectors.files.inference import EXACT_INTEGER, FLOAT_DIGITS

if TYPE_CHECKING:
    import polars as pl

INT64 = (-(2**63), 2**63 - 1)


@dataclass
class Shape:
    """What was seen in one place of the rows."""

    kinds: set[str] = field(default_factory=set)
    fields: "dict[str, Shape]" = field(default_factory=dict)
    element: "Shape | None" = None
    smallest: int = 0
    largest: int = 0
    is_float_exact: bool = True

    def see(self, value: Any) -> None:
        """Widen the shape by one value."""
        if value is None:
            return
        if isinstance(value, Number):
            self._see_number(value)
        elif isinstance(value, dict):
            self.kinds.add("object")
            for name, inner in value.items():
                self.fields.setdefault(name, Shape()).see(inner)
        elif isinstance(value, list):
            self.kinds.add("list")
            self.element = self.element or Shape()
            for inner in value:
                self.element.see(inner)
        else:
            self.kinds.add({bool: "truth", float: "float"}.get(type(value), "text"))

    def _see_number(self, text: Number) -> None:
        if text.lstrip("-").isdigit() and text != "-0":
            self.kinds.add("integer")
            self.smallest = min(self.smallest, int(text))
            self.largest = max(self.largest, int(text))
            return
        self.kinds.add("float")
        is_fixed = "e" not in text.lower()
        digits = text.lstrip("-").replace(".", "").strip("0")
        if (is_fixed and len(digits) > FLOAT_DIGITS) or abs(float(text)) == float("inf"):
            self.is_float_exact = False


def columns_of(rows: Iterable[dict[str, Any]]) -> dict[str, Shape]:
    """Return the shape of each column, in the order in which they appear."""
    whole = Shape()
    for row in rows:
        whole.see(row)
    return whole.fields


def type_of(shape: Shape) -> "pl.DataType | None":
    """Return the type that holds all that was seen; None for what only its JSON text can hold."""
    import polars as pl

    kinds = shape.kinds
    if not kinds or kinds == {"text"}:
        return pl.String()
    if kinds == {"truth"}:
        return pl.Boolean()
    if kinds <= {"integer", "float"}:
        return _number(shape)
    if kinds == {"list"} and shape.element is not None:
        inner = type_of(shape.element)
        return None if inner is None else pl.List(inner)
    if kinds == {"object"} and shape.fields:
        fields = {name: type_of(inner) for name, inner in shape.fields.items()}
        if all(dtype is not None for dtype in fields.values()):
            return pl.Struct({name: dtype for name, dtype in fields.items() if dtype is not None})
    return None


def _number(shape: Shape) -> "pl.DataType | None":
    import polars as pl

    widest = max(-shape.smallest, shape.largest)
    if "float" in shape.kinds:
        is_exact = shape.is_float_exact and widest < EXACT_INTEGER
        return pl.Float64() if is_exact else None
    if INT64[0] <= shape.smallest and shape.largest <= INT64[1]:
        return pl.Int64()
    return pl.Decimal(38, 0) if widest < 10**38 else None

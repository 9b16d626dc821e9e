"""Types of columns as text, exactly, and back: what a checkpoint keeps of a schema.

The text is the one that Polars prints, an expression such as `List(Decimal(precision=10, scale=2))`.
"""

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

# Every name that may stand in such a text.
NAMES = frozenset(
    {
        *("Int8", "Int16", "Int32", "Int64", "Int128"),
        *("UInt8", "UInt16", "UInt32", "UInt64", "UInt128"),
        *("Float16", "Float32", "Float64", "Decimal", "Boolean"),
        *("String", "Categorical", "Enum", "Binary"),
        *("Date", "Time", "Datetime", "Duration"),
        *("List", "Array", "Struct", "Map", "Null", "Object"),
    }
)


def written(dtype: "pl.DataType") -> str:
    """Return a type as text that `parsed` reads back."""
    return str(dtype)


def parsed(text: str) -> "pl.DataType":
    """Return the type that a text says; raises ValueError for what is none."""
    try:
        return _built(ast.parse(text, mode="eval").body)
    except (SyntaxError, TypeError, RecursionError, MemoryError) as error:
        raise ValueError(f"{text!r} is no type of a column") from error


def _built(node: ast.expr) -> "pl.DataType":
    import polars as pl

    named = node.func if isinstance(node, ast.Call) else node
    if not isinstance(named, ast.Name) or named.id not in NAMES:
        raise ValueError(f"{ast.unparse(node)!r} is no type of a column")
    kind: Callable[..., pl.DataType] = getattr(pl, named.id)
    if not isinstance(node, ast.Call):
        return kind()
    given = [_value(one) for one in node.args]
    said = {str(one.arg): ast.literal_eval(one.value) for one in node.keywords}
    return kind(*given, **said)


def _value(node: ast.expr) -> Any:
    """Return what stands in brackets: a type, or the types of a struct's fields by their names."""
    if not isinstance(node, ast.Dict):
        return _built(node)
    fields = zip(node.keys, node.values, strict=True)
    return {ast.literal_eval(name): _built(value) for name, value in fields if name is not None}

"""Conversions row by row that say which value does not fit, on Polars."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from connectors.errors import DataError

if TYPE_CHECKING:
    import polars as pl


# What Polars appends when it makes an error anew that came out of its query.
_APPENDED = "\n\nThis error occurred"


class Misfit(DataError):
    """A value that does not fit; the message says which, and nothing of how it was found."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        """Keep the message without what Polars adds."""
        super().__init__(message.partition(_APPENDED)[0], field=field)


def checked(
    name: str, made: "pl.Expr", dtype: "pl.DataType", wanted: str, *, is_strict: bool
) -> "pl.Expr":
    """Return a column as `made` says, which is null where a value does not fit.

    With `is_strict` the first such value ends the run with a Misfit that names it.
    """
    import polars as pl

    converted = made.cast(dtype)
    if not is_strict:
        return converted.alias(name)
    both = pl.struct(pl.col(name).alias("given"), converted.alias("made"))
    return both.map_batches(_judge(name, wanted), return_dtype=dtype, is_elementwise=True).alias(
        name
    )


def _judge(name: str, wanted: str) -> Callable[["pl.Series"], "pl.Series"]:
    def judge(batch: "pl.Series") -> "pl.Series":
        given, made = batch.struct.field("given"), batch.struct.field("made")
        if given.null_count() == made.null_count():
            return made
        value: Any = given.filter(given.is_not_null() & made.is_null())[0]
        raise Misfit(f"Column {name!r}: {_shown(value)} is no {wanted}")

    return judge


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 100 else f"{text[:100]}…"

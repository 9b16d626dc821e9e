"""Batches as text: the values that MySQL reads as just these, in the rows of an INSERT.

Only expressions are used, and run at once: a query of its own would wait for threads that wait for
this batch.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


def texts(batch: "pl.DataFrame") -> "pl.DataFrame":
    """Return a batch as texts and numbers that MySQL reads as just these values."""
    changes = [
        expression
        for name, dtype in batch.schema.items()
        if (expression := _text(name, dtype)) is not None
    ]
    return batch.with_columns(changes) if changes else batch


def _text(name: str, dtype: "pl.DataType") -> "pl.Expr | None":
    """Return how a column is written, None where it is as it is."""
    import polars as pl

    at = pl.col(name)
    if dtype.is_temporal():
        return _moment(at, dtype).alias(name)
    if dtype == pl.Boolean():
        return at.cast(pl.UInt8)
    if dtype == pl.Binary():
        return at.bin.encode("hex")
    if dtype.is_nested():
        # Only a struct can be encoded, so the text is cut out of one.
        text = pl.struct(at.alias("v")).struct.json_encode().str.slice(len('{"v":')).str.head(-1)
        return pl.when(at.is_not_null()).then(text).alias(name)
    return None if dtype.is_numeric() else at.cast(pl.String)


def _moment(at: "pl.Expr", dtype: "pl.DataType") -> "pl.Expr":
    """Return a date or time as text, instants in UTC."""
    import polars as pl

    if isinstance(dtype, pl.Duration):
        return _clock(at)
    if isinstance(dtype, pl.Date):
        return at.dt.strftime("%Y-%m-%d")
    if isinstance(dtype, pl.Time):
        return at.dt.strftime("%H:%M:%S%.6f")
    if getattr(dtype, "time_zone", None) is not None:
        at = at.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return at.cast(pl.Datetime("us")).dt.strftime("%Y-%m-%d %H:%M:%S%.6f")


def _clock(at: "pl.Expr") -> "pl.Expr":
    """Return a duration as [-]HHH:MM:SS.ffffff."""
    import polars as pl

    micros = at.dt.total_microseconds()
    size = micros.abs()
    second = size // 1_000_000
    parts = [
        pl.when(micros < 0).then(pl.lit("-")).otherwise(pl.lit("")),
        (second // 3600).cast(pl.String).str.zfill(2),
        (second // 60 % 60).cast(pl.String).str.zfill(2),
        (second % 60).cast(pl.String).str.zfill(2),
        (size % 1_000_000).cast(pl.String).str.zfill(6),
    ]
    return pl.format("{}{}:{}:{}.{}", *parts)


def tuples(ready: "pl.DataFrame", binary: frozenset[str]) -> memoryview:
    """Return rows as the tuples of an INSERT, a comma behind each; `binary` columns are hex."""
    import polars as pl

    values = [
        _literal(name, dtype, is_binary=name in binary) for name, dtype in ready.schema.items()
    ]
    row = pl.lit("(") + pl.concat_str(values, separator=",") + pl.lit("),")
    array = (
        ready.select(row.alias("row")).to_series().to_arrow(compat_level=pl.CompatLevel.oldest())
    )
    # The texts of a large_string lie one behind the other in its last buffer.
    return memoryview(array.buffers()[2])


def _literal(name: str, dtype: "pl.DataType", *, is_binary: bool) -> "pl.Expr":
    """Return a column as literals; a quote inside of a text is doubled."""
    import polars as pl

    at = pl.col(name)
    if dtype != pl.String():
        return at.cast(pl.String).fill_null("NULL")
    text = pl.lit("'") + at.str.replace_all("'", "''", literal=True) + pl.lit("'")
    return (pl.lit("x") + text if is_binary else text).fill_null("NULL")

"""How Polars types are held by PostgreSQL, and what a batch must not hold to arrive unharmed."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from connectors.errors import DataError
from connectors.sql.postgres.types import verify

if TYPE_CHECKING:
    import polars as pl


# Digits behind the point for which DuckDB's largest number has room when it encodes a decimal.
_FOURS = 36


def held(name: str, dtype: "pl.DataType") -> str:
    """Return the SQL type that holds every value of a Polars type.

    Raises DataError where there is none, with the column's name and a way out.
    """
    import polars as pl

    if isinstance(dtype, pl.Decimal):
        return f"numeric({dtype.precision},{dtype.scale})"
    if isinstance(dtype, pl.Datetime):
        return "timestamp" if dtype.time_zone is None else "timestamptz"
    if isinstance(dtype, (pl.List, pl.Array)) and not is_json(dtype):
        return f"{held(name, inner(dtype))}[]"
    if is_json(dtype):
        require_json(name, dtype)
        return "jsonb"
    found = _plain().get(dtype.base_type())
    if found is None:
        raise DataError(
            f"PostgreSQL has no type for column {name!r} of type {dtype}; cast it in a step before"
        )
    return found


def _plain() -> Mapping[type["pl.DataType"], str]:
    import polars as pl

    return {
        pl.Boolean: "boolean",
        pl.Int8: "smallint",
        pl.UInt8: "smallint",
        pl.Int16: "smallint",
        pl.UInt16: "integer",
        pl.Int32: "integer",
        pl.UInt32: "bigint",
        pl.Int64: "bigint",
        pl.UInt64: "numeric(20,0)",
        pl.Int128: "numeric(39,0)",
        pl.UInt128: "numeric(39,0)",
        pl.Float32: "real",
        pl.Float64: "double precision",
        pl.String: "text",
        pl.Categorical: "text",
        pl.Enum: "text",
        pl.Null: "text",
        pl.Binary: "bytea",
        pl.Date: "date",
        pl.Time: "time",
        pl.Duration: "interval",
    }


def carried(dtype: "pl.DataType", sql_type: str) -> str:
    """Return the type in which the rows travel, where DuckDB cannot make the real one."""
    import polars as pl

    if sql_type == "text[]" or (sql_type.startswith("numeric") and sql_type.endswith("[]")):
        return "varchar[]"
    is_text = dtype in (pl.Int128(), pl.UInt128()) or is_json(dtype) or _is_overlong(dtype)
    return "text" if is_text else sql_type


def _is_overlong(dtype: "pl.DataType") -> bool:
    """Whether no number of DuckDB has room for the digits that it adds while it encodes."""
    import polars as pl

    return isinstance(dtype, pl.Decimal) and dtype.scale > _FOURS


def _decimal(precision: int, scale: int) -> str:
    """Return the decimal that DuckDB encodes rightly.

    It brings the digits behind the point to a multiple of four in the integer that holds the value;
    where that has no room, it writes another value without a word.
    """
    if scale > _FOURS:
        return "VARCHAR"
    if scale > 16 and precision <= 18:
        precision = 38
    return f"DECIMAL({max(precision, 18) if scale == 9 else precision},{scale})"


def encoded_as(dtype: "pl.DataType") -> str:
    """Return the DuckDB type whose binary form is that of the PostgreSQL type of a column."""
    import polars as pl

    if isinstance(dtype, pl.Decimal):
        return _decimal(dtype.precision, dtype.scale)
    if isinstance(dtype, pl.Datetime):
        return "TIMESTAMP" if dtype.time_zone is None else "TIMESTAMPTZ"
    if isinstance(dtype, (pl.List, pl.Array)) and not is_json(dtype):
        element = encoded_as(inner(dtype))
        return "VARCHAR[]" if element.startswith("DECIMAL") else f"{element}[]"
    names = {
        pl.Boolean: "BOOLEAN",
        pl.Float32: "FLOAT",
        pl.Float64: "DOUBLE",
        pl.UInt64: "DECIMAL(20,0)",
        pl.Binary: "BLOB",
        pl.Date: "DATE",
        pl.Time: "TIME",
        pl.Duration: "INTERVAL",
    }
    for small in (pl.Int8, pl.UInt8, pl.Int16):
        names[small] = "SMALLINT"
    for middle in (pl.UInt16, pl.Int32):
        names[middle] = "INTEGER"
    for big in (pl.UInt32, pl.Int64):
        names[big] = "BIGINT"
    return names.get(dtype.base_type(), "VARCHAR")


def inner(dtype: "pl.DataType") -> "pl.DataType":
    """Return the type of the elements of a list or array."""
    return dtype.inner  # type: ignore[attr-defined, no-any-return]


def is_json(dtype: "pl.DataType") -> bool:
    """Whether values are held as JSON: structs, and lists of lists or structs."""
    import polars as pl

    if isinstance(dtype, (pl.List, pl.Array)):
        return isinstance(inner(dtype), (pl.List, pl.Array, pl.Struct))
    return isinstance(dtype, pl.Struct)


def require_json(name: str, dtype: "pl.DataType") -> None:
    """Raise DataError where JSON would change a value inside of a nested type."""
    import polars as pl

    exact = {pl.Boolean, pl.String, pl.Null, pl.Float64, pl.Int8, pl.Int16, pl.Int32, pl.Int64}
    exact |= {pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64}
    wrong = [leaf for leaf in _leaf_types(dtype) if leaf.base_type() not in exact]
    if wrong:
        raise DataError(
            f"Column {name!r} nests {wrong[0]}, which JSON cannot hold exactly; unnest it or cast "
            "it to text in a step before the load"
        )


def _leaf_types(dtype: "pl.DataType") -> Iterator["pl.DataType"]:
    import polars as pl

    if isinstance(dtype, (pl.List, pl.Array)):
        yield from _leaf_types(inner(dtype))
    elif isinstance(dtype, pl.Struct):
        for field in dtype.fields:
            yield from _leaf_types(field.dtype)  # type: ignore[arg-type]
    else:
        yield dtype


def _leaves(series: "pl.Series") -> Iterator["pl.Series"]:
    """Yield the values at the ends of a nested column."""
    import polars as pl

    if isinstance(series.dtype, (pl.List, pl.Array)):
        yield from _leaves(series.explode())
    elif isinstance(series.dtype, pl.Struct):
        for field in series.struct.unnest().iter_columns():
            yield from _leaves(field.alias(series.name))
    else:
        yield series


def sent(batch: "pl.DataFrame") -> "pl.DataFrame":
    """Return a batch as it travels; raises DataError where a value would not arrive as it is."""
    import polars as pl

    verify(batch)
    for series in batch.iter_columns():
        for leaf in _leaves(series) if series.dtype.is_nested() else (series,):
            _require_exact(leaf, is_in_json=is_json(series.dtype))
    changes: list[pl.Expr | pl.Series] = []
    for series in batch.iter_columns():
        dtype = series.dtype
        if dtype in (pl.Int128, pl.UInt128, pl.Null, pl.Categorical, pl.Enum):
            changes.append(series.cast(pl.String))
        elif is_json(dtype):
            changes.append(_encoded(series.name))
    return batch.with_columns(changes) if changes else batch


def _encoded(name: str) -> "pl.Expr":
    """Return the column as JSON texts; only a struct can be encoded, so the text is cut out of one."""
    import polars as pl

    text = pl.struct(pl.col(name).alias("v")).struct.json_encode()
    inside = text.str.slice(len('{"v":')).str.head(-1)
    return pl.when(pl.col(name).is_not_null()).then(inside).alias(name)


def _require_exact(series: "pl.Series", *, is_in_json: bool) -> None:
    import polars as pl

    dtype = series.dtype
    is_fine_clock = isinstance(dtype, pl.Time) or getattr(dtype, "time_unit", None) == "ns"
    if is_fine_clock and (series.to_physical() % 1000 != 0).any():
        raise DataError(
            f"Column {series.name!r} holds nanoseconds and PostgreSQL keeps microseconds; "
            "round it in a step before the load"
        )
    if is_in_json and dtype == pl.String:
        require_no_nul(series.to_frame())
    if is_in_json and dtype == pl.Float64 and not series.drop_nulls().is_finite().all():
        raise DataError(
            f"Column {series.name!r} nests NaN or infinity, which JSON cannot hold; replace them "
            "in a step before the load"
        )


def require_no_nul(batch: "pl.DataFrame") -> None:
    """Raise DataError with the column that holds a NUL character, which no text here may hold."""
    import polars as pl

    for series in batch.iter_columns():
        for leaf in _leaves(series):
            is_text = leaf.dtype == pl.String
            if is_text and leaf.str.contains("\0", literal=True).any():
                raise DataError(
                    f"Column {series.name!r} holds a NUL character (\\0), which PostgreSQL cannot "
                    "keep in text; replace it in a step before the load, or cast to binary"
                )

"""How Polars types are held by PostgreSQL, and what a batch must not hold to arrive unharmed."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from connectors.errors import ConfigError, DataError
from connectors.sql.columns import check_columns
from connectors.sql.postgres_catalog import Kept
from connectors.sql.postgres_types import MONEY, NUMERIC, ROUNDED, Column, declared, verify

if TYPE_CHECKING:
    import polars as pl

_INTERVAL = 1186
_MICROSECONDS = 6
# text, varchar, char(n) and arrays of the first two
_TEXTS = {25, 1043, 1042, 1009, 1015}
_JSON = ("json", "jsonb")


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
    return "text" if dtype in (pl.Int128(), pl.UInt128()) or is_json(dtype) else sql_type


def encoded_as(dtype: "pl.DataType") -> str:
    """Return the DuckDB type whose binary form is that of the PostgreSQL type of a column."""
    import polars as pl

    if isinstance(dtype, pl.Decimal):
        return f"DECIMAL({dtype.precision},{dtype.scale})"
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
        raise DataError(f"Column {series.name!r} nests NaN or infinity, which JSON cannot hold")


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


def check_target(
    schema: Mapping[str, "pl.DataType"], columns: Mapping[str, Kept], table: str
) -> None:
    """Refuse rows that the columns of an existing table cannot hold exactly."""
    known = [name for name in schema if name in columns]
    for name in known:
        if not columns[name].is_writable:
            raise ConfigError(f"{table} computes column {name!r} itself; drop it from the rows")
        if _rounds(columns[name].column, schema[name]):
            raise ConfigError(
                f"Column {name!r} of {table} is declared with fewer digits than the rows may "
                "bring and would round them in silence; widen its type, or replace the table"
            )
    check_columns(
        {name: _normal(dtype) for name, dtype in schema.items()},
        {name: _accepts(kept, schema.get(name)) for name, kept in columns.items()},
        required=[name for name, kept in columns.items() if kept.is_required],
        table=table,
    )


def _normal(dtype: "pl.DataType") -> "pl.DataType":
    """Return a type as PostgreSQL would give it back, as far as its fit is concerned."""
    import polars as pl

    if isinstance(dtype, pl.Datetime) and dtype.time_unit == "ns":
        # Every batch is looked at: nanoseconds end the load.
        return pl.Datetime("us", dtype.time_zone)
    if isinstance(dtype, pl.Array):
        return pl.List(_normal(inner(dtype)))
    return pl.List(_normal(inner(dtype))) if isinstance(dtype, pl.List) else dtype


def _accepts(kept: Kept, given: "pl.DataType | None") -> "pl.DataType":
    """Return the type that a column holds; the given one where PostgreSQL holds that as well."""
    import polars as pl

    column, dtype = kept.column, kept.column.dtype
    if given is None:
        return dtype
    given = _normal(given)
    if column.oid == NUMERIC and (size := _digits(given)):
        precision, scale = declared(column.typmod) if column.typmod >= 0 else (1000, 500)
        return given if size[0] <= precision - scale else dtype
    if column.oid == _INTERVAL and isinstance(given, pl.Duration):
        return given
    if column.oid == MONEY:
        return pl.Decimal(19, 2)
    if kept.type_name in _JSON and is_json(given):
        return given
    return dtype


def _digits(dtype: "pl.DataType") -> tuple[int, int] | None:
    """Return how many digits stand before and after the point, None where it is no exact number."""
    import polars as pl

    if isinstance(dtype, pl.Decimal):
        return dtype.precision - dtype.scale, dtype.scale
    if not dtype.is_integer():
        return None
    bits = int(str(dtype).removeprefix("U").removeprefix("Int")) - dtype.is_signed_integer()
    return len(str(2**bits)), 0


def _rounds(column: Column, given: "pl.DataType") -> bool:
    """Whether a column keeps fewer digits than the rows bring, and would not say a word."""
    import polars as pl

    if column.typmod < 0:
        return False
    if column.oid == NUMERIC:
        size = _digits(given)
        return given == pl.String() if size is None else size[1] > declared(column.typmod)[1]
    return column.oid in ROUNDED and column.typmod != _MICROSECONDS


def moved(name: str, kept: Kept | None, dtype: "pl.DataType") -> str:
    """Return the expression that moves a staged column (quoted name) into its target column."""
    import polars as pl

    if kept is None:
        return name
    if is_json(dtype):
        return f"{name}::{kept.type_name}"
    if carried(dtype, "") == "text":
        return f"{name}::numeric"
    if isinstance(dtype, (pl.List, pl.Array)) and held("", dtype).startswith("numeric"):
        return f"{name}::{kept.type_name}"
    texts = (pl.String, pl.Categorical, pl.Enum, pl.List(pl.String), pl.Array)
    is_text = dtype in texts and kept.column.dtype in (pl.String(), pl.List(pl.String()))
    # What is read as text is written as text: uuid, json, inet, enums, intervals …
    if dtype == pl.Null or (is_text and kept.column.oid not in _TEXTS):
        return f"{name}::{kept.type_name}"
    return name

"""DuckDB's types and Polars' types: what a column becomes on its way in and out.

What Polars has no type for arrives as DuckDB's own text: INTERVAL, TIMETZ, BIT, BIGNUM, UNION,
VARIANT and GEOMETRY anywhere, HUGEINT and ENUM inside of lists, structs and maps. TIMESTAMP_S
arrives in milliseconds, TIMESTAMPTZ as an instant in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from connectors.errors import ConfigError, DataError
from connectors.sql.names import quoted

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa
    from duckdb.sqltypes import DuckDBPyType

# DuckDB's names of leaf types and the Polars types that hold the same values.
_LEAVES = {
    "BOOLEAN": "Boolean",
    "TINYINT": "Int8",
    "SMALLINT": "Int16",
    "INTEGER": "Int32",
    "BIGINT": "Int64",
    "UTINYINT": "UInt8",
    "USMALLINT": "UInt16",
    "UINTEGER": "UInt32",
    "UBIGINT": "UInt64",
    "FLOAT": "Float32",
    "DOUBLE": "Float64",
    "VARCHAR": "String",
    "JSON": "String",
    "UUID": "String",
    "BLOB": "Binary",
    "DATE": "Date",
    "TIME": "Time",
    "TIME_NS": "Time",
    '"NULL"': "Int32",
}
_WIDE = {"HUGEINT": "Int128", "UHUGEINT": "UInt128"}
_MOMENTS: dict[str, tuple[Literal["ms", "us", "ns"], str | None]] = {
    "TIMESTAMP": ("us", None),
    "TIMESTAMP_S": ("ms", None),
    "TIMESTAMP_MS": ("ms", None),
    "TIMESTAMP_NS": ("ns", None),
    "TIMESTAMP WITH TIME ZONE": ("us", "UTC"),
}
_CREATED = (
    {polars: duck for duck, polars in _LEAVES.items() if duck not in ("JSON", "UUID")}
    | {
        "Int32": "INTEGER",
        "Time": "TIME",
        "Float16": "FLOAT",
        "Categorical": "VARCHAR",
        "Null": "VARCHAR",
    }
    | {polars: duck for duck, polars in _WIDE.items()}
)


@dataclass(frozen=True)
class Column:
    """How one column of the type `kind` is read: as which expression, as which type of Polars."""

    name: str
    expression: str
    dtype: "pl.DataType"
    kind: str


def reading(name: str, kind: "DuckDBPyType") -> Column:
    """Return how a column of a DuckDB type is read without a change of its values."""
    import polars as pl

    if str(kind) in _WIDE:
        dtype: pl.DataType = getattr(pl, _WIDE[str(kind)])()
        return Column(name, f"CAST({quoted(name)} AS VARCHAR)", dtype, str(kind))
    if kind.id == "enum":
        values: Any = kind.children[0][1]
        return Column(name, quoted(name), pl.Enum(values), str(kind))
    sql, dtype = _readable(kind)
    expression = quoted(name) if sql == str(kind) else f"CAST({quoted(name)} AS {sql})"
    return Column(name, expression, dtype, str(kind))


def _readable(kind: "DuckDBPyType") -> tuple[str, "pl.DataType"]:
    """Return the type, in SQL and in Polars, that a type is read as."""
    import polars as pl

    text = str(kind)
    if text in _LEAVES:
        return text, getattr(pl, _LEAVES[text])()
    if text in _MOMENTS:
        unit, zone = _MOMENTS[text]
        return text, pl.Datetime(unit, zone)
    if kind.id == "decimal":
        sizes: Any = [size for _, size in kind.children]
        return text, pl.Decimal(*sizes)
    if kind.id in ("list", "array", "struct", "map"):
        return _nested(kind.id, kind.children)
    return "VARCHAR", pl.String()


def _nested(form: str, children: list[tuple[str, Any]]) -> tuple[str, "pl.DataType"]:
    import polars as pl

    if form == "array":
        (_, child), (_, size) = children
        sql, dtype = _readable(child)
        return f"{sql}[{size}]", pl.Array(dtype, size)
    read = [(name, *_readable(child)) for name, child in children]
    if form == "list":
        return f"{read[0][1]}[]", pl.List(read[0][2])
    if form == "map":
        return f"MAP({read[0][1]}, {read[1][1]})", pl.Map(read[0][2], read[1][2])
    fields = ", ".join(f"{quoted(name)} {sql}" for name, sql, _ in read)
    return f"STRUCT({fields})", pl.Struct({name: dtype for name, _, dtype in read})


def received(batch: "pa.RecordBatch", columns: list[Column]) -> "pl.DataFrame":
    """Return the batch as Polars' types; raises DataError for values that Polars cannot hold."""
    import polars as pl

    frame = pl.from_arrow(batch)
    assert isinstance(frame, pl.DataFrame)
    for index, column in enumerate(columns):
        series = frame.to_series(index)
        if column.dtype.is_temporal():
            # Polars makes a null of 24:00:00 and a far date of infinity.
            is_lost = series.null_count() != batch.column(index).null_count
            if is_lost or _has_infinity(series):
                raise DataError(
                    f"Column {column.name!r} holds infinity or 24:00:00, which is no date or time; "
                    "replace it in a query, with CASE or nullif"
                )
        if series.dtype != column.dtype:
            frame = frame.with_columns(series.cast(column.dtype))
    return frame


def _has_infinity(series: "pl.Series") -> bool:
    import polars as pl

    if series.dtype == pl.Time or not series.len():
        return False
    bits = 31 if series.dtype == pl.Date else 63
    plain = series.to_physical()
    return bool((plain.max() == 2**bits - 1) or (plain.min() == -(2**bits) + 1))


def created(name: str, dtype: "pl.DataType", *, is_nested: bool = False) -> str:
    """Return the DuckDB type of a new column; raises ConfigError where there is none."""
    import polars as pl

    base = dtype.base_type().__name__
    if isinstance(dtype, pl.Time) and is_nested:
        return "TIME_NS"
    if base in _CREATED:
        return _CREATED[base]
    if isinstance(dtype, pl.Decimal):
        return f"DECIMAL({dtype.precision},{dtype.scale})"
    if isinstance(dtype, pl.Enum):
        values = ", ".join("'" + value.replace("'", "''") + "'" for value in dtype.categories)
        return f"ENUM({values})" if values and not is_nested else "VARCHAR"
    if isinstance(dtype, (pl.Datetime, pl.Duration)):
        return _moment(name, dtype, is_nested=is_nested)
    if isinstance(dtype, (pl.List, pl.Array, pl.Struct, pl.Map)):
        return _created_nested(name, dtype)
    raise ConfigError(
        f"Column {name!r} is {dtype}, which DuckDB cannot hold; cast it to text in a step before"
    )


def _moment(name: str, dtype: "pl.Datetime | pl.Duration", *, is_nested: bool) -> str:
    """Return the type of a timestamp or duration; only single values can be seen to be exact."""
    import polars as pl

    is_plain = isinstance(dtype, pl.Datetime) and dtype.time_zone is None
    if is_plain:
        return {"ms": "TIMESTAMP_MS", "us": "TIMESTAMP", "ns": "TIMESTAMP_NS"}[dtype.time_unit]
    if is_nested and dtype.time_unit == "ns":
        raise ConfigError(
            f"Column {name!r} holds {dtype} inside of lists or structs, and DuckDB counts "
            "microseconds there; cast it in a step before"
        )
    return "TIMESTAMP WITH TIME ZONE" if isinstance(dtype, pl.Datetime) else "INTERVAL"


def _created_nested(name: str, dtype: "pl.DataType") -> str:
    import polars as pl

    if isinstance(dtype, pl.Struct):
        fields = [
            f"{quoted(field.name)} {created(name, _whole(field.dtype), is_nested=True)}"
            for field in dtype.fields
        ]
        if not fields:
            raise ConfigError(f"Column {name!r} is a struct without fields; drop it")
        return f"STRUCT({', '.join(fields)})"
    if isinstance(dtype, pl.Map):
        key, value = (_whole(inner) for inner in (dtype.key, dtype.value))
        return f"MAP({created(name, key, is_nested=True)}, {created(name, value, is_nested=True)})"
    assert isinstance(dtype, (pl.List, pl.Array))
    inner = created(name, _whole(dtype.inner), is_nested=True)
    return f"{inner}[{dtype.size}]" if isinstance(dtype, pl.Array) else f"{inner}[]"


def _whole(dtype: Any) -> "pl.DataType":
    """Return an inner type as an instance, where Polars keeps the class."""
    whole: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    return whole


def sent(frame: "pl.DataFrame") -> "pl.DataFrame":
    """Return the frame in types that pass through Arrow into the columns that `created` names.

    Raises DataError for values with more digits behind the second than DuckDB keeps.
    """
    for name, dtype in frame.schema.items():
        if _is_cut(dtype) and (frame.get_column(name).to_physical() % 1000 != 0).any():
            raise DataError(
                f"Column {name!r} holds nanoseconds, and DuckDB keeps microseconds of {dtype}; "
                "round them in a step before"
            )
    changes = {name: _wire(dtype) for name, dtype in frame.schema.items()}
    changed: Any = {name: dtype for name, dtype in changes.items() if dtype != frame.schema[name]}
    return frame.cast(changed) if changed else frame


def _is_cut(dtype: "pl.DataType") -> bool:
    import polars as pl

    if isinstance(dtype, pl.Datetime):
        return dtype.time_unit == "ns" and dtype.time_zone is not None
    return isinstance(dtype, pl.Time) or (
        isinstance(dtype, pl.Duration) and dtype.time_unit == "ns"
    )


def _wire(dtype: Any) -> "pl.DataType":
    """Return the type that carries a column: Arrow has no wide integers, DuckDB no short floats."""
    import polars as pl

    dtype = _whole(dtype)
    if isinstance(dtype, (pl.Int128, pl.UInt128)):
        return pl.String()
    if isinstance(dtype, pl.Float16):
        return pl.Float32()
    if isinstance(dtype, pl.Struct):
        return pl.Struct({field.name: _wire(field.dtype) for field in dtype.fields})
    if isinstance(dtype, pl.Array):
        return pl.Array(_wire(dtype.inner), dtype.size)
    return pl.List(_wire(dtype.inner)) if isinstance(dtype, pl.List) else dtype


def held(given: Mapping[str, "pl.DataType"], columns: list[Column]) -> dict[str, "pl.DataType"]:
    """Return what the columns of a table hold, in the terms of the rows that are `given`.

    A column that arrives as text takes this text back. Where nothing is lost it also takes the
    type that `created` makes the column of.
    """
    folded = {name.lower(): dtype for name, dtype in given.items()}
    found = {}
    for column in columns:
        dtype = folded.get(column.name.lower(), column.dtype)
        is_own = dtype != column.dtype and _is_own(column, dtype)
        found[column.name] = dtype if is_own else column.dtype
    return found


def _is_own(column: Column, dtype: "pl.DataType") -> bool:
    """Whether DuckDB's type of this column is the very one that it makes for `dtype`."""
    try:
        return created(column.name, dtype) == column.kind and not column.kind.startswith("ENUM")
    except ConfigError:
        return False

"""How columns travel to DuckDB and back: through Parquet there, through Arrow back, unchanged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from connectors.errors import ConfigError
from connectors.sql.duckdb.types import Column, created, reading
from connectors.sql.names import quoted

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyRelation

# What DuckDB makes of the integers that stand for moments and durations.
_WHOLE = ("BIGINT", "HUGEINT", "INTEGER", "UBIGINT")


class Unfit(Exception):
    """These columns cannot pass through DuckDB without a change; the text says which and why."""


@dataclass(frozen=True)
class Carried:
    """A column on its way in: the type it has in the Parquet file, and how DuckDB reads it there.

    `place` is its name in the file, where names of any kind would do harm.
    """

    name: str
    place: str
    wire: "pl.DataType"
    expression: str
    is_time: bool = False

    def packed(self) -> "pl.Expr":
        """Return the column as it is written."""
        import polars as pl

        cell = pl.col(self.name)
        # A cast to text would leave out what is behind the second.
        sent = cell.dt.to_string("%H:%M:%S%.9f") if self.is_time else cell.cast(self.wire)
        return sent.alias(self.place)


def carried(schema: Mapping[str, "pl.DataType"], *, is_named: bool) -> list[Carried]:
    """Return how the columns travel; raise Unfit where DuckDB cannot hold them.

    `is_named` says that a person writes of the types, as SQL does: moments must be moments then.
    """
    _demand_names(schema)
    import polars as pl

    found = []
    for index, (name, dtype) in enumerate(schema.items()):
        place = f"c{index}"
        wire, pattern = _wire(name, dtype, is_named=is_named)
        expression = f"{pattern.format(quoted(place))} AS {quoted(name)}"
        found.append(
            Carried(name, place, wire, expression, wire == pl.String() and dtype == pl.Time())
        )
    return found


def returned(relation: "DuckDBPyRelation", expected: Mapping[str, "pl.DataType"]) -> list[Column]:
    """Return how the columns of a result are read as the expected types; Unfit where they are not.

    The names and their order are those that the same step gives on Polars.
    """
    if list(relation.columns) != list(expected):
        raise Unfit(f"DuckDB would give the columns {', '.join(relation.columns)}")
    kinds = zip(expected.items(), relation.types, strict=True)
    return [_returned(name, dtype, str(kind)) for (name, dtype), kind in kinds]


def natural(relation: "DuckDBPyRelation") -> list[Column]:
    """Return how the columns of a result are read where DuckDB alone says what they are."""
    names = list(relation.columns)
    _demand_names(dict.fromkeys(names))
    return [reading(name, kind) for name, kind in zip(names, relation.types, strict=True)]


def _demand_names(schema: Mapping[str, Any]) -> None:
    names = [name.lower() for name in schema]
    twice = next((name for name in schema if names.count(name.lower()) > 1), None)
    if twice is not None:
        raise Unfit(f"DuckDB does not tell {twice!r} from the column that differs in case only")
    if any(not name or "\0" in name for name in schema):
        raise Unfit("DuckDB has no columns without a name, and no NUL characters in names")


def _wire(name: str, dtype: "pl.DataType", *, is_named: bool) -> tuple["pl.DataType", str]:
    """Return the type in the file and the pattern of the expression that reads it."""
    import polars as pl

    if isinstance(dtype, (pl.Int128, pl.UInt128)):
        wide = "HUGEINT" if isinstance(dtype, pl.Int128) else "UHUGEINT"
        return pl.String(), f"CAST({{0}} AS {wide})"
    if isinstance(dtype, pl.Time) and is_named:
        return pl.String(), "CAST({0} AS TIME_NS)"
    if isinstance(dtype, pl.Enum):
        kind = created(name, dtype).replace("{", "{{").replace("}", "}}")
        return pl.String(), "{0}" if kind == "VARCHAR" else f"CAST({{0}} AS {kind})"
    if _is_counted(dtype):
        if not is_named:
            # DuckDB counts microseconds here: whole numbers compare and sort the same.
            return pl.Int64(), "{0}"
        if not (isinstance(dtype, pl.Datetime) and dtype.time_unit == "ms"):
            raise Unfit(f"column {name!r} is {dtype}, which DuckDB cannot hold exactly")
    return _plain(name, dtype), "{0}"


def _is_counted(dtype: Any) -> bool:
    """Whether this is a duration, a time, or a moment in a unit that DuckDB does not know so."""
    import polars as pl

    if isinstance(dtype, pl.Datetime):
        is_long = dtype.time_unit == "ns" and dtype.time_zone is not None
        return is_long or dtype.time_unit == "ms"
    return isinstance(dtype, (pl.Duration, pl.Time))


def _plain(name: str, dtype: Any) -> "pl.DataType":
    """Return the type that holds the same values in Parquet and in DuckDB; Unfit without one."""
    import polars as pl

    whole: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    if isinstance(whole, pl.List) or (isinstance(whole, pl.Array) and whole.size):
        if whole.inner != pl.Null:
            return pl.List(_plain(name, whole.inner))
    elif isinstance(whole, pl.Struct) and whole.fields:
        fields = {field.name: _plain(name, field.dtype) for field in whole.fields}
        _demand_names(fields)
        return pl.Struct(fields)
    elif type(whole) in _leaves():
        return _leaves()[type(whole)] or whole
    is_moment = isinstance(whole, pl.Datetime) and not _is_counted(whole)
    is_short = whole.is_integer() and not isinstance(whole, (pl.Int128, pl.UInt128))
    if is_moment or is_short:
        return whole
    raise Unfit(f"column {name!r} is {dtype}, which DuckDB cannot hold exactly")


@cache
def _leaves() -> Mapping[Any, "pl.DataType | None"]:
    """Return the types that travel as another one, or (None) as themselves."""
    import polars as pl

    same = (pl.Boolean, pl.String, pl.Binary, pl.Date, pl.Decimal, pl.Float32, pl.Float64)
    others = {pl.Categorical: pl.String(), pl.Enum: pl.String(), pl.Float16: pl.Float32()}
    return {**dict.fromkeys(same), **others, pl.Null: pl.Int32()}


def _returned(name: str, dtype: "pl.DataType", kind: str) -> Column:
    import polars as pl

    if _is_counted(dtype):
        if kind not in _WHOLE:
            raise Unfit(f"DuckDB would make {kind} of column {name!r}, which is {dtype}")
        return Column(name, f"CAST({quoted(name)} AS BIGINT)", dtype, kind)
    if isinstance(dtype, (pl.Int128, pl.UInt128, pl.Enum)):
        return Column(name, f"CAST({quoted(name)} AS VARCHAR)", dtype, kind)
    if dtype.is_nested() or isinstance(dtype, pl.Null):
        return Column(name, quoted(name), dtype, kind)
    try:
        wanted = created(name, dtype)
    except ConfigError as error:
        raise Unfit(error.message) from error
    plain = kind == wanted
    return Column(name, quoted(name) if plain else f"CAST({quoted(name)} AS {wanted})", dtype, kind)


def unpacked(frame: "pl.DataFrame", columns: Sequence[Column]) -> "pl.DataFrame":
    """Return what came back from DuckDB in the types that were promised."""
    changes: Any = {
        column.name: column.dtype for column in columns if frame.schema[column.name] != column.dtype
    }
    return frame.cast(changes) if changes else frame

"""How Polars types are held by MySQL, and how a batch is written so that it arrives unharmed."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from connectors.errors import DataError

if TYPE_CHECKING:
    import polars as pl

# 838:59:59 in microseconds, where TIME ends on both sides.
LONGEST_TIME = 3_020_399_000_000
# TIMESTAMP holds 1970-01-01 00:00:01 to 2038-01-19 03:14:07 of UTC, in microseconds.
_FIRST_INSTANT, _LAST_INSTANT = 1_000_000, 2_147_483_647_999_999
_FIRST_DAY, _LAST_DAY = -719_528, 2_932_896  # of the years 0 and 9999
# Bytes that all text columns of a primary key may have together.
_KEY_BYTES = 3072


def held(name: str, dtype: "pl.DataType", *, instants: str = "timestamp") -> str:
    """Return the SQL type that holds every value of a Polars type.

    Raises DataError where there is none, with the column's name and a way out.
    """
    import polars as pl

    if isinstance(dtype, pl.Decimal):
        return f"DECIMAL({dtype.precision},{dtype.scale})"
    if isinstance(dtype, pl.Datetime):
        digits = 3 if dtype.time_unit == "ms" else 6
        is_instant = dtype.time_zone is not None and instants == "timestamp"
        # Without NULL a TIMESTAMP would be NOT NULL, and filled with the present by itself.
        return f"TIMESTAMP({digits}) NULL" if is_instant else f"DATETIME({digits})"
    if dtype.is_nested():
        require_json(name, dtype)
        return "JSON"
    found = _plain().get(dtype.base_type())
    if found is None:
        raise DataError(
            f"MySQL has no type for column {name!r} of type {dtype}; cast it in a step before"
        )
    return found


def held_in_key(sql_type: str, count: int) -> str:
    """Return the type of a key's column, which must have an end; `count` columns share the room."""
    if sql_type == "LONGTEXT":
        return f"VARCHAR({min(255, _KEY_BYTES // 4 // count)})"
    return f"VARBINARY({min(767, _KEY_BYTES // count)})" if sql_type == "LONGBLOB" else sql_type


def _plain() -> Mapping[type["pl.DataType"], str]:
    import polars as pl

    return {
        pl.Boolean: "TINYINT(1)",
        pl.Int8: "TINYINT",
        pl.UInt8: "TINYINT UNSIGNED",
        pl.Int16: "SMALLINT",
        pl.UInt16: "SMALLINT UNSIGNED",
        pl.Int32: "INT",
        pl.UInt32: "INT UNSIGNED",
        pl.Int64: "BIGINT",
        pl.UInt64: "BIGINT UNSIGNED",
        pl.Int128: "DECIMAL(39,0)",
        pl.UInt128: "DECIMAL(39,0)",
        pl.Float32: "FLOAT",
        pl.Float64: "DOUBLE",
        pl.String: "LONGTEXT",
        pl.Categorical: "LONGTEXT",
        pl.Enum: "LONGTEXT",
        pl.Null: "LONGTEXT",
        pl.Binary: "LONGBLOB",
        pl.Date: "DATE",
        pl.Time: "TIME(6)",
        pl.Duration: "TIME(6)",
    }


def require_json(name: str, dtype: "pl.DataType") -> None:
    """Raise DataError where JSON would change a value inside of a nested type."""
    import polars as pl

    exact = {pl.Boolean, pl.String, pl.Null, pl.Float64, pl.Int8, pl.Int16, pl.Int32, pl.Int64}
    exact |= {pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64}
    for leaf in _leaf_types(dtype):
        if leaf.base_type() not in exact:
            raise DataError(
                f"Column {name!r} nests {leaf}, which JSON cannot hold exactly; unnest it or cast "
                "it to text in a step before the load"
            )


def _leaf_types(dtype: "pl.DataType") -> Iterator["pl.DataType"]:
    import polars as pl

    if isinstance(dtype, (pl.List, pl.Array)):
        yield from _leaf_types(dtype.inner)  # type: ignore[arg-type]
    elif isinstance(dtype, pl.Struct):
        for field in dtype.fields:
            yield from _leaf_types(field.dtype)  # type: ignore[arg-type]
    else:
        yield dtype


def verify(batch: "pl.DataFrame", types: Mapping[str, str]) -> None:
    """Raise DataError where a value would not arrive as it is; `types` are the SQL types."""
    import polars as pl

    for series in batch.iter_columns():
        name, dtype = series.name, series.dtype
        if dtype.is_float() and not series.drop_nulls().is_finite().all():
            raise DataError(
                f"Column {name!r} holds NaN or infinity, which MySQL has not; turn it into null, "
                "or cast the column to text"
            )
        if dtype.is_float() and ((series == 0) & (1 / series < 0)).any():
            raise DataError(
                f"Column {name!r} holds -0.0, which MySQL would keep as 0.0; replace it in a step "
                "before, or name the column in `text_columns`"
            )
        if dtype.is_temporal():
            _verify_moments(series, types[name])
        _verify_shape(series, types[name].lower())
        if dtype.is_nested():
            for leaf in _leaves(series):
                if leaf.dtype == pl.Float64 and not leaf.drop_nulls().is_finite().all():
                    raise DataError(
                        f"Column {name!r} nests NaN or infinity, which JSON cannot hold; replace "
                        "them in a step before the load"
                    )


def _verify_shape(series: "pl.Series", sql_type: str) -> None:
    """Refuse values that the server would change without a word: padding and short years."""
    import polars as pl

    name = series.name
    if series.dtype == pl.String() and sql_type.startswith("char("):
        if series.str.ends_with(" ").any():
            raise DataError(
                f"Column {name!r} holds texts that end with a space, which {sql_type} loses; strip "
                "them in a step before the load"
            )
    elif series.dtype == pl.Binary() and (found := re.match(r"binary\((\d+)\)", sql_type)):
        if (series.bin.size() < int(found[1])).any():
            raise DataError(f"Column {name!r} holds bytes that {sql_type} would fill up with zeros")
    elif sql_type.startswith("year") and ((series > 0) & (series < 100)).any():
        raise DataError(f"Column {name!r} holds years before 1901, which {sql_type} changes")


def _leaves(series: "pl.Series") -> Iterator["pl.Series"]:
    """Yield the values at the ends of a nested column."""
    import polars as pl

    if isinstance(series.dtype, (pl.List, pl.Array)):
        yield from _leaves(series.explode())
    elif isinstance(series.dtype, pl.Struct):
        for field in series.struct.unnest().iter_columns():
            yield from _leaves(field)
    else:
        yield series


def _verify_moments(series: "pl.Series", sql_type: str) -> None:
    """Refuse nanoseconds that would be lost, and moments beyond what the type holds."""
    import polars as pl

    number = series.to_physical().cast(pl.Int64)
    unit = "ns" if series.dtype == pl.Time() else getattr(series.dtype, "time_unit", None)
    found = re.search(r"\((\d)\)", sql_type)
    kept, given = int(found[1]) if found else 0, {"ms": 3, "us": 6, "ns": 9}.get(str(unit), 0)
    if given > kept and (number % 10 ** (given - kept) != 0).any():
        raise DataError(
            f"Column {series.name!r} has {given} digits of a second and MySQL keeps {kept} in "
            f"{sql_type}; round it in a step before the load"
        )
    if series.dtype == pl.Time():
        return
    low, high = _ends(series.dtype, sql_type)
    if ((number < low) | (number > high)).any():
        is_instant = sql_type.upper().startswith("TIMESTAMP")
        hint = (
            "set `instants` to datetime, which keeps UTC without a zone"
            if is_instant
            else ("cast it to text in a step before the load")
        )
        raise DataError(
            f"Column {series.name!r} holds values that {sql_type} of MySQL cannot hold; {hint}"
        )


def _ends(dtype: "pl.DataType", sql_type: str) -> tuple[int, int]:
    """Return the first and the last number that a moment of this type may have."""
    import polars as pl

    if dtype == pl.Date():
        return _FIRST_DAY, _LAST_DAY
    unit = {"ms": (1, 1000), "us": (1, 1), "ns": (1000, 1)}[getattr(dtype, "time_unit", "us")]
    if isinstance(dtype, pl.Duration):
        low, high = -LONGEST_TIME, LONGEST_TIME
    elif sql_type.upper().startswith("TIMESTAMP"):
        low, high = _FIRST_INSTANT, _LAST_INSTANT
    else:
        low, high = _FIRST_DAY * 86_400_000_000, (_LAST_DAY + 1) * 86_400_000_000 - 1
    return low * unit[0] // unit[1], high * unit[0] // unit[1]

"""What is made of a group of values: exact, and the same on every engine."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from connectors.columns import demand_type, is_number, is_plain

if TYPE_CHECKING:
    import narwhals as nw

_NUMBERS = frozenset({"sum", "mean", "std", "var", "median"})


def in_order(operation: str) -> bool:
    """Whether it matters which row comes first."""
    return operation in ("first", "last")


def check_type(operation: str, column: str, schema: Mapping[str, Any]) -> None:
    """Raise ConfigError for a column that is not there, or that has no such sum."""
    if operation in _NUMBERS:
        demand_type([column], schema, is_number, f"numbers for {operation}", "aggregations")
    else:
        demand_type([column], schema, is_plain, "single values", "aggregations")


def summed(operation: str, column: str | None, schema: Mapping[str, Any], place: str) -> "nw.Expr":
    """Return the aggregate over a column of these types; `place` numbers the rows, if need be."""
    import narwhals as nw

    if column is None:
        return nw.len().cast(nw.Int64)
    value, dtype = nw.col(column), schema[column]
    if operation == "first":
        return value.first(order_by=[place])
    if operation == "last":
        return value.last(order_by=[place])
    return _MADE[operation](value, dtype)


def _sum(value: "nw.Expr", dtype: Any) -> "nw.Expr":
    import narwhals as nw

    total: nw.Expr = value.sum()
    if dtype.is_integer():
        # Wide enough for any sum, then refused where 64 bits do not hold it: never a wrong one.
        total = value.cast(nw.Int128).sum().cast(nw.Int64)
    elif dtype.is_decimal():
        total = value.cast(nw.Decimal(38, dtype.scale)).sum().cast(nw.Decimal(38, dtype.scale))
    elif dtype == nw.Float32:
        total = value.cast(nw.Float64).sum()
    # The sum of nothing is nothing.
    return nw.when(value.count() > 0).then(total)


def _count(value: "nw.Expr", _: Any) -> "nw.Expr":
    import narwhals as nw

    return value.count().cast(nw.Int64)


def _n_unique(value: "nw.Expr", _: Any) -> "nw.Expr":
    import narwhals as nw

    # One of the different values may be that none is there, which does not count.
    missing = nw.when(value.null_count() > 0).then(nw.lit(1)).otherwise(nw.lit(0))
    return value.n_unique().cast(nw.Int64) - missing.cast(nw.Int64)


def _mean(value: "nw.Expr", _: Any) -> "nw.Expr":
    import narwhals as nw

    return value.cast(nw.Float64).mean()


def _median(value: "nw.Expr", _: Any) -> "nw.Expr":
    import narwhals as nw

    return _if_finite(value.cast(nw.Float64), lambda number: number.median())


def _std(value: "nw.Expr", _: Any) -> "nw.Expr":
    import narwhals as nw

    return _if_finite(value.cast(nw.Float64), lambda number: number.std())


def _var(value: "nw.Expr", _: Any) -> "nw.Expr":
    import narwhals as nw

    return _if_finite(value.cast(nw.Float64), lambda number: number.var())


def _if_finite(number: "nw.Expr", made: Callable[["nw.Expr"], "nw.Expr"]) -> "nw.Expr":
    """Return NaN where one value is NaN or infinite; engines see such groups differently."""
    import narwhals as nw

    odd = nw.when(~number.is_finite()).then(nw.lit(1)).otherwise(nw.lit(0))
    finite = nw.when(number.is_finite()).then(number)
    return nw.when(odd.max() > 0).then(_nan()).otherwise(made(finite))


def _nan() -> "nw.Expr":
    import narwhals as nw

    # DuckDB takes a NaN of Python's as NULL.
    return nw.lit("nan").cast(nw.Float64)


def _least(value: "nw.Expr", _: Any) -> "nw.Expr":
    return value.min()


def _greatest(value: "nw.Expr", dtype: Any) -> "nw.Expr":
    import narwhals as nw

    if not dtype.is_float():
        return value.max()
    # Greater than every number, which Polars leaves out here.
    odd = nw.when(value.is_nan()).then(nw.lit(1)).otherwise(nw.lit(0))
    return nw.when(odd.max() > 0).then(_nan().cast(dtype)).otherwise(value.max())


_MADE: dict[str, Callable[["nw.Expr", Any], "nw.Expr"]] = {
    "sum": _sum,
    "count": _count,
    "n_unique": _n_unique,
    "mean": _mean,
    "median": _median,
    "std": _std,
    "var": _var,
    "min": _least,
    "max": _greatest,
}

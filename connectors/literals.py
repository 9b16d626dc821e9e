"""Values that people write, in the type of the column that they are compared with or put into."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connectors.errors import ConfigError

if TYPE_CHECKING:
    from narwhals.dtypes import DType
    from polars.datatypes import DataType

TRUE = {"true", "t", "yes", "1"}
FALSE = {"false", "f", "no", "0"}


def typed(value: Any, dtype: "DataType | DType", column: str) -> Any:
    """Return a JSON value as one of a column's type (Polars', narwhals'); ConfigError if it is none.

    Numbers and times may be written as text. A time without a zone is UTC where the column has
    one, and a time with a zone is taken to UTC where the column has none.
    """
    for fits, read in _READERS:
        if fits(dtype):
            try:
                return read(value, dtype)
            except (ValueError, TypeError, InvalidOperation) as error:
                raise ConfigError(
                    f"{value!r} cannot be compared with {column!r}, which is {dtype}", field="value"
                ) from error
    raise ConfigError(f"{column!r} is {dtype}, which has no values to compare with", field="column")


def _number(value: Any, dtype: "DataType") -> int | float | Decimal:
    if isinstance(value, bool):
        raise TypeError(value)
    exact = Decimal(str(value).strip())
    if dtype.is_float():
        return float(exact)
    if dtype.is_decimal():
        return exact
    # An integer column may be compared with a fraction; it is only never equal to one.
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _boolean(value: Any, _: "DataType") -> bool:
    text = str(value).strip().lower()
    if text not in TRUE | FALSE:
        raise ValueError(value)
    return text in TRUE


def _text(value: Any, _: "DataType") -> str:
    if isinstance(value, dict | list) or value is None:
        raise TypeError(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _date(value: Any, _: "DataType") -> date:
    return datetime.fromisoformat(str(value).strip()).date()


def _datetime(value: Any, dtype: Any) -> datetime:
    moment = datetime.fromisoformat(str(value).strip())
    if dtype.time_zone is None:
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo(dtype.time_zone))


def _time(value: Any, _: "DataType") -> time:
    return time.fromisoformat(str(value).strip())


def _seconds(value: Any, _: "DataType") -> timedelta:
    return timedelta(seconds=float(value))


def _is(*names: str) -> Callable[["DataType"], bool]:
    # By name, so that polars need not be loaded to know them.
    return lambda dtype: type(dtype).__name__ in names


_READERS: list[tuple[Callable[[Any], bool], Callable[[Any, Any], Any]]] = [
    (lambda dtype: dtype.is_numeric(), _number),
    (_is("Boolean"), _boolean),
    (_is("String", "Categorical", "Enum"), _text),
    (_is("Date"), _date),
    (_is("Datetime"), _datetime),
    (_is("Time"), _time),
    (_is("Duration"), _seconds),
]

"""Values for the `:names` in a query: found where a database would read them, never pasted."""

from connectors.sql.parameters.binding import Numbered, bound
from connectors.sql.parameters.dialects import DUCKDB, POSTGRES, SQLITE, Dialect, mysql
from connectors.sql.parameters.finding import Name, names_in, without_end
from connectors.sql.parameters.values import Scalar, Value, decoded, encoded, moment

__all__ = [
    "DUCKDB",
    "POSTGRES",
    "SQLITE",
    "Dialect",
    "Name",
    "Numbered",
    "Scalar",
    "Value",
    "bound",
    "decoded",
    "encoded",
    "moment",
    "mysql",
    "names_in",
    "without_end",
]

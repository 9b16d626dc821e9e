"""What the SQL connectors share: names, the table of markers, columns of a target, increments."""

from connectors.sql.columns import check_columns, check_key, check_names
from connectors.sql.increments import Reach, Watermark
from connectors.sql.markers import MARKERS, PREFIX, MarkerTable, is_hidden
from connectors.sql.names import TableName, parse_table, quoted

__all__ = [
    "MARKERS",
    "PREFIX",
    "MarkerTable",
    "Reach",
    "TableName",
    "Watermark",
    "check_columns",
    "check_key",
    "check_names",
    "is_hidden",
    "parse_table",
    "quoted",
]

"""What a person may say about the tables that are written."""

from typing import Literal

from pydantic import Field

from connectors.sql.options import TableWriteOptions


class MySQLWriteOptions(TableWriteOptions):
    """Write a table of InnoDB."""

    instants: Literal["timestamp", "datetime"] = Field(
        "timestamp",
        title="Instants",
        description="Timestamps with a zone: TIMESTAMP, which goes from 1970 to 2038, or DATETIME, "
        "which holds them in UTC and forgets that they have a zone.",
    )

"""What a person may say about tables of a lake, whatever their format."""

from typing import Literal

from pydantic import Field

CURSOR = (
    "Read only rows from the last seen value of this column on. Rows that arrive later with a "
    "lower value, or with none, are not seen."
)
UNHELD = "Times and durations that the format has no type for: refused, or stored as ISO text."

Unheld = Literal["refuse", "text"]


def cursor_field() -> str | None:
    """Return the field of a cursor."""
    found: str | None = Field(None, title="Cursor column", description=CURSOR)
    return found


def unheld_field() -> Unheld:
    """Return the field that says what happens to types that the format lacks."""
    found: Unheld = Field("refuse", title="Types it lacks", description=UNHELD)
    return found

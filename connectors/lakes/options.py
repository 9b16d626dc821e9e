"""What a person may say about tables of a lake, whatever their format."""

from pydantic import Field

CURSOR = (
    "Read only rows from the last seen value of this column on. Rows that arrive later with a "
    "lower value, or with none, are not seen."
)


def cursor_field() -> str | None:
    """Return the field of a cursor."""
    found: str | None = Field(None, title="Cursor column", description=CURSOR)
    return found

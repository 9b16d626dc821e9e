"""What a person may say about which rows of a table are read: a filter, and a cursor."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from connectors.base import ReadOptions
from connectors.sql.increments import Cursor, Nulls, window_of
from connectors.transformers.filter import FilterConfig


class ChosenRows(ReadOptions):
    """Which rows of a table are read: those that fit, or those that came since the last load."""

    filter: Mapping[str, Any] | None = Field(
        None,
        title="Filter",
        description="Read only rows that fit, as the filter step says it: {column, operator, "
        "value}, or `all` or `any` of several. The database leaves out what it can.",
    )
    cursor: str | None = Field(
        None,
        title="Cursor column",
        description="Read only rows from the last seen value of this column on. Rows that arrive "
        "later with a lower value are seen only as far as `look_back` goes.",
    )
    second_cursor: str | None = Field(
        None,
        title="Second cursor column",
        description="Orders the rows that have no value in the cursor column.",
    )
    look_back: str | None = Field(
        None,
        title="Look back",
        description="Read again from so much below the last value: 30m, 2h, 7d, or a number. Rows "
        "that are known there are not doubled.",
    )
    null_cursors: Nulls = Field(
        "read",
        title="Rows without a cursor value",
        description="read looks at all of them each time and brings the new ones, skip leaves "
        "them out, refuse ends the read.",
    )
    may_repeat: bool = Field(
        default=False,
        title="Rows may repeat",
        description="For destinations that merge by key: where too many rows would have to be "
        "known, they come again.",
    )

    @field_validator("look_back", mode="before")
    @classmethod
    def _judge_window(cls, value: Any) -> Any:
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str):
            window_of(value)
            return value.strip()
        return value

    @field_validator("filter")
    @classmethod
    def _judge_filter(cls, value: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        if not value:
            return None
        try:
            FilterConfig.model_validate(dict(value))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            path = ".".join(str(piece) for piece in first["loc"])
            text = first["msg"].removeprefix("Value error, ")
            raise ValueError(f"{path}: {text}" if path else text) from None
        return value

    @model_validator(mode="after")
    def _require_a_first_cursor(self) -> Self:
        if self.cursor is None and (self.second_cursor or self.look_back):
            named = "second_cursor" if self.second_cursor else "look_back"
            raise ValueError(f"`{named}` goes with `cursor`, the column that rows are followed by")
        return self

    def identity(self) -> dict[str, Any]:
        """Return what is read, by which filter, and along which cursors: a State's own."""
        given = {"filter": self.filter, "second_cursor": self.second_cursor}
        return super().identity() | {name: value for name, value in given.items() if value}

    def fitting(self) -> FilterConfig | None:
        """Return the filter, None where all rows are read."""
        return None if self.filter is None else FilterConfig.model_validate(dict(self.filter))

    def along(self) -> Cursor | None:
        """Return the cursor, None where all rows are read."""
        if self.cursor is None:
            return None
        window = None if self.look_back is None else window_of(self.look_back)
        return Cursor(self.cursor, self.second_cursor, window, self.null_cursors, self.may_repeat)

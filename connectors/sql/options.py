"""What a person may say about tables, the same for every SQL system."""

from collections.abc import Callable, Mapping
from typing import Any, Self

from pydantic import AliasChoices, Field, field_validator, model_validator

from connectors.base import State, WriteOptions
from connectors.errors import ConfigError
from connectors.sql.choosing import ChosenRows
from connectors.sql.names import TableName, parse_table
from connectors.sql.parameters import Dialect, Scalar, bound, decoded, without_end
from connectors.sql.states import complete_state, judge_state, judge_values

_SCHEMA = AliasChoices("schema", "table_schema")
_TABLE = AliasChoices("table", "table_name")


class TableReadOptions(ChosenRows):
    """Read a table, or the result of one query; from where the last load ended, with a cursor."""

    table: str | None = Field(
        None,
        title="Table",
        description='Table or view, as table or schema.table; a dot in a name is quoted: "a.b".',
        validation_alias=_TABLE,
    )
    table_schema: str | None = Field(
        None, title="Schema", description="Schema of the table.", validation_alias=_SCHEMA
    )
    query: str | None = Field(
        None,
        title="Query",
        description="One SELECT in place of a table; it cannot change anything.",
        json_schema_extra={"format": "sql"},
    )
    params: Mapping[str, Any] | None = Field(
        None,
        title="Parameters",
        description="Values for the :names in the query, bound and never pasted: text, numbers, "
        'true, false, null, lists (for IN), or {"type": "date", "value": "2026-01-31"}; datetime '
        "and number too.",
    )

    @field_validator("params")
    @classmethod
    def _judge_params(cls, given: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        for name, value in (given or {}).items():
            try:
                decoded(value)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
        return given

    @model_validator(mode="after")
    def _require_one_origin(self) -> Self:
        if (self.table is None) == (self.query is None):
            raise ValueError("give either `table` or `query`")
        if self.query is not None and not self.query.strip():
            raise ValueError("`query` is empty")
        if self.params is not None and self.query is None:
            raise ValueError("`params` go with `query`, which names them as :name")
        self.name()
        return self

    def name(self) -> TableName | None:
        """Return the table's name, None where a query is read."""
        return None if self.table is None else _parse(self.table, self.table_schema)

    def bound(self, dialect: Dialect, said: Callable[[Scalar], str]) -> str:
        """Return the query without its end, in which `said` stands for each value it names."""
        query = without_end(self.query or "", dialect)
        if self.params is None:
            return query
        values = {name: decoded(value) for name, value in self.params.items()}
        return bound(query, values, dialect, said)

    def identity(self) -> dict[str, Any]:
        """Return the table in one spelling, or the query, and the cursor."""
        name = self.name()
        return super().identity() | ({} if name is None else {"table": str(name)})

    def judge_state(self, state: Mapping[str, Any], types: Mapping[str, str] | None = None) -> None:
        """Raise ConfigError for a State that is not one of this cursor."""
        super().judge_state(state, types)
        judge_state(self.cursor or "", self.second_cursor, state)
        judge_values(state, types or {})

    def completed(self, state: State, known: State | None) -> State:
        """Return the State with what is known of rows without a cursor value."""
        return complete_state(state, known)


class TableWriteOptions(WriteOptions):
    """Write a table."""

    table: str = Field(
        title="Table",
        description='Table, as table or schema.table; a dot in a name is quoted: "a.b".',
        validation_alias=_TABLE,
    )
    table_schema: str | None = Field(
        None, title="Schema", description="Schema of the table.", validation_alias=_SCHEMA
    )

    @model_validator(mode="after")
    def _require_a_name(self) -> Self:
        self.name()
        return self

    def name(self) -> TableName:
        """Return the table's name."""
        return _parse(self.table, self.table_schema)


def _parse(table: str, schema: str | None) -> TableName:
    """Read a name where pydantic listens: it hears ValueError only."""
    try:
        return parse_table(table, schema)
    except ConfigError as error:
        raise ValueError(error.message) from None

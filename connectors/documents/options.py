"""What a person may say about a collection."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import AliasChoices, Field, field_validator

from connectors.base import State
from connectors.documents.types import check_type
from connectors.errors import ConfigError
from connectors.sql.choosing import ChosenRows
from connectors.sql.states import complete_state, judge_state, judge_values


class CollectionReadOptions(ChosenRows):
    """Read a collection; from where the last load ended, with a cursor."""

    table: str = Field(
        title="Collection",
        min_length=1,
        description="Collection or view, as collection or database.collection.",
        validation_alias=AliasChoices("table", "collection", "table_name"),
    )
    types: Mapping[str, str] = Field(
        {},
        title="Types",
        description="Types of fields in place of those that the sample shows, as "
        '{"price": "decimal(38,4)", "notes": "json"}.',
    )
    misfits: Literal["extra", "error"] = Field(
        "extra",
        title="Values that do not fit",
        description="Kept as JSON in the column _extra, or the end of the read.",
    )

    def judge_state(self, state: Mapping[str, Any], types: Mapping[str, str] | None = None) -> None:
        """Raise ConfigError for a State that is not one of this cursor."""
        super().judge_state(state, types)
        judge_state(self.cursor or "", self.second_cursor, state)
        judge_values(state, types or {})
        types = state.get("fields", {})
        if not isinstance(types, Mapping):
            raise ConfigError("fields must be an object, as an earlier state had it", field="state")
        for kind in types.values():
            check_type(str(kind))

    def completed(self, state: State, known: State | None) -> State:
        """Return the State with what is known of documents without a cursor value."""
        return complete_state(state, known)

    @field_validator("types")
    @classmethod
    def _know_types(cls, types: Mapping[str, str]) -> Mapping[str, str]:
        try:
            return {name: check_type(kind) for name, kind in types.items()}
        except ConfigError as error:
            # pydantic hears ValueError only.
            raise ValueError(error.message) from None

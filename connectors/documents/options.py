"""What a person may say about a collection."""

from collections.abc import Mapping
from typing import Literal

from pydantic import AliasChoices, Field, field_validator

from connectors.base import ReadOptions
from connectors.documents.types import check_type
from connectors.errors import ConfigError


class CollectionReadOptions(ReadOptions):
    """Read a collection; from where the last load ended, with a cursor."""

    table: str = Field(
        title="Collection",
        min_length=1,
        description="Collection or view, as collection or database.collection.",
        validation_alias=AliasChoices("table", "collection", "table_name"),
    )
    cursor: str | None = Field(
        None,
        title="Cursor field",
        description="Read only documents from the last seen value of this field on. Those that "
        "arrive later with a lower value, with none, or with one of another type are not seen.",
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

    @field_validator("types")
    @classmethod
    def _know_types(cls, types: Mapping[str, str]) -> Mapping[str, str]:
        try:
            return {name: check_type(kind) for name, kind in types.items()}
        except ConfigError as error:
            # pydantic hears ValueError only.
            raise ValueError(error.message) from None

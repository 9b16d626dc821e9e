"""What a person may set, said once: validation, JSON Schema, form, mask and docs all come from it.

A flat dictionary (a task's `loader_config`, a node's `config`) is split by field name, so the
Settings, ReadOptions and WriteOptions of one connector never share a field name.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator, model_validator

from connectors.errors import ConfigError


class WriteMode(StrEnum):
    """What happens to the rows that a target already holds."""

    APPEND = "append"
    REPLACE = "replace"
    UPSERT = "upsert"
    ERROR = "error"


# Fields that name data, and a stream of them, wherever a connector has them.
DATA = ("database", "path", "url", "bucket", "catalog_name", "warehouse")
CURSOR = ("cursor", "cursor_field")
STREAM = ("table", "query", "endpoint", "collection", "sheet", *CURSOR, "second_cursor")

# The contracts' clients say the same things in other words.
MODE_SYNONYMS = {
    "fail": WriteMode.ERROR,
    "truncate": WriteMode.REPLACE,
    "overwrite": WriteMode.REPLACE,
    "merge": WriteMode.UPSERT,
}


class Options(BaseModel):
    """A model whose unknown fields are errors and whose values cannot change."""

    # What was given may be a secret, and an error may be logged.
    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, hide_input_in_errors=True
    )


class Settings(Options):
    """How to reach a system: host, path, secrets (as `SecretStr`)."""

    def reach(self) -> dict[str, Any]:
        """Return what says where these settings lead, by the names of their fields.

        While it stays as it was, `********` keeps a stored secret. A connector whose secrets may
        stay when other fields change names those that say where they are sent, and by what guard;
        unless it does, every field counts, other secrets too (one may be whom to trust).
        """
        return self.model_dump()

    def identity(self) -> dict[str, Any]:
        """Return which data these settings lead to, by the names of their fields.

        A State holds for these data alone. Host and port do not count, for a database moves, nor
        does who logs in. A connector whose data are named by other fields says so.
        """
        return _given(self, DATA)


class ReadOptions(Options):
    """What to read from a source."""

    columns: tuple[str, ...] | None = Field(
        None, title="Columns", description="Read these columns only, in this order; all when empty."
    )

    def identity(self) -> dict[str, Any]:
        """Return what is read and along which cursor, by the names of fields: a State's own.

        Page sizes and the like do not count.
        """
        columns = {} if self.columns is None else {"columns": sorted(self.columns)}
        return {**_given(self, STREAM), **columns}

    def judge_state(self, state: Mapping[str, Any], types: Mapping[str, str] | None = None) -> None:
        """Raise ConfigError for a State that a person gave and that cannot be one of these.

        `types` has the exact types of the stream's columns, as far as they are known.
        """
        if not any(getattr(self, name, None) for name in CURSOR):
            raise ConfigError(
                "The stream has no cursor and is read anew each time: it keeps no state. Choose "
                "incremental and a cursor first",
                field="state",
            )

    def completed(
        self, state: Mapping[str, Any], known: Mapping[str, Any] | None
    ) -> Mapping[str, Any]:
        """Return a State that a person gave, with what it leaves out and the last commit `known`."""
        return state


class WriteOptions(Options):
    """What to write at a destination, and how."""

    mode: WriteMode = Field(
        WriteMode.APPEND,
        title="Write mode",
        description="append adds rows, replace swaps them, upsert merges by key, "
        "error refuses a target that exists.",
        validation_alias=AliasChoices("mode", "if_exists", "write_mode"),
    )
    key: tuple[str, ...] = Field(
        (), title="Key", description="Columns that identify a row; upsert needs them."
    )
    evolve: bool = Field(
        default=False,
        title="Let columns grow",
        description="Add the columns that the rows bring and the target lacks, and widen those "
        "that are too narrow, together with the rows; otherwise such rows are refused.",
    )

    unheld_types: Literal["refuse", "text"] = Field(
        "refuse",
        title="Types it lacks",
        description="Columns of a type that the destination does not have are refused, or stored "
        "as their exact text.",
    )
    text_columns: tuple[str, ...] = Field(
        (),
        title="Columns as text",
        description="Columns that are stored as their exact text, for values that the destination "
        "cannot hold in their own type (NaN, nanoseconds, years beyond 9999).",
    )

    @field_validator("mode", mode="before")
    @classmethod
    def _translate_synonyms(cls, value: Any) -> Any:
        return MODE_SYNONYMS.get(value, value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _require_key_for_upsert(self) -> Self:
        if self.mode is WriteMode.UPSERT and not self.key:
            raise ValueError("write mode 'upsert' needs `key`, the columns that identify a row")
        return self


def _given(model: BaseModel, names: tuple[str, ...]) -> dict[str, Any]:
    found = {name: getattr(model, name, None) for name in names}
    return {name: value for name, value in found.items() if value is not None}

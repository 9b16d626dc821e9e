"""Which streams a sync job moves, and how: read from what the Olake contract's clients send.

A config has two halves. `streams` describes each stream (its mode, cursor, destination) as a
catalog printed it, `selected_streams` says which of them run and with which columns and filter. A
stream may also say everything in one place; then the second half is not needed.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator, model_validator

from connectors.base import WriteMode
from connectors.configuration import validate
from connectors.errors import ConfigError
from jobs.plan import SchemaPolicy
from jobs.rules import policy_word

# Fields of a selection that are read in another form.
EMPTY = ("selected_columns", "filter_config", "filter")
SYNONYMS = {"full": "full_refresh", "full_load": "full_refresh", "overwrite": "full_refresh"}


class SyncMode(StrEnum):
    """Whether a stream is read anew each time, or from where the last run ended."""

    FULL_REFRESH = "full_refresh"
    INCREMENTAL = "incremental"


class Choice(BaseModel):
    """One stream that a job moves."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    name: str = Field(validation_alias=AliasChoices("name", "stream_name"))
    namespace: str = ""
    mode: SyncMode = Field(
        SyncMode.FULL_REFRESH, validation_alias=AliasChoices("mode", "sync_mode")
    )
    cursor: str | None = Field(None, validation_alias=AliasChoices("cursor", "cursor_field"))
    # Olake's own words have it behind a colon: `updated_at:id`.
    second_cursor: str | None = None
    look_back: str | int | float | None = Field(
        None, validation_alias=AliasChoices("look_back", "lookback", "look_back_window")
    )
    null_cursors: str | None = None
    key: tuple[str, ...] = Field(
        (), validation_alias=AliasChoices("key", "primary_key", "source_defined_primary_key")
    )
    columns: tuple[str, ...] | None = None
    filter: Mapping[str, Any] | None = None
    table: str = Field("", validation_alias=AliasChoices("table", "destination_table"))
    write_mode: WriteMode | None = None
    append_mode: bool = False
    normalization: bool = True
    # What reads the stream; empty options are options too, absent ones follow from the name.
    options: Mapping[str, Any] | None = Field(
        None, validation_alias=AliasChoices("read", "options")
    )
    write: Mapping[str, Any] = {}
    # What becomes of columns that the destination has no type for, and the types as a catalog said.
    unheld_types: Literal["refuse", "text"] | None = None
    type_schema: Mapping[str, Any] = {}
    # What a stream says otherwise than its job.
    schema_policy: SchemaPolicy | None = None
    checksums: bool | None = None

    @property
    def full_name(self) -> str:
        """Return the name with its namespace, unique in a job."""
        return f"{self.namespace}.{self.name}" if self.namespace else self.name

    @field_validator("mode", mode="before")
    @classmethod
    def _know_the_mode(cls, value: Any) -> Any:
        if value in ("cdc", "strict_cdc"):
            raise ValueError(
                f"{value} is not offered yet; choose full_refresh, or incremental with a cursor"
            )
        return SYNONYMS.get(value, value) if isinstance(value, str) else value

    @model_validator(mode="before")
    @classmethod
    def _take_two_cursors(cls, values: Any) -> Any:
        """Read `a:b` as a cursor and a second one."""
        if not isinstance(values, Mapping):
            return values
        for name in ("cursor", "cursor_field"):
            if isinstance(given := values.get(name), str) and not values.get("second_cursor"):
                first, _, second = (part.strip() for part in given.partition(":"))
                values = {**values, name: first or None, "second_cursor": second or None}
        return values

    @field_validator("schema_policy", mode="before")
    @classmethod
    def _translate_the_policy(cls, value: Any) -> Any:
        return policy_word(value)

    @field_validator("normalization")
    @classmethod
    def _keep_columns(cls, value: bool) -> bool:  # noqa: FBT001 -- as pydantic calls it
        if not value:
            raise ValueError("rows are written as columns; a text of JSON per row is not offered")
        return value

    @model_validator(mode="after")
    def _demand_a_cursor(self) -> Self:
        if self.mode is SyncMode.INCREMENTAL and self.cursor is None:
            raise ValueError(f"stream {self.name!r} is incremental and needs cursor_field")
        if self.cursor is not None and self.cursor == self.second_cursor:
            raise ValueError(
                f"{self.cursor!r} is both cursors; cursor_field is one column, or two of them as a:b"
            )
        if self.columns is not None and not self.columns:
            raise ValueError(f"stream {self.name!r} selects no column")
        hidden = self.columns is not None and (
            {*self.key, *filter(None, [self.cursor, self.second_cursor])} - {*self.columns}
        )
        if hidden:
            names = ", ".join(sorted(hidden))
            raise ValueError(f"stream {self.name!r} must select its key and cursor: {names}")
        return self


def choices(config: Mapping[str, Any]) -> list[Choice]:
    """Return the streams that a config selects; ConfigError says which of its fields is wrong."""
    if "streams" not in config and "selected_streams" not in config:
        return []
    streams = list(_described(config))
    described = {(one["namespace"], one["name"]): one for one in streams}
    if "selected_streams" not in config:
        wanted = [_translated(one) for one in streams if one.get("disabled") is not True]
    else:
        wanted = []
        for namespace, name, chosen in _selected(config):
            if (namespace, name) not in described:
                shown = f"{namespace}.{name}".lstrip(".")
                raise ConfigError(
                    f"selected_streams names {shown!r}, which streams does not describe",
                    field="config.selected_streams",
                )
            if chosen.get("disabled") is True:
                continue
            # What a catalog prints empty takes nothing back of what the first half says.
            said = {key: value for key, value in chosen.items() if value or key not in EMPTY}
            wanted.append(_translated({**described[namespace, name], **said}))
    found = [validate_choice({**_defaults(config), **one}) for one in wanted]
    _refuse_doubles(found)
    return found


def _defaults(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the job's settings say for every stream that says nothing else."""
    settings = config.get("settings") or {}
    if not isinstance(settings, dict):
        raise ConfigError("config.settings must be an object", field="config.settings")
    return {"unheld_types": settings["unheld_types"]} if "unheld_types" in settings else {}


def validate_choice(one: Mapping[str, Any]) -> Choice:
    """Return one stream's choice; ConfigError names the stream and its field."""
    try:
        return validate(Choice, one)
    except ConfigError as error:
        name = one.get("name") or one.get("stream_name")
        raise ConfigError(f"stream {name!r}: {error.message}", field="config.streams") from None


def described_names(config: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return namespace and name of every stream that a config describes, chosen or not."""
    return {(one["namespace"], one["name"]) for one in _described(config)}


def _described(config: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    streams = config.get("streams") or []
    if not isinstance(streams, list):
        raise ConfigError("config.streams must be a list", field="config.streams")
    for place, item in enumerate(streams):
        inner = _inner(item)
        name = item_name(item)
        if not isinstance(inner, dict) or not isinstance(name, str) or not name:
            raise ConfigError(
                f"config.streams.{place} needs a name", field=f"config.streams.{place}"
            )
        namespace = inner.get("namespace") or ""
        if not isinstance(namespace, str):
            raise ConfigError(
                f"the namespace of stream {name!r} must be a text", field=f"config.streams.{place}"
            )
        yield {**inner, "name": name, "namespace": namespace}


def item_name(item: Any) -> Any:
    """Return how an entry of a config calls its stream; nothing where it does not."""
    inner = _inner(item)
    return inner.get("name") or inner.get("stream_name") if isinstance(inner, dict) else None


def _inner(item: Any) -> Any:
    inner = item.get("stream", item) if isinstance(item, dict) else None
    return {**item, "name": inner} if isinstance(inner, str) else inner


def _selected(config: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    selected = config["selected_streams"]
    if selected is None:
        return
    if not isinstance(selected, dict):
        raise ConfigError(
            "config.selected_streams must be an object of lists by namespace",
            field="config.selected_streams",
        )
    for namespace, chosen in selected.items():
        for item in chosen if isinstance(chosen, list) else [None]:
            if not isinstance(item, dict) or not isinstance(item.get("stream_name"), str):
                raise ConfigError(
                    f"config.selected_streams.{namespace} must be a list of objects with "
                    "stream_name",
                    field="config.selected_streams",
                )
            yield namespace, item["stream_name"], item


def _translated(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a stream says, in the words of `Choice`."""
    left = {key: value for key, value in said.items() if key not in ("stream_name", *EMPTY)}
    if (columns := _columns(said.get("selected_columns"))) is not None:
        left["columns"] = columns
    return left | {"filter": condition(said.get("filter_config") or said.get("filter") or None)}


def _columns(selected: Any) -> list[str] | None:
    """Return the columns that are chosen; None where new ones are to join, or none are named."""
    chosen = selected.get("columns") if isinstance(selected, dict) else selected
    if not chosen or (isinstance(selected, dict) and selected.get("sync_new_columns")):
        return None
    if not isinstance(chosen, list) or not all(isinstance(name, str) for name in chosen):
        raise ConfigError(
            "selected_columns must be {columns: [names], sync_new_columns}",
            field="config.selected_streams",
        )
    return [name for name in chosen if not name.startswith("_olake_")]


def condition(said: Any) -> dict[str, Any] | None:
    """Return a filter of Olake's (`logical_operator`, `conditions`) as the filter step takes it."""
    if not said:
        return None
    if not isinstance(said, dict):
        raise ConfigError(
            "a filter is an object: {logical_operator, conditions: [{column, operator, value}]}",
            field="config.selected_streams",
        )
    if "conditions" not in said:
        return dict(said)
    word = str(said.get("logical_operator") or "and").lower()
    if word not in ("and", "or"):
        raise ConfigError("logical_operator must be AND or OR", field="config.selected_streams")
    if not isinstance(said["conditions"] or [], list):
        raise ConfigError("conditions must be a list", field="config.selected_streams")
    conditions = [condition(one) for one in said["conditions"] or []]
    kept = [one for one in conditions if one is not None]
    return {"all" if word == "and" else "any": kept} if kept else None


def _refuse_doubles(found: list[Choice]) -> None:
    seen: set[str] = set()
    for one in found:
        if one.full_name in seen:
            raise ConfigError(
                f"stream {one.full_name!r} is chosen twice", field="config.selected_streams"
            )
        seen.add(one.full_name)

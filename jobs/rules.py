"""What a sync job says for all of its streams: schema policy, new tables, checks after a load."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from connectors.errors import ConfigError
from jobs.plan import SchemaPolicy

# The words that clients of the Olake contract use as well.
SYNONYMS = {"propagate": "evolve", "pause": "freeze"}


class NewStreams(StrEnum):
    """What happens to streams of the source that a job does not describe."""

    IGNORE = "ignore"
    NOTIFY = "notify"
    ADD = "add"


class Rules(BaseModel):
    """The settings of a job, each of which a stream may say otherwise for itself."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_policy: SchemaPolicy = SchemaPolicy.EVOLVE
    new_streams: NewStreams = NewStreams.NOTIFY
    checksums: bool = False

    @field_validator("schema_policy", mode="before")
    @classmethod
    def _translate(cls, value: Any) -> Any:
        return policy_word(value)


def policy_word(value: Any) -> Any:
    """Return a schema policy in our words, whatever else unchanged."""
    return SYNONYMS.get(value, value) if isinstance(value, str) else value


def demand_settings(config: Mapping[str, Any]) -> None:
    """Refuse settings that are none before they are saved."""
    if not isinstance(config.get("settings", {}), (dict, type(None))):
        raise ConfigError("config.settings must be an object", field="config.settings")
    rules(config)


def rules(config: Mapping[str, Any]) -> Rules:
    """Return the rules of a job's config; ConfigError names the setting that is wrong."""
    said = config.get("settings") or {}
    if not isinstance(said, dict):
        raise ConfigError("config.settings must be an object", field="config.settings")
    try:
        return Rules.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(["config.settings", *map(str, first["loc"])])
        raise ConfigError(f"{field}: {first['msg']}", field=field) from None

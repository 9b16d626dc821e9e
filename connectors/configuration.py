"""From a flat dictionary to a connector's Settings and Options, and back without its secrets.

A task's `loader_config` or a node's `config` is one flat object: `{"type": "duckdb", "db_path": …,
"table_name": …}`. Its fields are split by name; what no model knows is an error that names the
known ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import AliasChoices, AliasPath, BaseModel, ValidationError

from connectors import registry
from connectors.base import Connector, Destination, Options, Source, WriteOptions
from connectors.errors import ConfigError

Role = Literal["source", "destination"]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Configuration:
    """One flat dictionary, split; `settings` is None where a saved connection is named."""

    connector: type[Connector]
    settings: dict[str, Any] | None
    options: dict[str, Any]
    connection: str | None


def spellings(model: type[BaseModel]) -> dict[str, str]:
    """Map every accepted top-level key of a model to its field name."""
    found: dict[str, str] = {}
    for name, field in model.model_fields.items():
        found[name] = name
        choices = field.validation_alias or field.alias
        for choice in choices.choices if isinstance(choices, AliasChoices) else [choices]:
            key = choice.path[0] if isinstance(choice, AliasPath) else choice
            if isinstance(key, str):
                found[key] = name
    return found


def split(config: Mapping[str, Any], role: Role) -> Configuration:
    """Split a flat dictionary by field name, and check names and values of both halves."""
    flat = dict(config)
    plugin = _plugin(flat.pop("type", None), role)
    connection = flat.pop("connection_id", None)
    options_model = _options_model(plugin, role)
    known_settings, known_options = spellings(plugin.Settings), spellings(options_model)
    unknown = [key for key in flat if key not in known_settings and key not in known_options]
    if unknown:
        known = ", ".join(sorted({*known_settings, *known_options}))
        raise ConfigError(
            f"{plugin.name} does not know the setting {unknown[0]!r}; known: {known}",
            field=unknown[0],
        )
    settings = {key: value for key, value in flat.items() if key in known_settings}
    options = {key: value for key, value in flat.items() if key not in settings}
    _refuse_doubles(settings, known_settings)
    _refuse_doubles(options, known_options)
    if connection is not None and settings:
        raise ConfigError(
            "Give `connection_id` or inline settings, not both", field="connection_id"
        )
    _check_mode(plugin, validate(options_model, options))
    if connection is None:
        validate(plugin.Settings, settings)
    saved = None if connection is None else str(connection)
    return Configuration(plugin, settings if connection is None else None, options, saved)


def validate(model: type[Model], values: Mapping[str, Any]) -> Model:
    """Return the model of these values, or raise ConfigError that names the first field at fault."""
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        path = ".".join(str(piece) for piece in first["loc"])
        text = first["msg"].removeprefix("Value error, ")
        raise ConfigError(f"{path}: {text}" if path else text, field=path or None) from None


def _refuse_doubles(given: Mapping[str, Any], fields: Mapping[str, str]) -> None:
    """Refuse two spellings of one field; which of them is meant cannot be known."""
    first: dict[str, str] = {}
    for key in given:
        other = first.setdefault(fields[key], key)
        if other != key:
            raise ConfigError(f"`{other}` and `{key}` mean the same; give one of them", field=key)


def _check_mode(plugin: type[Connector], options: Options) -> None:
    if not (isinstance(options, WriteOptions) and issubclass(plugin, Destination)):
        return
    if options.mode not in plugin.write_modes:
        offered = ", ".join(sorted(plugin.write_modes))
        raise ConfigError(
            f"{plugin.name} does not offer {options.mode.value!r}; it offers: {offered}",
            field="mode",
        )
    if options.evolve and not plugin.evolves:
        raise ConfigError(
            f"{plugin.name} cannot change the columns of a target; leave `evolve` out and use "
            "write mode 'replace' where columns change",
            field="evolve",
        )


def _plugin(name: object, role: Role) -> type[Connector]:
    if not isinstance(name, str):
        known = ", ".join(registry.names())
        raise ConfigError(f"`type` is missing; known connectors: {known}", field="type")
    return registry.source(name) if role == "source" else registry.destination(name)


def _options_model(plugin: type[Connector], role: Role) -> type[Options]:
    if role == "source":
        assert issubclass(plugin, Source)
        return plugin.ReadOptions
    assert issubclass(plugin, Destination)
    return plugin.WriteOptions

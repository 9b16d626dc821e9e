"""What every connector of the registry must keep, whoever wrote it."""

import json
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from connectors import registry
from connectors.base import Connector, Destination, Source, WriteMode
from connectors.configuration import spellings, split, validate
from connectors.errors import ConfigError
from tests.contract.subjects import SOURCES, access_to, fill

EVERY = pytest.mark.parametrize("name", registry.names())


def models(plugin: type[Connector]) -> list[type[BaseModel]]:
    halves: list[type[BaseModel]] = [plugin.Settings]
    halves += [plugin.ReadOptions] if issubclass(plugin, Source) else []
    halves += [plugin.WriteOptions] if issubclass(plugin, Destination) else []
    return halves


@EVERY
def test_a_connector_is_named_like_its_file_and_can_be_read_or_written(name):
    plugin = registry.connector(name)
    assert plugin.name == name == plugin.__module__.rpartition(".")[2]
    assert issubclass(plugin, Source | Destination)
    assert plugin.label
    assert plugin.description.endswith(".")


@EVERY
def test_every_alias_leads_to_its_connector(name):
    for alias in registry.connector(name).aliases:
        assert registry.connector(alias) is registry.connector(name)


@EVERY
def test_every_field_has_a_title_and_unknown_fields_are_refused(name):
    for model in models(registry.connector(name)):
        for field_name, field in model.model_fields.items():
            assert field.title, f"{model.__name__}.{field_name} needs a title"
        with pytest.raises(ValidationError):
            model.model_validate({"no_such_field": 1})


@EVERY
def test_settings_and_options_never_share_a_spelling(name):
    settings, *halves = models(registry.connector(name))
    for half in halves:
        assert not spellings(settings).keys() & spellings(half).keys()


@EVERY
def test_the_json_schema_of_every_model_is_plain_json(name):
    for model in models(registry.connector(name)):
        schema = json.loads(json.dumps(model.model_json_schema()))
        assert schema["additionalProperties"] is False


@EVERY
def test_fields_that_sound_secret_are_secret(name):
    for field_name, field in registry.connector(name).Settings.model_fields.items():
        if any(word in field_name for word in ("password", "secret", "token")):
            assert SecretStr.__name__ in str(field.annotation), field_name


@EVERY
def test_the_example_is_a_valid_configuration(name, tmp_path, request):
    plugin = registry.connector(name)
    config = {"type": name, **fill(plugin.example, tmp_path, request)}
    role = "source" if issubclass(plugin, Source) else "destination"
    assert split(config, role).connector is plugin


@EVERY
def test_an_unknown_setting_is_refused_with_the_known_ones(name, tmp_path, request):
    plugin = registry.connector(name)
    role = "source" if issubclass(plugin, Source) else "destination"
    config = {"type": name, **fill(plugin.example, tmp_path, request), "no_such_setting": 1}
    with pytest.raises(ConfigError, match=r"no_such_setting.*known: ") as caught:
        split(config, role)
    assert caught.value.field == "no_such_setting"


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_that_cannot_be_reached_says_so_in_its_checks(name, tmp_path: Path, request):
    plugin = registry.source(name)
    config = fill(plugin.example, tmp_path / "nowhere", request)
    known = spellings(plugin.Settings)
    settings = {key: value for key, value in config.items() if key in known}
    source = plugin(validate(plugin.Settings, settings), access_to(tmp_path))
    try:
        report = source.check()
    finally:
        source.close()
    assert report.checks
    for check in report.checks:
        assert check.passed or (check.message and check.hint)


def test_an_unknown_connector_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match="Unknown connector 'nothing'; known: api, "):
        registry.connector("nothing")


def test_a_connector_that_cannot_be_written_says_which_can():
    with pytest.raises(ConfigError, match=r"'api' cannot be written; known: .*csv, "):
        registry.destination("api")


def test_a_write_mode_that_the_connector_does_not_offer_is_refused(tmp_path):
    offered = registry.destination("csv").write_modes
    assert WriteMode.UPSERT not in offered
    config = {"type": "csv", "path": str(tmp_path / "a.csv"), "mode": "upsert", "key": ["id"]}
    with pytest.raises(ConfigError, match="csv does not offer 'upsert'; it offers: append"):
        split(config, "destination")

"""Secrets inside of configurations: found, masked, sealed, laid open."""

import json
from typing import Annotated, Any

import pytest
from cryptography.fernet import Fernet, MultiFernet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import AliasChoices, AliasPath, BaseModel, Field, SecretStr

from connectors import base
from connectors.errors import ConfigError
from connectors.secrets import MASK, is_secret_name, mask, seal, secret_names, unmask, unseal, veil

BOX = MultiFernet([Fernet(Fernet.generate_key())])


class Key(BaseModel):
    """One of several members with a secret of its own."""

    id: str
    private: SecretStr


class Tunnel(BaseModel):
    """A member that may be missing."""

    host: str
    password: SecretStr | None = None


class Settings(BaseModel):
    """Every way in which a secret can lie in a configuration."""

    host: str
    token_url: str = ""
    password: Annotated[SecretStr | None, Field(title="Password")] = Field(
        None, validation_alias=AliasChoices("password", "pass", AliasPath("login", "password"))
    )
    mode: str = Field("", validation_alias=AliasChoices("mode", AliasPath("ssl", "mode")))
    tunnel: Tunnel | None = None
    keys: list[Key] = []
    headers: dict[str, str | SecretStr] = {}
    body_secrets: dict[str, SecretStr] = {}
    extra: dict[str, Any] = {}


FULL = {
    "host": "db",
    "token_url": "https://x/token",
    "pass": "p1",
    "ssl": {"mode": "require"},
    "tunnel": {"host": "t", "password": "p2"},
    "keys": [{"id": "a", "private": "p3"}, {"id": "b", "private": "p4"}],
    "headers": {"Authorization": "Bearer p5", "Accept": "text/csv"},
    "body_secrets": {"anything": "p6"},
    "extra": {"deep": [{"api_key": "p7", "page_token": "next"}], "retries": 3},
}


def test_the_mask_covers_every_secret_and_nothing_else():
    assert mask(Settings, FULL) == {
        "host": "db",
        "token_url": "https://x/token",
        "pass": MASK,
        "ssl": {"mode": "require"},
        "tunnel": {"host": "t", "password": MASK},
        "keys": [{"id": "a", "private": MASK}, {"id": "b", "private": MASK}],
        "headers": {"Authorization": MASK, "Accept": "text/csv"},
        "body_secrets": {"anything": MASK},
        "extra": {"deep": [{"api_key": MASK, "page_token": "next"}], "retries": 3},
    }


def test_a_secret_under_a_nested_spelling_is_found():
    assert mask(Settings, {"login": {"password": "p", "user": "me"}}) == {
        "login": {"password": MASK, "user": "me"}
    }


def test_a_secret_under_a_name_that_no_model_knows_is_masked_too():
    assert mask(Settings, {"db_password": "p", "colour": "red"}) == {
        "db_password": MASK,
        "colour": "red",
    }


def test_a_secret_that_is_not_set_is_not_masked():
    values = {"password": None, "tunnel": {"host": "t", "password": ""}, "headers": {}}
    assert mask(Settings, values) == values
    assert seal(Settings, values, BOX) == values


def test_a_mask_that_is_sent_back_keeps_the_stored_secret_under_any_spelling():
    new = {**mask(Settings, FULL), "host": "other", "password": MASK}
    del new["pass"]
    expected = {**FULL, "host": "other", "password": "p1"}
    del expected["pass"]
    assert unmask(Settings, new, FULL) == expected
    changed = {"password": "new", "headers": {"Authorization": MASK}}
    assert unmask(Settings, changed, FULL) == {
        "password": "new",
        "headers": {"Authorization": "Bearer p5"},
    }


def test_a_mask_that_stands_for_nothing_is_refused_by_name():
    with pytest.raises(ConfigError, match=r"tunnel\.password.*none is") as caught:
        unmask(Settings, {"tunnel": {"host": "t", "password": MASK}}, {"password": "p"})
    assert caught.value.field == "tunnel.password"


class Strict(base.Settings):
    """A connector's settings that do not say which of their fields lead elsewhere."""

    place: str
    password: SecretStr
    authority: SecretStr | None = None
    patience: int = 5


@pytest.mark.parametrize("change", [{"place": "b"}, {"authority": "mine"}, {"patience": 6}])
def test_settings_that_do_not_say_where_they_lead_keep_a_secret_for_no_change(change):
    stored = {"place": "a", "password": "p1", "authority": "theirs"}
    masked = mask(Strict, stored)
    assert unmask(Strict, masked, stored) == stored
    with pytest.raises(ConfigError, match=f"only where {next(iter(change))} stays") as caught:
        unmask(Strict, masked | change, stored)
    assert caught.value.field in ("password", "authority")


def test_a_sealed_configuration_shows_no_secret_and_opens_again():
    sealed = seal(Settings, FULL, BOX)
    text = json.dumps(sealed)
    assert not [secret for secret in ("p1", "p2", "Bearer p5") if f'"{secret}"' in text]
    assert sealed["pass"].keys() == {"$sealed"}
    assert (sealed["host"], sealed["ssl"]) == ("db", {"mode": "require"})
    assert unseal(sealed, BOX) == FULL


def test_a_secret_sealed_with_an_older_key_opens_and_one_with_a_lost_key_is_named():
    old, new = Fernet(Fernet.generate_key()), Fernet(Fernet.generate_key())
    sealed = seal(Settings, {"tunnel": {"host": "t", "password": "p"}}, MultiFernet([old]))
    assert unseal(sealed, MultiFernet([new, old]))["tunnel"]["password"] == "p"
    with pytest.raises(ConfigError, match=r"tunnel\.password.*FERNET_KEYS"):
        unseal(sealed, MultiFernet([new]))


def test_nobody_can_send_a_sealed_value():
    with pytest.raises(ConfigError, match="sealed"):
        seal(Settings, {"extra": {"x": [{"$sealed": "gAAAA"}]}}, BOX)


def test_the_secret_fields_of_a_model_are_named_by_path():
    assert secret_names(Settings) == [
        "body_secrets.*",
        "headers.*",
        "keys.*.private",
        "password",
        "tunnel.password",
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("Authorization", "Proxy-Authorization", "X-API-Key", "apikey", "apiKey", "api_key"),
        *("X-Auth-Token", "access_token", "token", "Cookie", "Set-Cookie", "client_secret"),
        *("password", "dbPassword", "privateKey", "X-Amz-Signature", "sig", "key", "X-Auth"),
        *("Ocp-Apim-Subscription-Key", "PRIVATE-TOKEN", "sessionid", "X-Vault-Token"),
    ],
)
def test_a_name_that_sounds_secret_is_taken_for_one(name):
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("Accept", "Content-Type", "page_token", "nextToken", "continuation-token", "sort_key"),
        *("token_type", "primary_key", "author", "keyword", "monkey", "tokens_used", "", "-"),
    ],
)
def test_a_name_that_only_resembles_a_secret_is_not_taken_for_one(name):
    assert not is_secret_name(name)


names = st.sampled_from(["host", "password", "token", "x", "Authorization", "page_token", "id"])
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
tops = st.sampled_from(
    ["host", "password", "pass", "login", "tunnel", "keys", "headers", "body_secrets", "extra", "y"]
)
SPELLINGS = {"password", "pass", "login"}
# A configuration spells a field once.
configurations = st.dictionaries(tops, anything, max_size=4).filter(
    lambda values: len(SPELLINGS & values.keys()) < 2
)
# The machine may be busy; that is no finding.
patient = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@patient
@given(configurations)
def test_what_was_sealed_opens_to_the_very_same_json(values):
    opened = unseal(json.loads(json.dumps(seal(Settings, values, BOX))), BOX)
    assert json.dumps(opened) == json.dumps(values)


@patient
@given(configurations)
def test_what_was_masked_and_sent_back_is_the_very_same_json(values):
    masked = mask(Settings, values)
    assert mask(Settings, masked) == masked
    assert json.dumps(unmask(Settings, masked, values)) == json.dumps(values)


@patient
@given(configurations)
def test_masking_and_sealing_find_the_same_secrets(values):
    def shape(value):
        if isinstance(value, dict):
            return "*" if value.keys() == {"$sealed"} else {k: shape(v) for k, v in value.items()}
        if isinstance(value, list):
            return [shape(item) for item in value]
        return "*" if value == MASK else value

    assert shape(seal(Settings, values, BOX)) == shape(mask(Settings, values))


def test_a_veil_hides_what_is_sealed_wherever_it_is_and_nothing_else():
    plan = {"steps": [{"url": "https://x", "key": {"$sealed": "gAAA"}}, ({"$sealed": "b"}, 3)]}
    assert veil(plan) == {"steps": [{"url": "https://x", "key": MASK}, [MASK, 3]]}

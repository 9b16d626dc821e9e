"""`********` keeps a stored secret, and never lets it be sent to another server."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors import registry, sealing
from connectors.configuration import spellings
from connectors.errors import ConfigError
from connectors.secrets import MASK, secret_names

DATABASE = {"host": "db.example", "database": "shop", "username": "me", "password": "s3cret"}
MONGODB = {
    "hosts": ["db.example"],
    "database": "shop",
    "username": "me",
    "password": "s3cret",
}
API = {"url": "https://api.example/v1", "auth": "bearer", "token": "s3cret"}
FILES = {
    "path": "s3://bucket/in/a.x",
    "endpoint_url": "https://s3.example",
    "region": "eu-1",
    "access_key_id": "me",
    "secret_access_key": "s3cret",
}
SERVER_ELSEWHERE: list[Mapping[str, Any]] = [
    {"host": "evil.example"},
    {"port": 5433},
    {"ssl_mode": "disable"},
    {"ssl": {"mode": "require"}},
    {"ssl_root": "the certificate of somebody else"},
]
SERVER_NEARBY: list[Mapping[str, Any]] = [
    {},
    {"database": "other"},
    {"username": "you"},
    {"sslmode": "prefer"},
    {"ssl_key": "another secret"},
]
# What is stored, what would lead its secret elsewhere, and what may change while it is kept.
Changes = list[Mapping[str, Any]]
CASES: dict[str, tuple[Mapping[str, Any], Changes, Changes]] = {
    "postgres": (
        DATABASE,
        [*SERVER_ELSEWHERE, {"ssl": {"mode": "allow"}}],
        [*SERVER_NEARBY, {"port": 5432}],
    ),
    "mysql": (DATABASE, SERVER_ELSEWHERE, [*SERVER_NEARBY, {"port": 3306}]),
    "mongodb": (
        MONGODB,
        [
            {"hosts": ["evil.example"]},
            {"hosts": ["db.example", "evil.example"]},
            {"port": 27018},
            {"srv": True},
            {"ssl": {"mode": "require"}},
            {"ssl_root": "the certificate of somebody else"},
            {"additional_params": {"authMechanism": "PLAIN"}},
        ],
        [
            *({}, {"database": "other"}, {"username": "you"}, {"authdb": "shop"}),
            *({"hosts": ["db.example:27017"]}, {"ssl_key": "another secret"}, {"sample": 5}),
        ],
    ),
    "api": (
        API,
        [
            {"url": "https://evil.example/v1"},
            {"url": "http://api.example/v1"},
            {"url": "https://api.example/tenants/evil"},
            {"url": "https://api.example:444/v1"},
        ],
        [{}, {"timeout": 5}, {"headers": {"Accept": "text/csv"}}, {"params": {"page": 1}}],
    ),
    "iceberg": (
        {
            "uri": "postgresql://db.example/iceberg",
            "username": "me",
            "password": "s3cret",
            "warehouse": "s3://bucket/lake",
        },
        [
            {"uri": "postgresql://evil.example/iceberg"},
            {"catalog_type": "rest", "uri": "https://evil.example"},
            {"warehouse": "s3://evil/lake"},
            {"endpoint_url": "https://evil.example"},
            {"oauth2_uri": "https://evil.example"},
        ],
        [{}, {"username": "you"}, {"warehouse": "s3://bucket/other"}, {"database": "other"}],
    ),
    "sftp": (
        {"host": "db.example", "username": "me", "password": "s3cret", "format": "csv"},
        [{"host": "evil.example"}, {"port": 2222}, {"host_key": "SHA256:" + "A" * 43}],
        [{}, {"path": "other"}, {"username": "you"}, {"port": 22}],
    ),
    "s3": (
        {
            "bucket_name": "bucket",
            "format": "csv",
            "endpoint": "https://s3.example",
            "access_key_id": "me",
            "secret_access_key": "s3cret",
        },
        [{"endpoint": "https://evil.example"}, {"bucket_name": "evil"}, {"region": "eu-1"}],
        [{}, {"path_prefix": "other"}, {"format": "json"}, {"access_key_id": "you"}],
    ),
    **dict.fromkeys(
        ("arrow", "csv", "delta", "excel", "json", "parquet"),
        (
            FILES,
            [
                {"endpoint_url": "https://evil.example"},
                {"endpoint_url": None},
                {"path": "s3://evil/in/a.x"},
                {"path": "https://evil.example/a.x"},
                {"path": "https://["},
                {"region": "eu-central-1"},
            ],
            [{}, {"path": "s3://bucket/other.x"}, {"access_key_id": "you"}],
        ),
    ),
}
ELSEWHERE = [(name, change) for name, case in CASES.items() for change in case[1]]
NEARBY = [(name, change) for name, case in CASES.items() for change in case[2]]


def changed(name: str, change: Mapping[str, Any]) -> dict[str, Any]:
    """Return what comes back: the masked configuration with one change."""
    config = {"type": name, **CASES[name][0]}
    return {**sealing.mask(config, "source"), **change}


def stored(name: str) -> dict[str, Any]:
    return sealing.seal({"type": name, **CASES[name][0]}, "source")


def test_every_connector_with_secrets_is_among_the_cases():
    secretive = {
        name for name in registry.names() if secret_names(registry.connector(name).Settings)
    }
    assert secretive == set(CASES), "add the connector to CASES: what would lead its secret away?"


@pytest.mark.parametrize(("name", "change"), ELSEWHERE)
def test_a_secret_is_asked_for_anew_where_the_settings_lead_elsewhere(name, change):
    with pytest.raises(ConfigError, match=r"enter it anew") as caught:
        sealing.unmask(changed(name, change), stored(name), "source")
    assert caught.value.field in secret_names(registry.connector(name).Settings)
    assert "s3cret" not in str(caught.value)
    assert "evil" not in str(caught.value)


@pytest.mark.parametrize(("name", "change"), ELSEWHERE)
def test_a_secret_that_is_sent_anew_may_go_anywhere(name, change):
    secret = {key: "new" for key, value in CASES[name][0].items() if value == "s3cret"}
    sent = {**changed(name, change), **secret}
    assert sealing.unmask(sent, stored(name), "source") == sent


@pytest.mark.parametrize(("name", "change"), NEARBY)
def test_a_secret_is_kept_where_the_settings_lead_to_the_same_system(name, change):
    kept = sealing.unmask(changed(name, change), stored(name), "source")
    assert "s3cret" in kept.values()
    assert MASK not in kept.values()


@pytest.mark.parametrize("name", sorted(CASES))
def test_whatever_is_not_said_to_be_harmless_says_where_settings_lead(name):
    model = registry.connector(name).Settings
    told = model.model_validate(dict(CASES[name][0])).reach()
    assert told
    assert told.keys() <= set(spellings(model).values())


@pytest.mark.parametrize(
    ("change", "is_kept"),
    [({"database": "other"}, True), ({"additional_params": {"compressors": "zlib"}}, False)],
)
def test_a_connection_string_is_one_secret(change, is_kept):
    given = {"type": "mongodb", "uri": "mongodb://me:s3cret@db.example/shop"}
    before, sent = sealing.seal(given, "source"), {**sealing.mask(given, "source"), **change}
    assert "s3cret" not in str(sent)
    if is_kept:
        assert sealing.unmask(sent, before, "source") == {**given, **change}
        return
    with pytest.raises(ConfigError, match="enter it anew"):
        sealing.unmask(sent, before, "source")


def test_settings_that_the_connector_takes_no_more_keep_no_secret():
    before = stored("postgres") | {"ssl_mode": "gone"}
    with pytest.raises(ConfigError, match="enter it anew"):
        sealing.unmask(changed("postgres", {}), before, "source")

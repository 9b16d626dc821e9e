"""Config objects as Olake's own clients send them: each key is honoured, harmless, or refused.

docs/connectors/olake-keys.md says the same in prose; a test here keeps the two together.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from connectors import registry
from connectors.configuration import validate
from connectors.errors import ConfigError

DOCS = Path(__file__).parents[2] / "docs/connectors/olake-keys.md"
SSL = {"mode": "verify-full", "server_ca": "CA", "client_cert": "CERT", "client_key": "KEY"}
KEY_TUNNEL = {
    "type": "ssh_key_authentication",
    "host": "jump",
    "port": 22,
    "username": "u",
    "private_key": "pem",
    "passphrase": "p",
}
PASSWORD_TUNNEL = {
    "type": "ssh_password_authentication",
    "host": "jump",
    "port": 22,
    "username": "u",
    "password": "p",
}
POSTGRES = {"host": "db", "port": 5432, "database": "app", "username": "u", "password": "pw"}
MYSQL = {"hosts": "db", "port": 3306, "database": "app", "username": "u", "password": "pw"}
MONGODB = {"hosts": ["db:27017"], "database": "app", "username": "u", "password": "pw"}
S3 = {"s3_bucket": "b", "s3_region": "eu-1", "s3_path": "lake/"}
KEYS = {"s3_access_key": "me", "s3_secret_key": "s"}
JDBC = {
    "catalog_type": "jdbc",
    "jdbc_url": "jdbc:postgresql://db:5432/ice",
    "jdbc_username": "u",
    "jdbc_password": "pw",
    "iceberg_s3_path": "s3://b/lake",
    "aws_region": "eu-1",
}
REST = {
    "catalog_type": "rest",
    "rest_catalog_url": "http://cat:8181",
    "iceberg_s3_path": "s3://b/lake",
    "aws_region": "eu-1",
}
TLS = {"ssl_mode": "verify-full", "ssl_root": "CA", "ssl_certificate": "CERT", "ssl_key": "KEY"}
# A connector, what it needs, a key of Olake's with a value, and what becomes of it.
HONOURED: list[tuple[str, Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]] = [
    ("postgres", POSTGRES, {}, POSTGRES),
    ("postgres", POSTGRES, {"ssl": SSL}, TLS),
    ("postgres", POSTGRES, {"ssl": {"mode": "disable"}}, {"ssl_mode": "disable"}),
    ("postgres", POSTGRES, {"schemas": ["public", "shop"]}, {"schemas": ("public", "shop")}),
    ("postgres", POSTGRES, {"max_threads": 50}, {"sessions": 50}),
    ("mysql", MYSQL, {}, {**{k: v for k, v in MYSQL.items() if k != "hosts"}, "host": "db"}),
    ("mysql", MYSQL, {"ssl": SSL}, TLS),
    ("mysql", MYSQL, {"max_threads": 3}, {"sessions": 3}),
    ("mysql", MYSQL, {"max_threads": 50}, {"sessions": 16}),
    ("mongodb", MONGODB, {}, {"hosts": ("db:27017",), "read_preference": "secondaryPreferred"}),
    ("mongodb", MONGODB, {"hosts": "a:1,b:2"}, {"hosts": ("a:1", "b:2")}),
    ("mongodb", MONGODB, {"authdb": "shop"}, {"authdb": "shop"}),
    ("mongodb", MONGODB, {"replica_set": "rs0"}, {"replica_set": "rs0"}),
    ("mongodb", MONGODB, {"replica_set": ""}, {"replica_set": ""}),
    ("mongodb", MONGODB, {"read_preference": "primary"}, {"read_preference": "primary"}),
    ("mongodb", MONGODB, {"srv": True}, {"srv": True, "ssl_mode": None}),
    ("mongodb", MONGODB, {"ssl": SSL}, TLS),
    ("mongodb", MONGODB, {"ssl": True}, {"ssl_mode": "verify-full"}),
    (
        "mongodb",
        MONGODB,
        {"additional_params": {"directConnection": True}},
        {"additional_params": {"directConnection": "true"}},
    ),
    (
        "PARQUET",
        {"writer": {**S3, **KEYS, "s3_endpoint": "http://store:9000"}},
        {},
        {
            "path": "s3://b/lake/",
            "region": "eu-1",
            "access_key_id": "me",
            "secret_access_key": "s",
            "endpoint_url": "http://store:9000",
        },
    ),
    ("parquet", {"type": "PARQUET", "writer": S3}, {}, {"path": "s3://b/lake/"}),
    ("parquet", {"writer": {"local_path": "/data/lake"}}, {}, {"path": "/data/lake"}),
    (
        "ICEBERG",
        {"writer": JDBC},
        {},
        {
            "catalog_type": "sql",
            "uri": "postgresql://db:5432/ice",
            "username": "u",
            "password": "pw",
            "warehouse": "s3://b/lake",
            "region": "eu-1",
        },
    ),
    (
        "iceberg",
        {
            "writer": {
                **JDBC,
                "iceberg_db": "shop",
                "catalog_name": "olake_iceberg",
                "s3_endpoint": "http://store:9000",
                "aws_access_key": "me",
                "aws_secret_key": "s",
            }
        },
        {},
        {
            "database": "shop",
            "catalog_name": "olake_iceberg",
            "endpoint_url": "http://store:9000",
            "access_key_id": "me",
            "secret_access_key": "s",
        },
    ),
    (
        "iceberg",
        {"writer": {**REST, "token": "t", "credential": "c:s", "oauth2_uri": "http://o/token"}},
        {},
        {
            "catalog_type": "rest",
            "uri": "http://cat:8181",
            "token": "t",
            "credential": "c:s",
            "oauth2_uri": "http://o/token",
        },
    ),
    ("iceberg", {"writer": {**REST, "scope": "catalog"}}, {}, {"scope": "catalog"}),
    ("iceberg", {"writer": {**REST, "catalog_type": "lakekeeper"}}, {}, {"catalog_type": "rest"}),
    ("iceberg", {"writer": {**REST, "catalog_type": "polaris"}}, {}, {"catalog_type": "rest"}),
]
CDC = {
    "type": "CDC",
    "replication_slot": "slot1",
    "publication": "pub1",
    "initial_wait_time": 120,
}
# What changes no row: it is taken, and passed over.
HARMLESS: list[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = [
    *(
        (name, needed, extra)
        for name, needed in (("postgres", POSTGRES), ("mysql", MYSQL), ("mongodb", MONGODB))
        for extra in (
            {"ssh_config": {"type": "no_tunnel"}},
            {"ssh_config": None},
            {"update_method": {"type": "Standalone"}},
            {"update_method": CDC},
            {"retry_count": 3},
            {"backoff_retry_count": 3},
        )
    ),
    ("postgres", POSTGRES, {"jdbc_url_params": {"connect_timeout": "20"}}),
    ("postgres", POSTGRES, {"jdbc_url_params": {}}),
    ("mysql", MYSQL, {"jdbc_url_params": {"connectTimeout": "20"}}),
    ("mysql", MYSQL, {"jdbc_url_params": None}),
    ("mongodb", MONGODB, {"use_iam": False}),
    ("mongodb", MONGODB, {"chunking_strategy": "Split Vector"}),
    ("mongodb", MONGODB, {"chunking_strategy": "Timestamp"}),
    ("mongodb", MONGODB, {"max_threads": 3}),
    ("mongodb", MONGODB, {"additional_params": {"retryWrites": "true", "w": 1}}),
    ("parquet", {"writer": {**S3, "max_file_size_mb": 512}}, {}),
    *(
        ("iceberg", {"writer": {**JDBC, **extra}}, {})
        for extra in (
            {"arrow_writes": True},
            {"no_identifier_fields": False},
            {"rest_auth_type": "Token"},
            {"s3_path_style": True},
            {"s3_use_ssl": False},
            {"rest_signing_v_4": False},
        )
    ),
]
# What would change what happens, and cannot be done: the sentence says what can.
REFUSED: list[tuple[str, Mapping[str, Any], Mapping[str, Any], str]] = [
    *(
        (name, needed, {"ssh_config": tunnel}, "open one outside, and name its end as the host")
        for name, needed in (("postgres", POSTGRES), ("mysql", MYSQL), ("mongodb", MONGODB))
        for tunnel in (KEY_TUNNEL, PASSWORD_TUNNEL)
    ),
    ("postgres", POSTGRES, {"update_method": {"type": "x"}}, '"Standalone" or "CDC"'),
    ("postgres", POSTGRES, {"jdbc_url_params": {"sslmode": "x"}}, "say it with `ssl_mode`"),
    ("postgres", POSTGRES, {"jdbc_url_params": {"search_path": "x"}}, "say it with `schemas`"),
    ("postgres", POSTGRES, {"jdbc_url_params": {"options": "x"}}, "means nothing here"),
    ("mysql", MYSQL, {"jdbc_url_params": {"zeroDateTimeBehavior": "x"}}, "`zero_dates`"),
    ("mysql", MYSQL, {"jdbc_url_params": {"serverTimezone": "x"}}, "leave it out"),
    ("mongodb", MONGODB, {"use_iam": True}, "make a user with a password"),
    ("mongodb", MONGODB, {"additional_params": {"tlsCAFile": "/x"}}, "not among the parameters"),
    ("parquet", {"writer": {**S3, "local_path": "/x"}}, {}, "either `s3_bucket`"),
    ("parquet", {"writer": {"s3_path": "x"}}, {}, "either `s3_bucket`"),
    ("parquet", {"writer": {**S3, "s3_access_key": "me"}}, {}, "go together"),
    ("parquet", {"writer": {**S3, "normalization": False}}, {}, "`writer.normalization` means"),
    ("iceberg", {"writer": {**JDBC, "rest_signing_name": "x"}}, {}, "use `token`"),
    ("iceberg", {"writer": {**REST, "rest_signing_region": "x"}}, {}, "use `token`"),
    ("iceberg", {"writer": {**REST, "rest_signing_v_4": True}}, {}, "use `token`"),
    ("iceberg", {"writer": {**REST, "gcp_project_id": "x"}}, {}, "use `token`"),
    ("iceberg", {"writer": {"iceberg_s3_path": "s3://b/x"}}, {}, "`catalog_type` must be said"),
    ("iceberg", {"writer": {**JDBC, "jdbc_url": "jdbc:mysql://db/x"}}, {}, "postgresql://"),
    *(
        ("iceberg", {"writer": {**REST, "catalog_type": kind}}, {}, "offered are sql (jdbc)")
        for kind in ("glue", "hive", "nessie", "s3tables", "unity", "biglake")
    ),
]


def taken(name: str, needed: Mapping[str, Any], extra: Mapping[str, Any]) -> Any:
    """Return the settings of such a config."""
    given = {key: value for key, value in {**needed, **extra}.items() if key != "type"}
    return validate(registry.connector(name).Settings, given)


def plain(value: Any) -> Any:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


@pytest.mark.parametrize(("name", "needed", "extra", "becomes"), HONOURED)
def test_a_key_of_olakes_does_what_it_says(name, needed, extra, becomes):
    settings = taken(name, needed, extra)
    assert {field: plain(getattr(settings, field)) for field in becomes} == dict(becomes)


@pytest.mark.parametrize(("name", "needed", "extra"), HARMLESS)
def test_a_key_that_changes_no_row_is_taken(name, needed, extra):
    settings = taken(name, needed, extra)
    bare = {**needed, "writer": JDBC if name == "iceberg" else S3} if "writer" in needed else needed
    assert settings.reach() == taken(name, bare, {}).reach() or "additional_params" in extra


@pytest.mark.parametrize(("name", "needed", "extra", "told"), REFUSED)
def test_what_cannot_be_done_is_refused_with_a_way_out(name, needed, extra, told):
    with pytest.raises(ConfigError) as caught:
        taken(name, needed, extra)
    assert told in caught.value.message
    assert "Extra inputs" not in caught.value.message


def test_the_page_of_the_docs_names_every_key_that_is_tried_here():
    page = DOCS.read_text()
    cases = [*HONOURED, *HARMLESS, *REFUSED]
    keys = {key for case in cases for part in case[1:3] for key in (part.get("writer") or part)}
    missing = sorted(key for key in keys - {"type"} if f"`{key}`" not in page)
    assert not missing


def test_the_schemas_limit_what_is_listed(postgres_url, tmp_path):
    import psycopg

    from connectors.library.postgres import Postgres
    from connectors.tests.loads import access_to
    from connectors.tests.postgres.conftest import settings_of

    with psycopg.connect(postgres_url, autocommit=True) as sql:
        sql.execute(
            "CREATE SCHEMA shop; CREATE TABLE shop.orders (id int); CREATE TABLE a (id int)"
        )

    def asked(*schemas: str) -> tuple[set[str], Any]:
        given = {**settings_of(postgres_url), "schemas": schemas, "update_method": CDC}
        source = Postgres(validate(Postgres.Settings, given), access_to(tmp_path))
        try:
            return {stream.name for stream in source.discover()}, source.check()
        finally:
            source.close()

    assert asked()[0] == {"orders", "a"}
    names, report = asked("shop")
    assert names == {"orders"}
    assert report.checks[1].message == "1 tables and views can be read"
    assert "there is no" not in report.checks[1].message
    assert "change data capture is not there yet" in report.checks[0].message
    names, report = asked("shop", "gone")
    assert not report.passed
    assert report.checks[1].message == "There is no schema 'gone'"

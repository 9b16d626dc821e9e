"""Catalogs in SQLite and PostgreSQL, files in folders and buckets, and what none may reach."""

from dataclasses import replace
from urllib.parse import urlsplit

import polars as pl
import pytest

from connectors.configuration import split, validate
from connectors.errors import ConfigError, LeaseLost
from connectors.library.iceberg import Iceberg
from connectors.secrets import mask
from connectors.tests.iceberg.conftest import LOOPBACK
from connectors.tests.loads import System, access_to

ROWS = pl.DataFrame({"id": [1, 2, 3], "name": ["a", "b", "c"]})
OLAKE = {
    "type": "ICEBERG",
    "writer": {
        "catalog_type": "jdbc",
        "catalog_name": "olake_iceberg",
        "jdbc_url": "jdbc:postgresql://db.example:5432/iceberg",
        "jdbc_username": "me",
        "jdbc_password": "s3cret",
        "iceberg_s3_path": "s3://bucket/warehouse",
        "iceberg_db": "lake",
        "s3_endpoint": "https://s3.example",
        "aws_region": "eu-1",
        "aws_access_key": "me",
        "aws_secret_key": "s3cret",
        "arrow_writes": True,
    },
}


def works_in_every_mode(system):
    system.load(ROWS, table="t")
    system.load(ROWS.with_columns(pl.col("id") + 10), table="t", mode="append")
    system.load(ROWS.with_columns(name=pl.lit("new")), table="t", mode="upsert", key=["id"])
    assert system.read(table="t").sort("id")["name"].to_list() == ["new"] * 3 + ["a", "b", "c"]
    system.load(ROWS, table="t", mode="replace", run="r")
    assert system.read(table="t").equals(ROWS)
    assert system.marker(table="t").run == "r"
    assert list(system.discover()) == ["t"]
    _, state = system.read_on(table="t", cursor="id")
    assert system.read(state, table="t", cursor="id").height == 0
    with pytest.raises(ConfigError, match="exists"):
        system.load(ROWS, table="t", mode="error")
    with system.opened() as connector:
        assert connector.check().passed


def test_files_may_lie_in_a_bucket(bucket, s3_store):
    works_in_every_mode(bucket)
    client = s3_store.client()
    found = client.list_objects_v2(Bucket=s3_store.bucket, Prefix="deep/lake/default/t/")
    client.close()
    assert not [item["Key"] for item in found["Contents"] if "/.millrace/" in item["Key"]]


def test_a_stale_worker_commits_nothing_in_a_bucket(bucket):
    def overtake():
        bucket.load(ROWS, table="t", run="later", mode="append", fence=3)

    with pytest.raises(LeaseLost):
        bucket.load(ROWS, table="t", fence=2, before_commit=overtake)
    assert bucket.read(table="t").height == 3


def test_the_catalog_may_be_a_postgresql_database(files, postgres_url):
    url = urlsplit(postgres_url)
    works_in_every_mode(
        System(
            Iceberg,
            replace(access_to(files), networks=LOOPBACK),
            uri=f"postgresql://{url.hostname}:{url.port}{url.path}",
            username=url.username,
            password=url.password or None,
        )
    )


def test_namespaces_keep_tables_apart(lake):
    lake.load(ROWS, table="a.t")
    lake.load(ROWS.head(1), table="t", namespace="b")
    assert list(lake.discover()) == ["a.t", "b.t"]
    assert lake.read(table="t", namespace="a").height == 3
    assert lake.read(table="b.t").height == 1
    with pytest.raises(ConfigError, match=r"no table 't'; known: a.t, b.t"):
        lake.read(table="t")
    for name in ("../t", "a/b", "x.y.z", ""):
        with pytest.raises(ConfigError):
            lake.load(ROWS, table=name)


def test_olakes_configuration_is_taken_as_it_is():
    parsed = split({**OLAKE, "table": "t"}, "destination")
    settings = validate(Iceberg.Settings, parsed.settings)
    assert settings.catalog_type == "sql"
    assert settings.uri == "postgresql://db.example:5432/iceberg"
    assert settings.warehouse == "s3://bucket/warehouse"
    assert settings.database == "lake"
    assert "s3cret" not in str(mask(Iceberg.Settings, parsed.settings))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"writer": {"catalog_type": "glue"}}, "catalogs of glue are not supported"),
        ({"writer": {}}, "`catalog_type` must be said"),
        (
            {"writer": {"catalog_type": "jdbc", "hive_clients": 5}},
            "`writer.hive_clients` means nothing here",
        ),
        ({"uri": "postgresql://me:pw@host/db"}, "put user and password into"),
        ({"uri": "mysql://host/db"}, "a path or postgresql"),
        ({"catalog_type": "rest"}, "begins with http"),
        ({"access_key_id": "me"}, "go together"),
    ],
)
def test_settings_that_cannot_be_are_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        validate(Iceberg.Settings, change)


@pytest.mark.parametrize(
    "settings",
    [
        {"uri": "../outside.sqlite3"},
        {"warehouse": "/etc"},
        {"catalog_type": "rest", "uri": "http://127.0.0.1:1/"},
    ],
)
def test_places_that_are_closed_are_refused_when_they_are_saved(lake, settings):
    lake.settings.update(settings)
    with lake.opened() as connector:
        with pytest.raises(ConfigError):
            connector.judge()
        assert not connector.check().passed


def test_a_store_in_a_closed_network_is_refused(bucket):
    bucket.access = replace(bucket.access, networks=())
    with bucket.opened() as connector, pytest.raises(ConfigError) as caught:
        connector.discover()
    assert caught.value.field == "endpoint_url"


def test_a_catalog_that_names_files_elsewhere_is_refused(lake, files):
    outside = files.parent / "outside"
    secret = System(Iceberg, access_to(files.parent), uri="c.sqlite3", warehouse="outside")
    secret.load(ROWS, table="t")
    with secret.opened() as connector:
        location = connector.tables.demand(("default", "t")).metadata_location
    assert location.startswith(str(outside))
    lake.load(ROWS, table="own")
    with lake.opened() as connector:
        import sqlalchemy

        with connector.tables.catalog.engine.begin() as connection:
            connection.execute(
                sqlalchemy.text("UPDATE iceberg_tables SET metadata_location = :at"),
                {"at": location},
            )
    with pytest.raises(ConfigError, match="outside of the folders"):
        lake.read(table="own")

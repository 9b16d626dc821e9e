"""A REST catalog is asked for tables, and trusted with nothing else."""

from dataclasses import replace

import polars as pl
import pytest

from connectors.errors import ConfigError, LeaseLost
from connectors.library.iceberg import Iceberg
from connectors.tests.iceberg.conftest import LOOPBACK
from connectors.tests.iceberg.test_catalogs import works_in_every_mode
from connectors.tests.loads import System, access_to
from tests.servers.http import HttpServer, Reply
from tests.servers.iceberg import RestCatalogServer

ROWS = pl.DataFrame({"id": [1, 2, 3], "name": ["a", "b", "c"]})


def system(files, server, **settings):
    access = replace(access_to(files), networks=LOOPBACK)
    settings = {"catalog_type": "rest", "uri": server.url, "token": "s3cret", **settings}
    return System(Iceberg, access, **settings)


def test_a_rest_catalog_holds_tables_in_every_mode(files):
    with RestCatalogServer(files, "s3cret") as server:
        works_in_every_mode(system(files, server))


def test_a_stale_worker_commits_nothing_through_rest(files):
    with RestCatalogServer(files, "s3cret") as server:
        lake = system(files, server)

        def overtake():
            lake.load(ROWS, table="t", run="later", mode="append", fence=3)

        with pytest.raises(LeaseLost):
            lake.load(ROWS, table="t", fence=2, before_commit=overtake)
        assert lake.read(table="t").height == 3


def test_a_wrong_token_is_told_and_not_shown(files):
    with (
        RestCatalogServer(files, "another") as server,
        system(files, server).opened() as connector,
    ):
        report = connector.check()
    assert not report.passed
    assert "refused the log-in" in report.checks[-1].message
    assert "s3cret" not in str(report)


def test_a_server_cannot_choose_programs_hosts_and_keys(files):
    overrides = {
        "uri": "http://169.254.169.254",
        "py-io-impl": "os.system",
        "s3.endpoint": "http://169.254.169.254",
        "auth": "{}",
    }
    with RestCatalogServer(files, "s3cret", **overrides) as server:
        lake = system(files, server)
        lake.load(ROWS, table="t")
        assert lake.read(table="t").equals(ROWS)


def test_a_server_cannot_send_us_into_closed_networks(files):
    with HttpServer() as server:
        there = {"Location": "http://10.0.0.1/v1/config"}
        server.routes["/v1/config"] = lambda _: Reply(status=302, headers=there)
        with (
            system(files, server).opened() as connector,
            pytest.raises(ConfigError, match=r"10\.0\.0\.1"),
        ):
            connector.discover()


def test_a_server_that_is_not_there_is_told(files):
    with HttpServer() as server:
        gone = system(files, server)
    with gone.opened() as connector:
        report = connector.check()
    assert not report.passed
    assert "did not answer" in report.checks[-1].message

"""Iceberg tables below a folder of their own, and in a bucket."""

from dataclasses import replace
from ipaddress import ip_network

import pytest

from connectors.library.iceberg import Iceberg
from connectors.tests.loads import System, access_to

LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def files(tmp_path):
    """The folder that connectors may use."""
    folder = tmp_path / "some files"
    folder.mkdir()
    return folder


@pytest.fixture
def lake(files):
    """A system of Iceberg tables in a folder."""
    return System(Iceberg, access_to(files))


@pytest.fixture
def bucket(files, s3_store):
    """A system whose files lie in a bucket, and whose catalog does not."""
    return System(
        Iceberg,
        replace(access_to(files), networks=LOOPBACK),
        warehouse=f"s3://{s3_store.bucket}/deep/lake",
        endpoint_url=s3_store.endpoint,
        access_key_id=s3_store.access_key,
        secret_access_key=s3_store.secret_key,
        region=s3_store.region,
    )

"""Delta tables below a folder of their own, and in a bucket."""

from dataclasses import replace
from ipaddress import ip_network

import pytest

from connectors.library.delta import Delta
from connectors.tests.loads import System, access_to


@pytest.fixture
def files(tmp_path):
    """The folder that connectors may use."""
    folder = tmp_path / "some files"
    folder.mkdir()
    return folder


@pytest.fixture
def lake(files):
    """A system of Delta tables in a folder."""
    return System(Delta, access_to(files), path="lake")


@pytest.fixture
def bucket(files, s3_store):
    """A system of Delta tables in a bucket."""
    return System(
        Delta,
        replace(access_to(files), networks=(ip_network("127.0.0.0/8"),)),
        path=f"s3://{s3_store.bucket}/deep/lake",
        endpoint_url=s3_store.endpoint,
        access_key_id=s3_store.access_key,
        secret_access_key=s3_store.secret_key,
        region=s3_store.region,
    )

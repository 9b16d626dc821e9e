"""Files below a folder of their own."""

from dataclasses import replace
from ipaddress import ip_network

import pytest

from connectors.library.csv import Csv
from connectors.library.excel import Excel
from connectors.library.json import Json
from connectors.library.parquet import Parquet
from connectors.library.sftp import Sftp
from connectors.tests.loads import System, access_to


@pytest.fixture
def files(tmp_path):
    """The folder that connectors may use."""
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


@pytest.fixture
def csv(files):
    """Make a system of CSV files at a path."""
    return lambda path, **settings: System(Csv, access_to(files), path=path, **settings)


@pytest.fixture
def json(files):
    """Make a system of JSON files at a path."""
    return lambda path, **settings: System(Json, access_to(files), path=path, **settings)


@pytest.fixture
def parquet(files):
    """Make a system of Parquet files at a path."""
    return lambda path, **settings: System(Parquet, access_to(files), path=path, **settings)


@pytest.fixture
def excel(files):
    """Make a system of workbooks at a path."""

    def make(path, memory=1 << 30, **settings):
        return System(Excel, access_to(files, memory), path=path, **settings)

    return make


@pytest.fixture(params=["folder", "bucket"])
def at(request, files):
    """Make a system at a path of a local folder, then at one of a bucket."""

    def make(path, plugin=None):
        kinds = {"parquet": Parquet, "json": Json, "ndjson": Json, "jsonl": Json}
        kind = plugin or next((kinds[n] for n in path.split(".") if n in kinds), Csv)
        if request.param == "folder":
            return System(kind, access_to(files), path=path)
        store = request.getfixturevalue("s3_store")
        return System(
            kind,
            replace(access_to(files), networks=(ip_network("127.0.0.0/8"),)),
            path=f"s3://{store.bucket}/deep/{path}",
            endpoint_url=store.endpoint,
            access_key_id=store.access_key,
            secret_access_key=store.secret_key,
            region=store.region,
        )

    return make


@pytest.fixture
def csv_text(files, csv):
    """Read a text as a CSV file."""

    def read(content: str | bytes, **options):
        raw = content if isinstance(content, bytes) else content.encode()
        (files / "t.csv").write_bytes(raw)
        return csv("t.csv").read(**options)

    return read


@pytest.fixture
def sftp(sftp_server, tmp_path):
    """Make a system over the server's folder."""

    def make(**settings):
        known = {**sftp_server.settings, "format": "csv"}
        return System(Sftp, access_to(tmp_path), **known | settings)

    return make


@pytest.fixture
def served(sftp_server):
    """Write files into the folder that the server shows."""

    def put(**files):
        for name, content in files.items():
            path = sftp_server.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            raw = content if isinstance(content, bytes) else content.encode()
            path.write_bytes(raw)

    return put

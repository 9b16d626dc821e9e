"""A private S3-compatible store on a free port, in a process of its own."""

import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import boto3

from tests.servers.processes import Kept, connect, free_port, keep, wait_until

REGION = "us-east-1"


@dataclass(frozen=True)
class S3Store:
    """Where a store answers, how to log in, and a bucket of one's own in it."""

    endpoint: str
    access_key: str
    secret_key: str
    bucket: str
    region: str = REGION

    @property
    def storage_options(self) -> dict[str, str]:
        """Return the same as options of Polars and obstore."""
        return {
            "aws_endpoint_url": self.endpoint,
            "aws_access_key_id": self.access_key,
            "aws_secret_access_key": self.secret_key,
            "aws_region": self.region,
            "aws_allow_http": "true",
        }

    def client(self):
        """Return a boto3 client, to look at the store from outside of the product."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name=self.region,
        )


def start(owner: int | None = None) -> tuple[str, Kept]:
    """Start a store and return its URL, with the log-in in it, and what keeps it."""
    folder = Path(tempfile.mkdtemp(prefix="millrace-s3-"))
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = keep(command, folder=folder, owner=owner)
    wait_until(lambda: connect(port), server=server)
    return f"http://millrace:millrace-secret@127.0.0.1:{port}", server


@contextmanager
def private_s3() -> Iterator[str]:
    """Run a store of one's own and give its URL, with the log-in in it."""
    url, server = start()
    try:
        yield url
    finally:
        server.end()


@contextmanager
def fresh_bucket(store_url: str) -> Iterator[S3Store]:
    """Make an empty bucket in a store, and remove it with all that is in it."""
    parts = urlsplit(store_url)
    endpoint = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "", "", ""))
    bucket = f"test-{secrets.token_hex(6)}"
    store = S3Store(endpoint, parts.username or "", parts.password or "", bucket)
    client = store.client()
    client.create_bucket(Bucket=bucket)
    try:
        yield store
    finally:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for entry in page.get("Contents", []):
                client.delete_object(Bucket=bucket, Key=entry["Key"])
        client.delete_bucket(Bucket=bucket)
        client.close()

"""Folders of files in a bucket of an S3-compatible store."""

from collections.abc import Mapping
from itertools import islice
from typing import Any, Self

from pydantic import AliasChoices, Field, SecretStr, model_validator

from connectors.base import Check, CheckReport
from connectors.errors import MillraceError
from connectors.files.formats import FormatSettings
from connectors.files.listing import keys, object_file
from connectors.files.locations import Bucketed, locate
from connectors.files.objects import open_store
from connectors.files.settings import FileSettings, GrowingReadOptions
from connectors.files.streams import File
from connectors.files.trees import TreeSource

# All that a check may take is five seconds; a store that does not answer is asked twice.
SECONDS = 2.0
HINT = "Check endpoint, region, the bucket, the prefix and both keys"


class S3Settings(FormatSettings):
    """Where the bucket is, and what lies in it."""

    bucket_name: str = Field(title="Bucket", validation_alias=AliasChoices("bucket_name", "bucket"))
    path_prefix: str = Field(
        "",
        title="Prefix",
        max_length=1024,
        description="The folders right below it are the streams; the whole bucket when empty.",
        validation_alias=AliasChoices("path_prefix", "prefix"),
    )
    region: str | None = Field(None, title="Region", pattern=r"^[A-Za-z0-9-]{1,64}$")
    access_key_id: str | None = Field(
        None,
        title="Access key",
        description="Without keys a bucket is read as the public reads it.",
    )
    secret_access_key: SecretStr | None = Field(None, title="Secret key")
    endpoint: str | None = Field(
        None,
        title="Endpoint",
        description="The URL of an S3-compatible store; Amazon's when empty.",
        validation_alias=AliasChoices("endpoint", "endpoint_url"),
    )
    max_threads: int | None = Field(
        None, ge=1, title="Threads", description="Olake's; chosen by the engine here."
    )
    retry_count: int | None = Field(
        None, ge=0, title="Retries", description="Olake's; the run's own retries count here."
    )

    def reach(self) -> dict[str, Any]:
        """Return the store and the bucket."""
        return {
            "bucket_name": self.bucket_name,
            "region": self.region,
            "endpoint": self.endpoint,
        }

    def files(self) -> FileSettings:
        """Return the same as connectors of files take it."""
        return FileSettings(
            path=f"s3://{self.bucket_name}/{self.path_prefix.strip('/')}".rstrip("/"),
            endpoint_url=self.endpoint,
            region=self.region,
            access_key_id=self.access_key_id or None,
            secret_access_key=self.secret_access_key,
        )

    @model_validator(mode="after")
    def _require_a_place(self) -> Self:
        if (not self.access_key_id) != (self.secret_access_key is None):
            raise ValueError("`access_key_id` and `secret_access_key` go together")
        self.files()
        return self


class S3(TreeSource):
    """Streams of files in a bucket."""

    name = "s3"
    label = "S3"
    description = "Folders of CSV, JSON, Parquet or Excel files in S3 and stores like it."
    Settings = S3Settings
    ReadOptions = GrowingReadOptions
    namespace = "s3"
    example = {
        "bucket_name": "${s3_bucket}",
        "path_prefix": "in",
        "format": "csv",
        "endpoint": "${s3_endpoint}",
        "access_key_id": "${s3_access_key}",
        "secret_access_key": "${s3_secret_key}",
    }

    def place(self) -> FileSettings:
        """Return the bucket and its prefix."""
        assert isinstance(self.settings, S3Settings)
        return self.settings.files()

    def judge(self) -> None:
        """Refuse buckets that cannot be, and stores in closed networks."""
        where = self._where()
        open_store(self.place(), where.bucket, self.access)

    def check(self) -> CheckReport:
        """Look at the first page of what lies below the prefix."""
        try:
            where = self._where()
            store = open_store(self.place(), where.bucket, self.access, seconds=SECONDS)
            found = sum(1 for _ in islice(keys(store, where.key, where, pages=1), 1000))
        except MillraceError as error:
            return CheckReport((Check("bucket", passed=False, message=str(error), hint=HINT),))
        message = f"{where} can be read: {found or 'no'} objects on its first page"
        return CheckReport((Check("bucket", passed=True, message=message),))

    def listed(self) -> Mapping[str, File]:
        """Return the objects below the prefix."""
        where = self._where()
        store = open_store(self.place(), where.bucket, self.access)
        folder = f"{where.key}/" if where.key else ""
        return {
            item["path"].removeprefix(folder): object_file(where, store, item)
            for item in keys(store, where.key, where)
            if item["path"].startswith(folder) and item["size"]
        }

    def _where(self) -> Bucketed:
        where = locate(self.place().path, None, self.access)
        assert isinstance(where, Bucketed)
        return where

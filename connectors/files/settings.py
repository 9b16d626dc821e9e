"""The settings and options that every connector of files shares."""

import re
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator

from connectors.base import ReadOptions, Settings, WriteOptions

TABLE = "A file or folder below the path, as `orders.csv` or `2026/orders`."


def _plain(table: str | None) -> str | None:
    """Return a table as a plain relative path; raise ValueError for one that leads elsewhere."""
    if table is None:
        return None
    pieces = PurePosixPath(table).parts
    closed = any(piece.startswith(".") for piece in pieces)
    if not pieces or closed or table.startswith("/") or re.search(r"[*?\[\\\x00-\x1f]", table):
        raise ValueError(
            f"{table!r} is not a file or folder below the path; write it as `orders` or "
            "`2026/orders.csv`"
        )
    return "/".join(pieces)


Table = Annotated[str | None, AfterValidator(_plain)]


class FileSettings(Settings):
    """Where files lie: a local path, an http(s) URL, or a bucket of an S3-compatible store."""

    path: str = Field(
        title="Path",
        min_length=1,
        max_length=4096,
        description="A file, a folder or a pattern (`sales/*.csv`); relative paths lie under the "
        "platform's files. `https://…` can be read, `s3://bucket/key` read and written. A path "
        "to write with a file's extension is one file, without one a folder.",
    )
    endpoint_url: str | None = Field(
        None,
        title="S3 endpoint",
        description="The URL of an S3-compatible store; Amazon's when empty.",
    )
    region: str | None = Field(
        # It becomes a part of the store's host name.
        None,
        title="S3 region",
        pattern=r"^[A-Za-z0-9-]{1,64}$",
    )
    access_key_id: str | None = Field(None, title="S3 access key")
    secret_access_key: SecretStr | None = Field(None, title="S3 secret key")

    def reach(self) -> dict[str, Any]:
        """Return the store and the bucket (or host); what lies below is one owner's."""
        place = "/".join(self.path.split("/")[:3]) if "://" in self.path else ""
        return {"path": place, "endpoint_url": self.endpoint_url, "region": self.region}

    @field_validator("path")
    @classmethod
    def _refuse_control_characters(cls, path: str) -> str:
        if any(ord(character) < 32 for character in path):
            raise ValueError("a path holds no control characters")
        return path

    @model_validator(mode="after")
    def _require_both_keys(self) -> Self:
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError("`access_key_id` and `secret_access_key` go together")
        return self


class FileReadOptions(ReadOptions):
    """Which of the files to read, and how."""

    table: Table = Field(None, title="Table", description=TABLE)


class GrowingReadOptions(FileReadOptions):
    """Which of the files to read, and whether only those that are new."""

    cursor: Literal["_last_modified_time"] | None = Field(
        None,
        title="Cursor",
        description="`_last_modified_time` reads only files that are new or have changed since "
        "the last load, whole, with that time as a column.",
    )


class FileWriteOptions(WriteOptions):
    """Which file or folder to write, and how."""

    table: Table = Field(None, title="Table", description=TABLE)

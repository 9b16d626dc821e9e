"""Where the tables of a lake lie: folders of this machine, or prefixes of a bucket."""

from typing import Any

from connectors.base import Access
from connectors.errors import ConfigError
from connectors.files.aims import place
from connectors.files.buckets import Bucket
from connectors.files.folders import Folder
from connectors.files.keeping import Keeper
from connectors.files.locations import MAGIC, Bucketed, Local, Remote, locate
from connectors.files.objects import open_store, storage_options
from connectors.files.settings import FileSettings


def home_of(settings: FileSettings, table: str | None, access: Access) -> Local | Bucketed:
    """Return the folder that may be read; raise ConfigError for what is no folder of a lake."""
    where = locate(settings.path, table, access)
    if isinstance(where, Remote):
        raise ConfigError(
            "A table lies in a folder or a bucket, not behind a URL; give s3://…", field="path"
        )
    if MAGIC.search(where.key if isinstance(where, Bucketed) else str(where.path)):
        raise ConfigError("A table is one folder; a pattern cannot name it", field="path")
    return where


def named(settings: FileSettings, table: str | None, access: Access) -> str:
    """Return the one name of a table that may be written; a root is none."""
    where = place(settings, table, access)
    # Two stores may have buckets of one name.
    endpoint = (settings.endpoint_url or "").rstrip("/")
    return f"{where}@{endpoint}" if isinstance(where, Bucketed) and endpoint else str(where)


def keeper_of(where: Local | Bucketed, settings: FileSettings, access: Access) -> Keeper:
    """Return what reads and writes small files in a table's folder, and moves large ones."""
    if isinstance(where, Local):
        return Folder(where.path)
    return Bucket(open_store(settings, where.bucket, access), where.bucket, where.key)


def options_for(where: Local | Bucketed, settings: FileSettings) -> dict[str, Any] | None:
    """Return the options with which Polars reaches a bucket, None for folders."""
    return storage_options(settings) if isinstance(where, Bucketed) else None

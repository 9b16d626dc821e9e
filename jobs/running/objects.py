"""The object store as the ends of a file job: what its connectors may touch is that store alone."""

import ipaddress
import shutil
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config.objects import object_store
from connectors import sealing
from connectors.base import Access
from connectors.configuration import validate
from connectors.errors import ConfigError, TransientError
from connectors.files.locations import MAGIC, Bucketed, locate
from connectors.files.objects import open_store
from connectors.files.settings import FileSettings
from jobs.models import FileJob, Run

# Every file connector takes these settings under the same names.
ANY_FILE = "csv"


def settings_of(reference: str, run: Run) -> dict[str, Any]:
    """Return the settings of `<job uuid>/input` (or output), secrets sealed, of the run's own job."""
    uuid, _, end = reference.partition("/")
    job = FileJob.objects.filter(uuid=uuid, run=run, deleted_at=None).first()
    if job is None:
        raise ConfigError("The file job of this run was deleted")
    return input_of(job) if end == "input" else _sealed(object_store().location(job.output_key))


def input_of(job: FileJob) -> dict[str, Any]:
    """Return where a job's file lies as settings of a file connector, secrets sealed."""
    store = object_store()
    location = store.location(job.input_key)
    if store.root is None:
        # In a bucket a name with these signs is a pattern, which is to mean this name alone.
        escaped = MAGIC.sub(lambda sign: f"[{sign[0]}]", str(location["path"]))
        location = {**location, "path": escaped}
    return _sealed(location)


def _sealed(location: Mapping[str, Any]) -> dict[str, Any]:
    sealed = sealing.seal({"type": ANY_FILE, **location}, "source")
    sealed.pop("type")
    return sealed


def access_of(access: Access) -> Access:
    """Return what lets a connector at the object store and at nothing else.

    Rows that a source leaves out are kept in a folder of the attempt's scratch.
    """
    store = object_store()
    rejects = access.scratch / "rejects"
    rejects.mkdir(parents=True, exist_ok=True)
    roots = () if store.root is None else (store.root,)
    return replace(
        access,
        base=store.root or access.scratch,
        roots=roots,
        networks=_networks(store.endpoint),
        rejects=rejects,
    )


def _networks(endpoint: str | None) -> tuple[Any, ...]:
    """Return the addresses of the store's endpoint, which the operator named."""
    host = urlsplit(endpoint).hostname if endpoint else None
    if host is None:
        return ()
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise TransientError(f"The object store's host {host} is not found: {error}") from error
    return tuple(ipaddress.ip_network(str(entry[4][0]).partition("%")[0]) for entry in found)


def without_root(text: str) -> str:
    """Return a message that names objects by their keys, not by where this machine keeps them."""
    root = object_store().root
    return text if root is None else text.replace(f"{root}/", "")


def put(key: str, path: Path, access: Access) -> None:
    """Store a local file under a key, whole or not at all."""
    settings, where = _place(key, access)
    if isinstance(where, Bucketed):
        import obstore

        obstore.put(open_store(settings, where.bucket, access), where.key, path)
        return
    target = where.path
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{path.name}.new")
    try:
        shutil.copyfile(path, fresh)
        fresh.replace(target)
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


def _place(key: str, access: Access) -> tuple[FileSettings, Any]:
    location: Mapping[str, Any] = object_store().location(key)
    settings = validate(FileSettings, location)
    return settings, locate(settings.path, None, access)

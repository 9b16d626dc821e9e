"""Testing a place for files within seconds, and leaving nothing behind."""

import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

from connectors.base import Access, Check, CheckReport
from connectors.errors import MillraceError
from connectors.files.listing import keys, local_files
from connectors.files.locations import Bucketed, Local, Location, Remote, locate
from connectors.files.objects import explain, open_store
from connectors.files.settings import FileSettings

# All that a check may take is five seconds.
SECONDS = 4.0


def check_location(settings: FileSettings, access: Access, suffixes: Sequence[str]) -> CheckReport:
    """Test whether a path may be used, what is there, and whether it can be written."""
    try:
        where = locate(settings.path, None, access)
    except MillraceError as error:
        return CheckReport(
            (Check("path", passed=False, message=str(error), hint="Choose another"),)
        )
    allowed = Check("path", passed=True, message=f"{where} may be used")
    return CheckReport((allowed, _reach(where, settings, access, suffixes)))


def _reach(
    where: Location, settings: FileSettings, access: Access, suffixes: Sequence[str]
) -> Check:
    if isinstance(where, Remote):
        return _tried("read", lambda: _fetch(where, access), "Open the URL in a browser")
    if isinstance(where, Bucketed):
        hint = "Check endpoint_url, region, the bucket and both keys"
        return _tried("store", lambda: _list(where, settings, access), hint)
    return _tried("files", lambda: _look(where, access, suffixes), "See whether the path is right")


def _tried(name: str, test: Callable[[], str], hint: str) -> Check:
    try:
        return Check(name, passed=True, message=test())
    except (MillraceError, OSError) as error:
        return Check(name, passed=False, message=str(error), hint=hint)


def _look(where: Local, access: Access, suffixes: Sequence[str]) -> str:
    files = local_files(where, suffixes, access)
    if files:
        with Path(files[0].url).open("rb") as file:
            file.read(1)
        return f"{len(files)} files with {sum(file.size for file in files)} bytes can be read"
    folder = next(parent for parent in [where.path, *where.path.parents] if parent.is_dir())
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"There is nothing to read, and {folder} may not be written")
    return "Nothing is there yet; it can be written, and read once it is"


def _list(where: Bucketed, settings: FileSettings, access: Access) -> str:
    import obstore

    store = open_store(settings, where.bucket, access, seconds=SECONDS / 4)
    first = next(iter(keys(store, where.key.partition("*")[0], where, pages=1)), None)
    found = "There are objects to read" if first else "Nothing is there yet"
    probe = f"{where.key.rpartition('/')[0]}/.millrace/check-{secrets.token_hex(4)}".lstrip("/")
    try:
        obstore.put(store, probe, b"")
        obstore.delete(store, probe)
    except Exception as error:
        if first is None:
            raise explain(error, str(where)) from error
        return f"{found}; the keys may not write"
    return f"{found}; the keys may write"


def _fetch(where: Remote, access: Access) -> str:
    from connectors.http import Client, Retries, Timeouts

    limits = Timeouts(connect=SECONDS, read=SECONDS, total=SECONDS)
    with (
        Client(access, timeouts=limits, retries=Retries(attempts=1)) as client,
        client.stream("GET", where.url) as response,
    ):
        return f"The server answers with status {response.status_code}"

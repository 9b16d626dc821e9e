"""Every connector of the registry, made ready for a suite from the `example` in its own file."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

import polars as pl
import pytest

from connectors import registry
from connectors.base import Access, Connector, Destination, Source, WriteMode
from connectors.configuration import split, validate
from connectors.errors import DataError
from jobs.engine import Outcome
from jobs.plan import Empty, Part, Wish
from tests.contract.local import LocalHost, copy_part, execute
from tests.contract.rows import Rows

SOURCES = [name for name in registry.names() if issubclass(registry.connector(name), Source)]
DESTINATIONS = [
    name for name in registry.names() if issubclass(registry.connector(name), Destination)
]


def access_to(folder: Path) -> Access:
    """Return an access to one folder and to servers on this machine."""
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    loopback = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    return Access(base=folder, roots=(folder,), scratch=scratch, networks=loopback)


def fill(
    example: Mapping[str, Any], folder: Path, request: pytest.FixtureRequest
) -> dict[str, Any]:
    """Replace the placeholders of an example by an empty folder and by real servers."""
    values = {"folder": str(folder)}
    for server in ("postgres", "mysql", "mongodb"):
        if f"${{{server}_" in str(example):
            url = urlsplit(request.getfixturevalue(f"{server}_url"))
            values |= {
                f"{server}_host": str(url.hostname),
                f"{server}_port": str(url.port),
                f"{server}_database": url.path.strip("/"),
                f"{server}_username": url.username or server,
                f"{server}_password": url.password or "",
            }
    if "${s3_" in str(example):
        store = request.getfixturevalue("s3_store")
        values |= {
            "s3_endpoint": store.endpoint,
            "s3_bucket": store.bucket,
            "s3_access_key": store.access_key,
            "s3_secret_key": store.secret_key,
        }
    if "${sftp_" in str(example):
        reached = request.getfixturevalue("sftp_server").settings
        names = {**reached, "folder": reached["path"]}
        values |= {f"sftp_{name}": str(value) for name, value in names.items()}
    if "${api_" in str(example):
        values["api_url"] = request.getfixturevalue("api_url")
    return {
        key: Template(value).substitute(values) if isinstance(value, str) else value
        for key, value in example.items()
    }


@dataclass
class Subject:
    """One destination with a target of its own, and the way to read it back."""

    name: str
    config: dict[str, Any]
    access: Access

    @property
    def plugin(self) -> type[Destination]:
        return registry.destination(self.name)

    def open(self) -> Destination:
        """Open the destination, as a worker would."""
        parsed = split({"type": self.name, **self.config}, "destination")
        return self.plugin(validate(self.plugin.Settings, parsed.settings or {}), self.access)

    def options(self, mode: WriteMode = WriteMode.REPLACE, **more: object) -> dict[str, Any]:
        """Return the write options of the example with another mode."""
        parsed = split({"type": self.name, **self.config}, "destination")
        return {**parsed.options, "mode": mode.value, **more}

    def load(
        self,
        *batches: pl.DataFrame,
        mode: WriteMode = WriteMode.REPLACE,
        run: str | None = None,
        rows: Rows | None = None,
        stream: str = "job/1",
        key: tuple[str, ...] = (),
        epoch: int = 0,
        wish: Wish | None = None,
        evolve: bool = False,
        **hooks: Any,
    ) -> Outcome:
        """Run one attempt that loads the batches through the engine."""
        source = rows or Rows(batches, self.access)
        openers: dict[str, Any] = {"read": lambda: source, "write": self.open}
        host = LocalHost(run or str(uuid.uuid4()), openers, **hooks)
        more: dict[str, Any] = {"key": key} if key else {}
        options = self.options(mode, **more, **({"evolve": True} if evolve else {}))
        part = copy_part(self.name, options, stream=stream, epoch=epoch, wish=wish)
        return execute(part, host)

    def clear(self, *, run: str | None = None, epoch: int = 9, **hooks: Any) -> LocalHost:
        """Empty the target as a clear does, and return the host that was asked."""
        load = copy_part(self.name, self.options(WriteMode.REPLACE), epoch=epoch).steps[-1]
        empty = Empty(id="read", name="Empty")
        host = LocalHost(run or str(uuid.uuid4()), {"write": self.open}, **hooks)
        execute(Part(id="copy", steps=(empty, load)), host)
        return host

    def rows(self) -> pl.DataFrame:
        """Read the target back through the same connector's source half, sorted by `id`."""
        plugin: type[Connector] = registry.source(self.name)
        assert issubclass(plugin, Source)
        settings = {
            key: value
            for key, value in self.config.items()
            if key in split({"type": self.name, **self.config}, "destination").settings
        }
        options = {key: value for key, value in self.config.items() if key not in settings}
        source = plugin(validate(plugin.Settings, settings), self.access)
        try:
            frame = source.scan(validate(plugin.ReadOptions, options)).frame.collect()
        finally:
            source.close()
        return frame.sort("id") if "id" in frame.columns else frame

    def rows_or_none(self) -> pl.DataFrame | None:
        """Read the target back; None where its format cannot tell its columns without rows."""
        try:
            return self.rows()
        except DataError as error:
            if "holds no rows" in error.message:
                return None
            raise


def subject(name: str, folder: Path, request: pytest.FixtureRequest) -> Subject:
    """Return the destination of that name with an empty target."""
    config = fill(registry.connector(name).example, folder, request)
    return Subject(name, config, access_to(folder))

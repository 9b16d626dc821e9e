"""One copy of chosen columns from a source to a destination, by the engine itself."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from connectors import registry
from connectors.base import Access
from connectors.configuration import validate
from connectors.errors import ConfigError, DataError
from connectors.tests.mysql.conftest import settings_of
from jobs.engine import Outcome
from jobs.plan import Extract, Load, Part
from tests.contract.local import LocalHost, execute
from tests.contract.rows import Rows
from tests.types.canon import canon
from tests.types.cases import Case
from tests.types.readers import READERS
from tests.types.sources import Origin


@dataclass(frozen=True)
class Aim:
    """A destination: how its connector and how an independent reader reach it."""

    name: str
    settings: dict[str, Any]
    options: dict[str, Any]
    place: Any


def aim(name: str, folder: Path, request: pytest.FixtureRequest) -> Aim:
    """Return an empty place of a destination."""
    if name in ("postgres", "mysql"):
        url = request.getfixturevalue(f"{name}_database")
        return Aim(name, settings_of(url), {"table": f"copy_{folder.name}"[:60]}, url)
    if name == "delta":
        return Aim(name, {"path": str(folder / "out")}, {"table": "copy"}, folder / "out")
    if name == "iceberg":
        settings = {"uri": str(folder / "out/catalog.sqlite3"), "warehouse": str(folder / "out/w")}
        (folder / "out").mkdir()
        return Aim(name, settings, {"table": "copy"}, folder / "out")
    if name == "duckdb":
        path = folder / "out.duckdb"
        return Aim(name, {"db_path": str(path)}, {"table": "copy"}, path)
    if name == "sqlite":
        path = folder / "out.sqlite3"
        return Aim(name, {"path": str(path)}, {"table": "copy"}, path)
    names = {
        "arrow": "out.arrow",
        "csv": "out.csv",
        "excel": "out.xlsx",
        "json": "out.ndjson",
        "parquet": "out.parquet",
    }
    path = folder / names[name]
    return Aim(name, {"path": str(path)}, {}, path)


def opened(name: str, settings: dict[str, Any], access: Access) -> Any:
    """Open a connector, as a worker would."""
    plugin = registry.connector(name)
    return plugin(validate(plugin.Settings, settings), access)


def rows_of(origin: Origin, columns: Sequence[str], access: Access) -> pl.DataFrame:
    """Read columns and `id` of a source once, to be loaded one by one."""
    source = opened(origin.name, origin.settings, access)
    try:
        options = {**origin.options, "columns": ["id", *columns]}
        return source.scan(validate(source.ReadOptions, options)).frame.collect(engine="streaming")
    finally:
        source.close()


def copy(origin: Origin, to: Aim, columns: Sequence[str], access: Access, **write: Any) -> Outcome:
    """Replace the destination by these columns and `id`; raises what the engine raises."""
    options = {**origin.options, "columns": ["id", *columns]}
    read = Extract(id="read", connector=origin.name, origin="test", options=options)
    return _run(read, lambda: opened(origin.name, origin.settings, access), to, access, write)


def refusal(rows: pl.DataFrame, to: Aim, access: Access, **write: Any) -> str | None:
    """Return what was said when these rows were refused, None where they were loaded."""
    read = Extract(id="read", connector="rows", origin="test")
    try:
        _run(read, lambda: Rows([rows], access), to, access, write)
    except (ConfigError, DataError) as error:
        return error.message
    return None


def _run(
    read: Extract, source: Callable[[], Any], to: Aim, access: Access, write: dict[str, Any]
) -> Outcome:
    load = Load(
        id="write",
        connector=to.name,
        origin="test",
        options={**to.options, "mode": "replace", **write},
        stream="job/1",
        input="read",
    )
    openers = {"read": source, "write": lambda: opened(to.name, to.settings, access)}
    return execute(Part(id="copy", steps=(read, load)), LocalHost(str(uuid.uuid4()), openers))


def changed(to: Aim, cases: dict[str, Case], *, as_text: bool = False) -> dict[str, str]:
    """Return which of these columns do not hold their value and a null, and what they hold.

    `as_text` reads every column as the text that it has to be.
    """
    types = {name: pl.String() if as_text else case.dtype for name, case in cases.items()}
    held = READERS[to.name](to.place, str(to.options.get("table", "")), types)
    found = {}
    for name, case in cases.items():
        try:
            if as_text:
                [canon(value, pl.String()) for value in held[name]]
            given = [canon(value, case.dtype) for value in held[name]]
        except (TypeError, ValueError, KeyError, ArithmeticError) as error:
            found[name] = f"{case.name}: {error!r} of {str(held[name])[:200]}"
            continue
        if given != [canon(case.value, case.dtype), None]:
            found[name] = f"{case.name}: {str(held[name])[:200]} for {str(case.value)[:100]}"
    return found

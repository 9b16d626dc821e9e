"""Parts whose steps need all rows, from source to target."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from connectors.base import Connector
from connectors.errors import Cancelled, ConfigError
from connectors.library.parquet import Parquet
from jobs.engine import Execution
from jobs.plan import Extract, Load, Part, Transform
from jobs.tests.spilling.steps import access_to
from tests.contract.local import LocalHost
from tests.contract.rows import Rows

BATCHES = [pl.DataFrame({"id": range(at + 99, at - 1, -1), "kind": ["x"] * 100}) for at in (0, 100)]


def transform(name: str, transformer: str, given: str, **config: object) -> Transform:
    return Transform(id=name, transformer=transformer, inputs=(given,), config=config)


def load(name: str, given: str) -> Load:
    options = {"mode": "replace"}
    return Load(
        id=name, connector="parquet", origin="test", options=options, stream=f"job/{name}",
        input=given,
    )  # fmt: skip


class Attempt:
    """A part that reads `read` and writes Parquet files, in a folder of its own."""

    def __init__(self, folder: Path, *steps: Any, **hooks: Any) -> None:
        self.folder = folder
        self.access = access_to(folder)
        self.access.scratch.mkdir()
        self.reads: list[int] = []
        before: Callable[[int], None] = hooks.pop("before", lambda index: None)

        def noted(index: int) -> None:
            self.reads.append(index)
            before(index)

        rows = Rows(BATCHES, self.access, before=noted)
        openers: dict[str, Callable[[], Connector]] = {"read": lambda: rows}
        for step in steps:
            if isinstance(step, Load):
                openers[step.id] = self.opener(step.id)
        self.host = LocalHost(str(uuid.uuid4()), openers, **hooks)
        read = Extract(id="read", connector="rows", origin="test")
        self.execution = Execution(Part(id="part", steps=(read, *steps)), self.host)

    def opener(self, name: str) -> Callable[[], Connector]:
        settings = Parquet.Settings(path=str(self.folder / f"{name}.parquet"))
        return lambda: Parquet(settings, self.access)

    def rows(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.folder / f"{name}.parquet")

    def scratch(self) -> Iterator[Path]:
        return (path for path in self.access.scratch.rglob("*") if path.is_file())


def test_rows_of_unknown_size_are_sorted_on_disk(tmp_path: Path) -> None:
    attempt = Attempt(
        tmp_path, transform("order", "sort", "read", columns=["id"]), load("a", "order")
    )
    outcome = attempt.execution.run()
    assert attempt.rows("a")["id"].to_list() == list(range(200))
    assert {name: one.rows for name, one in outcome.measures.items()} == {
        "read": 200, "order": 200, "a": 200,
    }  # fmt: skip
    assert not list(attempt.scratch())


def test_a_branch_beside_a_step_on_disk_reads_the_source_once(tmp_path: Path) -> None:
    attempt = Attempt(
        tmp_path,
        transform("order", "sort", "read", columns=["id"]),
        transform("few", "filter", "read", column="id", operator="lt", value=10),
        transform("sum", "sql", "order", query="SELECT count(*) AS n FROM input"),
        load("a", "order"),
        load("b", "few"),
        load("c", "sum"),
    )
    attempt.execution.run()
    assert attempt.reads == [0, 1]
    assert attempt.rows("a")["id"].to_list() == list(range(200))
    assert sorted(attempt.rows("b")["id"]) == list(range(10))
    assert attempt.rows("c").rows() == [(200,)]


def test_a_step_that_refuses_its_columns_names_them_and_nothing_is_written(tmp_path: Path) -> None:
    attempt = Attempt(
        tmp_path, transform("order", "sort", "read", columns=["no"]), load("a", "order")
    )
    with pytest.raises(ConfigError, match=r"no.*id"):
        attempt.execution.run()
    assert not (tmp_path / "a.parquet").exists()
    assert not list(attempt.scratch())


def test_a_cancel_while_rows_go_to_disk_leaves_nothing(tmp_path: Path) -> None:
    is_cancelled: list[bool] = []

    def pulse() -> None:
        if is_cancelled:
            raise Cancelled("a person asked for the end")

    attempt = Attempt(
        tmp_path,
        transform("order", "sort", "read", columns=["id"]),
        load("a", "order"),
        before=lambda index: is_cancelled.extend([True] * index),
        on_pulse=pulse,
    )
    with pytest.raises(Cancelled, match="asked for the end"):
        attempt.execution.run()
    assert not (tmp_path / "a.parquet").exists()
    assert not list(attempt.scratch())

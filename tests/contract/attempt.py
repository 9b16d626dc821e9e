"""One attempt in a process of its own, so that a test can kill it at a chosen moment.

Reads one JSON object from standard input and prints `done` or the error's class and message.
"""

import json
import os
import signal
import sys
from pathlib import Path

import polars as pl

from connectors.base import WriteMode
from connectors.errors import MillraceError
from jobs.plan import Wish
from tests.contract.rows import Rows
from tests.contract.subjects import Subject, access_to


def die() -> None:
    """End at once, as an operator's kill -9 or the kernel's memory killer would."""
    os.kill(os.getpid(), signal.SIGKILL)


def stand_still() -> None:
    """Say that the commit is next and wait until standard input ends."""
    print("holding", flush=True)
    sys.stdin.readline()


def ten_batches(rows: int, note: str, *more: str) -> list[pl.DataFrame]:
    """Return so many rows with this note and columns `more`, in ten batches."""
    size = rows // 10
    return [
        pl.DataFrame(
            {"id": range(index * size, (index + 1) * size), "note": [note] * size}
            | dict.fromkeys(more, [index] * size)
        )
        for index in range(10)
    ]


def main() -> None:
    """Load `rows` rows in ten batches and die where `die_at` says; columns `more` may join."""
    order = json.loads(sys.stdin.readline())
    place = Subject(order["name"], order["config"], access_to(Path(order["folder"])))
    batches = ten_batches(order["rows"], order["note"], *order.get("more", ()))

    def before(index: int) -> None:
        if order["die_at"] == f"batch {index}":
            die()

    hooks = {
        "hold": {"on_hold": die},
        "remember": {"on_remember": die},
        "stand": {"on_hold": stand_still},
    }
    named = {"run": order["run"], "fence": order["fence"], **hooks.get(order["die_at"], {})}
    try:
        if order.get("clear"):
            place.clear(**named)
        else:
            place.load(
                rows=Rows(batches, place.access, before=before),
                mode=WriteMode(order["mode"]),
                epoch=order.get("epoch", 0),
                wish=Wish(**order["wish"]) if "wish" in order else None,
                evolve="more" in order,
                **named,
            )
        print("done", flush=True)
    except MillraceError as error:
        print(f"{type(error).__name__}: {error}", flush=True)


if __name__ == "__main__":
    main()

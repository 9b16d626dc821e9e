"""A destination on a disk of 8 MB, inside a mount namespace: `python -m tests.contract.full_disk`.

Reads `{"name", "config", "folder"}` from standard input and prints what happened as JSON.
"""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl

from connectors.errors import MillraceError
from tests.contract.subjects import Subject, access_to

DISK = "8m"
BALLAST = 2 << 20


def noise(first: int, rows: int) -> pl.DataFrame:
    """Return rows that do not compress: some 64 bytes each."""
    ids = pl.int_range(first, first + rows)
    text = pl.concat_str([ids.hash(seed).cast(pl.String) for seed in range(3)])
    return pl.select(id=ids, noise=text)


def load(place: Subject, *batches: pl.DataFrame) -> str:
    """Load the batches and return `done`, or the error's class and message."""
    try:
        place.load(*batches)
    except MillraceError as error:
        return f"{type(error).__name__}: {error}"
    return "done"


def main() -> None:
    """Load a little, then too much, then a little again."""
    order = json.loads(sys.stdin.readline())
    folder = Path(order["folder"])
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", folder], check=True)
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(BALLAST))
    place = Subject(order["name"], order["config"], access_to(folder))
    said = [load(place, noise(0, 1_000))]
    said.append(load(place, *[noise(start, 50_000) for start in range(0, 1_000_000, 50_000)]))
    kept = place.rows().height
    # A person frees some space.
    ballast.unlink()
    said.append(load(place, noise(0, 2_000)))
    print(json.dumps({"said": said, "kept": kept, "rows": place.rows().height}))


if __name__ == "__main__":
    main()

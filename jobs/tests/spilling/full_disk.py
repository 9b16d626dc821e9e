"""A sort on a disk of 24 MB, inside a mount namespace: `python -m jobs.tests.spilling.full_disk`.

The first one does not even fit on the disk, the second one does, but not what the sort needs.
"""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl

from jobs.engine.faults import translate
from jobs.engine.spilling import Spilling
from jobs.tests.spilling.steps import access_to, sorted_by

DISK = "24m"


def attempt(folder: Path, rows: pl.LazyFrame) -> str:
    """Sort, and return the class and message of what went wrong."""
    disk = Spilling(access_to(folder, memory=1 << 20))
    try:
        made = disk.apply(sorted_by("noise"), [rows])[""]
        disk.write()
        made.sink_batches(lambda batch: None)
    except BaseException as error:  # noqa: BLE001 (the test looks at whatever it is)
        told = translate(error)
        return f"{type(told).__name__}: {told}"
    finally:
        disk.close()
    return "done"


def main() -> None:
    """Sort noise that is too much for the disk, then text that is small only while it is packed."""
    folder = Path(sys.argv[1])
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", folder], check=True)
    ids = pl.LazyFrame({"id": pl.int_range(3_000_000, eager=True)})
    noise = ids.select(id=pl.col("id").hash(1), noise=pl.col("id").hash(2))
    padded = ids.select(
        noise=(pl.col("id") * 7919 % 1_000_003).cast(pl.String).str.zfill(120),
    )
    said = {"write": attempt(folder, noise), "sort": attempt(folder, padded)}
    left = [path.name for path in (folder / "scratch").iterdir()]
    print(json.dumps({**said, "left": left}))


if __name__ == "__main__":
    main()

"""The table of what is expected of each source, type and destination, and how it is kept.

A file per source in `expectations/`, a line per case: the outcome at each destination, then type
and value. `=` is the same value in a natural type. `text` is a type that is refused, and stored as
exact text where a person says so with `unheld_types`. `value` is a type that is held, but not this
very value: refused, and stored as exact text where the column is named in `text_columns`. `no` is
refused in any case, as is what the source cannot give to anybody.
"""

from collections.abc import Mapping
from pathlib import Path

from tests.types.sources import columns_of

FOLDER = Path(__file__).parent / "expectations"
DESTINATIONS = (
    *(
        "arrow",
        "csv",
        "delta",
        "duckdb",
        "excel",
        "iceberg",
        "json",
        "mysql",
        "parquet",
        "postgres",
        "sqlite",
    ),
)
SAME, TEXT, VALUE, NO = "=", "text", "value", "no"
HEAD = "  ".join(f"{name:8}" for name in DESTINATIONS) + "  type and value"


def expected(source: str) -> dict[str, dict[str, str]]:
    """Return the outcome by column and destination; the file must name every case once."""
    head, *lines = (FOLDER / f"{source}.txt").read_text(encoding="utf-8").splitlines()
    assert head == HEAD, f"{source}.txt is for other destinations"
    found: dict[str, dict[str, str]] = {}
    for (column, case), line in zip(columns_of(source).items(), lines, strict=True):
        *outcomes, name = line.split(maxsplit=len(DESTINATIONS))
        assert name == case.name, f"{source}.txt has {name!r} where {case.name!r} is"
        found[column] = dict(zip(DESTINATIONS, outcomes, strict=True))
    return found


def written(source: str, outcomes: Mapping[str, Mapping[str, str]]) -> str:
    """Return the text of a source's file."""
    lines = [
        "  ".join([*(f"{outcomes[column][name]:8}" for name in DESTINATIONS), case.name])
        for column, case in columns_of(source).items()
    ]
    return "\n".join([HEAD, *lines]) + "\n"

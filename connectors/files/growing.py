"""How the columns of files grow: whoever appends rows with others writes the old rows anew.

Every file of a target then has the same columns, so that any reader can read them together. The
rewritten files take the names of the old ones, in the commit that brings the new rows.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, TYPE_CHECKING

from connectors.errors import ConfigError, DataError
from connectors.files.elements import parsed
from connectors.sql.columns import fits
from connectors.sql.growing import Growth, unfit, wider

if TYPE_CHECKING:
    import polars as pl

# The files that a load has written; what a folder may lose.
OWN_FILE = re.compile(r"part-.+_\d+-[0-9a-f]{8}\.")


def growth_of(
    columns: Mapping[str, "pl.DataType | None"], schema: Mapping[str, "pl.DataType"], where: str
) -> Growth:
    """Return the columns that files lack for these rows, and those of theirs that are too narrow.

    A type is None where the format does not say it. Raises DataError where none holds both sides.
    """
    added = {name: dtype for name, dtype in schema.items() if name not in columns}
    widened = {}
    for name, held in columns.items():
        given = schema.get(name)
        if held is None or given is None or _holds(held, given):
            continue
        found = wider(held, given)
        if found is None:
            raise unfit(name, held, given, where)
        widened[name] = found
    return Growth(added, widened)


def _holds(held: "pl.DataType", given: "pl.DataType") -> bool:
    """Whether a cast to `held` keeps every value; nanoseconds do not reach as far as the others."""
    units = [getattr(dtype, "time_unit", None) for dtype in (held, given)]
    return fits(given, held) and not (units[0] == "ns" and units[1] != "ns")


def as_grown(frame: "pl.LazyFrame", columns: Mapping[str, "pl.DataType | None"]) -> "pl.LazyFrame":
    """Return rows with these columns, in this order: cast where a type is said, null where missing."""
    import polars as pl

    held = frame.collect_schema()
    return frame.select(
        (pl.col(name) if name in held else pl.lit(None))
        .cast(dtype or held.get(name) or pl.String())
        .alias(name)
        for name, dtype in columns.items()
    )


def with_nulls(rows: Iterable[bytes], names: Iterable[str]) -> Iterator[bytes]:
    """Yield JSON objects in which these names stand too, as null; all else stays as it is written."""
    spelled = {name: json.dumps(name, ensure_ascii=False).encode() for name in names}
    for row in rows:
        # A name may be spelled with escapes, so a row that may have one is looked into.
        may_have = b"\\" in row or any(text in row for text in spelled.values())
        values = parsed(row) if may_have else {}
        lacking = [text + b":null" for name, text in spelled.items() if name not in values]
        inside = row.rstrip().removesuffix(b"}").rstrip()
        separator = b"" if inside.endswith(b"{") and not values else b","
        yield inside + (separator + b",".join(lacking) if lacking else b"") + b"}"


def write_rows(rows: Iterator[bytes], target: IO[bytes], *, is_array: bool) -> None:
    """Write JSON objects as lines or as an array."""
    if not is_array:
        for row in rows:
            target.write(row + b"\n")
        return
    separator = b"[\n"
    for row in rows:
        target.write(separator + row)
        separator = b",\n"
    target.write((b"[" if separator == b"[\n" else b"") + b"\n]\n")


def require_own(names: Iterable[str], where: str) -> None:
    """Raise ConfigError where a folder holds files of somebody else, which are not written anew."""
    strange = [name for name in names if not OWN_FILE.match(name.rpartition("/")[2])]
    if strange:
        raise ConfigError(
            f"{where} holds {strange[0].rpartition('/')[2]!r}, which Millrace did not write, and "
            "columns that join or widen mean that all files are written anew; move it away, or "
            "choose another path",
            field="path",
        )


def compare(
    columns: Mapping[str, "pl.DataType | None"], schema: Mapping[str, "pl.DataType"], where: str
) -> None:
    """Raise DataError where new rows do not fit beside the old ones."""
    extra = [name for name in schema if name not in columns]
    if extra:
        raise DataError(
            f"{where} has no column {extra[0]!r}, so rows with it cannot be appended; known: "
            f"{', '.join(columns)}. Let columns grow (`evolve`), select those columns, or replace "
            "the target"
        )
    for name, dtype in columns.items():
        if dtype is not None and name in schema and schema[name] != dtype:
            raise DataError(
                f"Column {name!r} of {where} is {dtype}, and the new rows bring {schema[name]}; "
                "cast it, or replace the target"
            )

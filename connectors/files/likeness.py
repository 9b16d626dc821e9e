"""Whether files that are read together have the same columns."""

from collections.abc import Mapping

from connectors.errors import DataError
from connectors.files.streams import File


def demand_alike(
    file: File, schema: Mapping[str, object], first: File, known: Mapping[str, object]
) -> None:
    """Raise DataError where a file has other columns, or other types, than the first one."""
    for name in {**known, **schema}:
        ours, theirs = known.get(name, "missing"), schema.get(name, "missing")
        if ours != theirs:
            raise DataError(
                f"Column {name!r} is {ours} in {first.shown} and {theirs} in {file.shown}; "
                "read files of one shape together, the others with a path of their own"
            )

"""The table that rows are staged in: its columns, its names, the database that it lies in."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from connectors.errors import ConfigError
from connectors.sql.markers import PREFIX
from connectors.sql.mysql.catalog import Kept
from connectors.sql.mysql.writing import held_in_key
from connectors.sql.names import TableName, quoted

if TYPE_CHECKING:
    from connectors.sql.mysql.driver import Session

# The server refuses longer names.
_NAME_LENGTH = 64
_COLLATIONS = ("utf8mb4_nopad_bin", "utf8mb4_0900_bin")
# So much of a text is indexed where it has no end.
_PREFIX = 191
INDEX = f"{PREFIX}_key"


def creation(
    session: "Session",
    staging: TableName,
    types: Mapping[str, str],
    *,
    key: Sequence[str],
    order: str | None,
    columns: Mapping[str, Kept],
) -> str:
    """Return the statement that makes the staging table.

    `columns` are those of the target where it stays; `order` names the column that counts the rows
    where they are merged by `key`.
    """
    if order is None:
        key = ()
    known = {name.lower(): kept for name, kept in columns.items()}
    types = dict(types)
    for name in key:
        kept = known.get(name.lower())
        types[name] = held_in_key(types[name], len(key)) if kept is None else _in_words_of(kept)
    definitions = [f"{quoted(name, '`')} {kind}" for name, kind in types.items()]
    if order is not None:
        definitions.append(f"{quoted(order, '`')} BIGINT NOT NULL PRIMARY KEY")
        indexed = ", ".join(_indexed(name, types[name]) for name in key)
        definitions.append(f"KEY {quoted(INDEX, '`')} ({indexed})")
    return (
        f"CREATE TABLE {staging.quoted('`')} ({', '.join(definitions)}) ENGINE=InnoDB "
        f"ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE {collation(session)}"
    )


def _in_words_of(kept: Kept) -> str:
    """Return the type of a target's column, so that equal is what is equal there."""
    if not kept.collation:
        return kept.type
    charset = kept.collation.partition("_")[0]
    return f"{kept.type} CHARACTER SET {charset} COLLATE {kept.collation}"


def _indexed(name: str, kind: str) -> str:
    """Return a column as a part of an index, cut where it has no end."""
    has_no_end = "text" in kind.lower() or "blob" in kind.lower()
    return quoted(name, "`") + (f"({_PREFIX})" if has_no_end else "")


def make_database(session: "Session", database: str) -> None:
    """Make the database where it is missing."""
    found = session.run(
        "SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = %s", database
    )
    if not found:
        session.run(f"CREATE DATABASE IF NOT EXISTS {quoted(database, '`')} CHARACTER SET utf8mb4")


def collation(session: "Session") -> str:
    """Return the collation in which texts are equal that have the same bytes, and no others."""
    found = session.run(
        "SELECT COLLATION_NAME FROM information_schema.COLLATIONS WHERE COLLATION_NAME IN (%s, %s)",
        *_COLLATIONS,
    )
    return str(found[0][0]) if found else "utf8mb4_bin"


def free_name(names: Mapping[str, object]) -> str:
    """Return the name of a column that counts the rows, unlike all others."""
    taken = {name.lower() for name in names}
    name = f"{PREFIX}_row"
    while name in taken:
        name += "_"
    return name


def check_lengths(names: Sequence[str]) -> None:
    """Refuse names that the server refuses."""
    for name in names:
        if len(name) > _NAME_LENGTH:
            raise ConfigError(
                f"The name {name!r} is longer than {_NAME_LENGTH} characters, which MySQL refuses; "
                "rename it"
            )
        if any(ord(character) > 0xFFFF for character in name):
            raise ConfigError(
                f"The name {name!r} holds characters beyond the basic plane of Unicode (emoji), which "
                "MySQL has not in names; rename it"
            )
        if name.endswith(" "):
            raise ConfigError(
                f"The name {name!r} ends with a space, which MySQL refuses; rename it"
            )

"""Custom properties: ours are taken out when they are well-formed, all others are kept in place."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid5

from pydantic import ValidationError

CANONICAL_LENGTH = 36
ABSENT = object()


class Custom:
    """The custom properties of one place, while they are read."""

    def __init__(self, listed: Any) -> None:
        self.rest: list[Any] = list(listed or [])

    def take(self, name: str, valid: Callable[[Any], Any], otherwise: Any = None) -> Any:
        """Take the first property of that name if `valid` accepts it; else leave it where it is."""
        for place, entry in enumerate(self.rest):
            if entry.get("property") == name and entry.keys() == {"property", "value"}:
                try:
                    value = valid(entry["value"])
                except (ValueError, TypeError, KeyError, AttributeError, ValidationError):
                    return otherwise
                del self.rest[place]
                return value
        return otherwise


def text(value: Any) -> str:
    """Accept a text."""
    if not isinstance(value, str):
        raise TypeError
    return value


def flag(value: Any) -> bool:
    """Accept true or false."""
    if not isinstance(value, bool):
        raise TypeError
    return value


def mapping(value: Any) -> dict[str, Any]:
    """Accept a mapping."""
    if not isinstance(value, dict):
        raise TypeError
    return value


def uuid(value: Any) -> UUID:
    """Accept a UUID in its canonical spelling."""
    if not isinstance(value, str) or len(value) != CANONICAL_LENGTH:
        raise ValueError
    return UUID(value)


def uuids(value: Any) -> tuple[UUID, ...]:
    """Accept a list of UUIDs."""
    if not isinstance(value, list):
        raise TypeError
    return tuple(uuid(one) for one in value)


def one_of(*known: str) -> Callable[[Any], Any]:
    """Accept one of these words."""

    def valid(value: Any) -> Any:
        if value not in known:
            raise ValueError
        return value

    return valid


def derived(parent: UUID, kind: str, key: str) -> UUID:
    """Return the UUID of what a contract calls `key`: that itself, or one made of its place."""
    try:
        return uuid(key)
    except ValueError:
        return uuid5(parent, f"{kind}:{key}")


def within(key: str, parent: UUID | None) -> str:
    """Return what a part is known by among the parts of all parents: a UUID stands for itself."""
    try:
        return str(uuid(key))
    except ValueError:
        return f"{parent}/{key}" if parent else key


class Ids:
    """Gives every part an id of its own, the same one whenever the same contract is read."""

    def __init__(self) -> None:
        self.taken: set[UUID] = set()

    def claim(self, parent: UUID, kind: str, key: str, own: UUID | None = None) -> UUID:
        """Return `own`, or what `key` stands for, or, where that is taken, the next that is free."""
        found = own or derived(parent, kind, key)
        number = 0
        while found in self.taken:
            number += 1
            found = uuid5(parent, f"{kind}:{key}:{number}")
        self.taken.add(found)
        return found


def listed(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return properties as the standard lists them."""
    return [{"property": name, "value": value} for name, value in values.items()]

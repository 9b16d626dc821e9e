"""Which bytes of an object a request asks for, as RFC 9110 says it."""

import re

# Of several ranges, or one that makes no sense, the whole is the right answer.
SINGLE = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*", re.IGNORECASE)


class Unsatisfiable(Exception):
    """No byte of the range is there."""


def wanted_span(header: str, size: int) -> tuple[int, int] | None:
    """Return first and last byte of the one range that is asked for; None means all of it.

    Unsatisfiable where the object, of `size` bytes, ends before the range begins.
    """
    match = SINGLE.fullmatch(header.strip())
    if not match or not (match[1] or match[2]):
        return None
    if not match[1]:
        first, last = max(0, size - int(match[2])), size - 1
    else:
        first, last = int(match[1]), min(int(match[2] or size), size - 1)
        if match[2] and int(match[2]) < first:
            return None
    if first >= size or first > last:
        raise Unsatisfiable
    return first, last


def is_fresh(condition: str, etag: str, modified: str) -> bool:
    """Say whether If-Range still means the object as it is; without a condition it does."""
    return condition.strip() in ("", f'"{etag}"', modified)


def matches(condition: str, etag: str) -> bool:
    """Say whether If-None-Match or If-Match names this tag."""
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in condition.split(",")}
    return "*" in tags or etag in tags

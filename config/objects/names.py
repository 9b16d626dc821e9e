"""Which keys an object may have: such as are also paths below a folder."""

import unicodedata
from pathlib import Path

from config.objects.contracts import ObjectsError

# S3's own limit, and that of a file's name.
LONGEST_KEY = 1024
LONGEST_NAME = 255


def checked_key(key: str) -> str:
    """Return the key; ObjectsError if it is none that both a disk and S3 can keep."""
    if fault := _fault(key):
        raise ObjectsError(f"{key[:200]!r} is no key of an object: {fault}.")
    return key


def path_of(folder: Path, key: str) -> Path:
    """Return where an object of this key lies below a folder."""
    return folder.joinpath(*checked_key(key).split("/"))


def _fault(key: str) -> str:
    try:
        names = [name.encode() for name in key.split("/")]
    except UnicodeEncodeError:
        return "it is no Unicode text"
    if len(key.encode()) > LONGEST_KEY or any(len(name) > LONGEST_NAME for name in names):
        return f"it is longer than {LONGEST_KEY} bytes, or one of its names than {LONGEST_NAME}"
    if any(name in (b"", b".", b"..") for name in names):
        return "none of its names may be empty, `.` or `..`"
    if any(unicodedata.category(character) == "Cc" for character in key):
        return "it holds control characters"
    return ""

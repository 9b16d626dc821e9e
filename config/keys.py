"""Secret keys: made once per data folder, or given by the operator and judged."""

import base64
import binascii
import contextlib
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# Django's own deployment check asks for as many characters, and as many different ones.
SHORTEST_KEY = 50
FEWEST_DIFFERENT = 5
WELL_KNOWN = ("django-insecure", "insecure", "change", "secret", "default", "example")


def kept_key(path: Path, make: Callable[[], str]) -> str:
    """Return the key in this file, which is made, readable by its owner only, if it is not there."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_text().strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w") as file:
        file.write(make() + "\n")
    # A link fails where the name is taken: of two processes that start together one key wins.
    with contextlib.suppress(FileExistsError):
        os.link(name, path)
    Path(name).unlink()
    return path.read_text().strip()


def new_secret_key() -> str:
    """Make a key that signs tokens and sessions."""
    return secrets.token_urlsafe(64)


def new_fernet_key() -> str:
    """Make a key that encrypts stored secrets."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def demand_strong_key(key: str) -> None:
    """Refuse a signing key that could be guessed; ImproperlyConfigured says what would be right."""
    if key.lower().startswith(WELL_KNOWN):
        raise ImproperlyConfigured(
            "SECRET_KEY is a well-known example. Set one of your own, for instance from "
            "`openssl rand -base64 60`, or leave it out and one is made under DATA_DIR."
        )
    if len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_DIFFERENT:
        raise ImproperlyConfigured(
            f"SECRET_KEY is too weak: {SHORTEST_KEY} characters or more are needed. "
            "`openssl rand -base64 60` makes a good one."
        )


def demand_fernet_keys(keys: list[str]) -> None:
    """Refuse encryption keys that Fernet cannot use; the message never shows the key."""
    for place, key in enumerate(keys, start=1):
        try:
            size = len(base64.urlsafe_b64decode(key))
        except (binascii.Error, ValueError):
            size = 0
        if size != 32:
            raise ImproperlyConfigured(
                f"FERNET_KEYS: key {place} is not 32 bytes in URL-safe base64. "
                "`python -c 'from cryptography.fernet import Fernet as F; "
                "print(F.generate_key().decode())'` makes one."
            )

"""The access keys of the embedded store, derived from the platform's signing keys."""

import base64
import hmac
from collections.abc import Sequence

from config.objects.signing import Credentials


def derived(secret_key: str) -> Credentials:
    """Return the access key that belongs to a signing key; it tells nothing about that one."""

    def part(purpose: str) -> bytes:
        return hmac.digest(secret_key.encode(), f"millrace objects {purpose}".encode(), "sha256")

    return Credentials(
        id="MR" + part("access key id").hex()[:18].upper(),
        secret=base64.b64encode(part("secret access key")).decode(),
    )


def all_derived(secret_keys: Sequence[str]) -> dict[str, Credentials]:
    """Return the access keys by id; the first signs, all of them let in."""
    return {made.id: made for made in map(derived, secret_keys)}

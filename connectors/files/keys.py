"""Keys of SSH: by which a server is known, and by which a person is."""

import base64
import binascii
import hashlib
import io
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from connectors.errors import ConfigError

if TYPE_CHECKING:
    import paramiko

FINGERPRINT = re.compile(r"SHA256:([A-Za-z0-9+/]{43})=?")
KEY_TYPE = re.compile(r"(ssh|ecdsa|sk)-[a-z0-9@.-]+")


def trusted_keys(text: str) -> frozenset[str]:
    """Return the fingerprints that a text names: `SHA256:…`, a public key, or known_hosts lines.

    Raises ValueError for a line that is none of them.
    """
    lines = [line.strip() for line in text.splitlines()]
    return frozenset(_fingerprint_in(line) for line in lines if line and line[0] != "#")


def _fingerprint_in(line: str) -> str:
    if found := FINGERPRINT.search(line):
        return f"SHA256:{found[1]}"
    words = line.split()
    for word, following in pairwise(words):
        if KEY_TYPE.fullmatch(word) and not line.startswith("@"):
            try:
                return fingerprint(base64.b64decode(following, validate=True))
            except binascii.Error:
                break
    raise ValueError(
        "`host_key` is a fingerprint (SHA256:…), a public key (ssh-ed25519 AAAA…) or lines of a "
        "known_hosts file; `ssh-keyscan <host>` prints such lines"
    )


def fingerprint(key: bytes) -> str:
    """Return how OpenSSH shows a key."""
    digest = base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")
    return f"SHA256:{digest}"


def private_key(text: str, passphrase: str | None) -> "paramiko.PKey":
    """Return a key from its PEM or OpenSSH text; raise ConfigError for what is none."""
    import paramiko

    kinds: tuple[Any, ...] = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
    for kind in kinds:
        try:
            key: paramiko.PKey = kind.from_private_key(io.StringIO(text), password=passphrase)
        except paramiko.PasswordRequiredException:
            raise ConfigError("The private key needs its passphrase", field="passphrase") from None
        except (paramiko.SSHException, ValueError, IndexError):
            continue
        return key
    raise ConfigError(
        "private_key is no Ed25519, ECDSA or RSA key in PEM or OpenSSH form, or its passphrase "
        "is wrong",
        field="private_key",
    )

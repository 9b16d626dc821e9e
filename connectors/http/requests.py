"""What a request to an API carries: its address, parameters, headers, log-in, and what to hide."""

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from pydantic import SecretStr

from connectors.http.networks import UNREADABLE
from connectors.secrets import MASK, is_secret_name

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# The client sets these itself.
OWN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection"})


def plain(value: Any) -> Any:
    """Return a value, laid open where it is a secret."""
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def wrap_secrets(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with those as SecretStr whose names sound secret."""
    return {
        name: SecretStr(value) if isinstance(value, str) and is_secret_name(name) else value
        for name, value in values.items()
    }


def check_headers(headers: Mapping[str, Any]) -> None:
    """Raise ValueError for a header that cannot be sent."""
    for name, value in headers.items():
        text = plain(value)
        if not HEADER_NAME.fullmatch(name) or not text.isprintable() or not text.isascii():
            raise ValueError(f"{name!r} cannot be sent: a header is one line of plain ASCII")
        if name.lower() in OWN_HEADERS:
            raise ValueError(f"{name!r} is set by the client itself")


def refuse_secrets_in_url(url: str) -> None:
    """Raise ValueError for a URL with a password, or with a parameter that sounds secret."""
    try:
        pieces = urlsplit(url)
    except ValueError:
        raise ValueError(UNREADABLE) from None
    query = parse_qsl(pieces.query, keep_blank_values=True)
    if "@" in pieces.netloc or any(is_secret_name(name) for name, _ in query):
        raise ValueError(
            "a URL may not carry a password or a key, because URLs are shown and logged; "
            "use `auth` with `token`, `username` and `password` or `api_key`, or `params`"
        )


def refuse_secrets(value: Any) -> None:
    """Raise ValueError for a member of free-form JSON that sounds secret and is set."""
    for name in _telling_names(value):
        raise ValueError(
            f"{name!r} looks like a secret; give it where it is kept encrypted: under `params`, "
            "`headers` or `body_secrets`, or with `auth`"
        )


def _telling_names(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            # A `key` alone is more often the name of a thing than the way in.
            if isinstance(item, str) and item and name.lower() != "key" and is_secret_name(name):
                yield name
            yield from _telling_names(item)
    elif isinstance(value, list):
        for item in value:
            yield from _telling_names(item)


def join(url: str, endpoint: str) -> str:
    """Return the URL with a path added below its own; its query stays."""
    if not endpoint:
        return url
    pieces = urlsplit(url)
    path = f"{pieces.path.rstrip('/')}/{endpoint.lstrip('/')}"
    return urlunsplit(pieces._replace(path=path, fragment=""))


def pairs(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return parameters as they are sent: lists as repetitions, nulls not at all."""
    found = []
    for name, value in values.items():
        for item in value if isinstance(value, list) else [value]:
            text = plain(item)
            if text is not None:
                found.append((name, text if isinstance(text, str) else json.dumps(text)))
    return found


def basic(username: str, password: str) -> str:
    """Return the value of an Authorization header for a user and a password (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def hiding(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return a function that masks these secrets, however a URL or JSON spells them."""
    spellings = {
        spelling
        for secret in secrets
        if secret
        for spelling in (secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1])
    }
    longest_first = sorted(spellings, key=len, reverse=True)

    def hide(text: str) -> str:
        for spelling in longest_first:
            text = text.replace(spelling, MASK)
        return text

    return hide


def secrets_in(value: Any) -> Iterator[str]:
    """Yield every secret of settings, however deep it lies."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    for item in value.values() if isinstance(value, Mapping) else ():
        yield from secrets_in(item)
    for item in value if isinstance(value, list | tuple) else ():
        yield from secrets_in(item)

"""Who a socket is; the app that knows users says how to tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Knock:
    """What somebody brings who opens a socket."""

    token: str
    """From `?token=` or the Authorization header; empty if none was sent."""
    origin: str
    host: str
    query: Mapping[str, str]

    @classmethod
    def of(cls, scope: Mapping[str, Any]) -> "Knock":
        """Read an ASGI scope."""
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        pairs = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        query = {name: values[-1] for name, values in pairs.items()}
        sent = headers.get("authorization", "")
        token = sent.partition(" ")[2] if sent.lower().startswith("bearer ") else sent
        return cls(
            token=token.strip() or query.get("token", ""),
            origin=headers.get("origin", ""),
            host=headers.get("host", ""),
            query=query,
        )


_identify: list[str] = []


def register(path: str) -> None:
    """Ask the function at this dotted path who knocks: it returns a user, or None.

    A path, so that processes without sockets need not load it.
    """
    _identify[:] = [path]


def user_of(knock: Knock) -> Any:
    """Return the user who knocks, or None for somebody who is not known."""
    return import_string(_identify[0])(knock) if _identify else None

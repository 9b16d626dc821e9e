"""Who a socket is; the app that knows users says how to tell."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qs
from uuid import UUID

from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Knock:
    """What somebody brings who opens a socket."""

    authorization: str
    """The header, or `Bearer <token>` from `?token=`; empty if neither was sent."""
    api_key: str
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
        token = query.get("token", "")
        return cls(
            authorization=headers.get("authorization", "") or (token and f"Bearer {token}"),
            api_key=headers.get("x-api-key", ""),
            origin=headers.get("origin", ""),
            host=headers.get("host", ""),
            query=query,
        )


@dataclass(frozen=True)
class Visitor:
    """Somebody who was let in."""

    user: Any
    credential: UUID | None
    """The session or API key that they came in by; None in open mode."""


class Judge(Protocol):
    """How to tell who somebody is."""

    def identify(self, knock: Knock, *, is_open: bool) -> Visitor | None:
        """Return who knocks; None for somebody who is not known and no open mode lets in."""

    def ended(self, credentials: Collection[UUID]) -> set[UUID]:
        """Return which of these sessions and keys let nobody in any more; at most two queries."""


_judge: list[str] = []


def register(path: str) -> None:
    """Ask the Judge at this dotted path who knocks.

    A path, so that processes without sockets need not load it.
    """
    _judge[:] = [path]


def visitor(knock: Knock, *, is_open: bool = False) -> Visitor | None:
    """Return who knocks; `is_open` says that open mode opens this room."""
    return _asked().identify(knock, is_open=is_open) if _judge else None


def ended(credentials: Collection[UUID]) -> set[UUID]:
    """Return which of these sessions and keys let nobody in any more."""
    return _asked().ended(credentials) if _judge else set()


def _asked() -> Judge:
    judge: Judge = import_string(_judge[0])
    return judge

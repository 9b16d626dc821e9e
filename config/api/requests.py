"""What a request or socket is known by: its id for the log, the client's address and program."""

import logging
import re
import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from config.api import addresses

HEADER = "X-Request-ID"
# What may stand in a log line and a header without harm.
FIT = re.compile(r"[A-Za-z0-9._-]{1,128}")
LONGEST_AGENT = 255

_id: ContextVar[str] = ContextVar("request_id", default="")
_address: ContextVar[str] = ContextVar("client_address", default="")
_agent: ContextVar[str] = ContextVar("client_agent", default="")


def begin(request: HttpRequest) -> str:
    """Keep who a request comes from; returns its id: the one that was sent, if fit, or a new one."""
    sent = request.META
    return _keep(
        peer=sent.get("REMOTE_ADDR", ""),
        forwarded=sent.get("HTTP_X_FORWARDED_FOR", ""),
        agent=sent.get("HTTP_USER_AGENT", ""),
        request_id=sent.get("HTTP_X_REQUEST_ID", ""),
    )


def begin_socket(scope: Mapping[str, Any]) -> str:
    """Keep the same for a socket, from its ASGI scope, in whose task it is called; returns the id."""

    def sent(name: bytes) -> str:
        # A header that comes several times is one list.
        return ",".join(text.decode("latin-1") for key, text in scope["headers"] if key == name)

    return _keep(
        peer=(scope.get("client") or ("", 0))[0],
        forwarded=sent(b"x-forwarded-for"),
        agent=sent(b"user-agent"),
        request_id=sent(b"x-request-id"),
    )


def current_id() -> str:
    """Return the id of the request that is being answered; empty outside of one."""
    return _id.get()


def current_address() -> str:
    """Return the address of the client that is being answered; empty where there is none."""
    return _address.get()


def current_agent() -> str:
    """Return the User-Agent of the client that is being answered, of 255 characters at most."""
    return _agent.get()


def _keep(*, peer: str, forwarded: str, agent: str, request_id: str) -> str:
    trusted = addresses.networks(tuple(settings.TRUSTED_PROXIES))
    _address.set(addresses.client(peer, forwarded, trusted))
    # A database takes no NUL, and a log line no other control character.
    shown = agent if agent.isprintable() else "".join(filter(str.isprintable, agent))
    _agent.set(shown[:LONGEST_AGENT])
    known = request_id if FIT.fullmatch(request_id) else uuid.uuid4().hex
    _id.set(known)
    return known


class RequestIds(logging.Filter):
    """Gives each log record the id of its request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add `request_id` where there is a request; keep every record."""
        if request_id := current_id():
            record.request_id = request_id
        return True

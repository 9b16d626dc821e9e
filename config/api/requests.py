"""The id that a request carries through the log: taken from its header, or made."""

import logging
import re
import uuid
from contextvars import ContextVar

HEADER = "X-Request-ID"
# What may stand in a log line and a header without harm.
FIT = re.compile(r"[A-Za-z0-9._-]{1,128}")

_id: ContextVar[str] = ContextVar("request_id", default="")


def begin(sent: str | None) -> str:
    """Return the id of the request that begins: the one that was sent, if it is fit, or a new one."""
    known = sent if sent and FIT.fullmatch(sent) else uuid.uuid4().hex
    _id.set(known)
    return known


def current_id() -> str:
    """Return the id of the request that is being answered; empty outside of one."""
    return _id.get()


class RequestIds(logging.Filter):
    """Gives each log record the id of its request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add `request_id` where there is a request; keep every record."""
        if request_id := current_id():
            record.request_id = request_id
        return True

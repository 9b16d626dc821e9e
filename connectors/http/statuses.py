"""What an HTTP status outside of 2xx means for the person who waits for the data."""

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from http.client import responses

from connectors.errors import ConfigError, MillraceError, TransientError

# The same request may be answered later.
PASSING = frozenset({408, 425, 429})
HINTS = {
    401: "check the token or password, and how it is sent",
    403: "the account may not read this; check its rights",
    404: "there is nothing at this address; check the URL",
    405: "this address does not take this method",
    407: "a proxy stands in the way",
    410: "what was here is gone",
}


class Refused(ConfigError):
    """The server refused a request with this status; a person must correct something."""

    def __init__(self, message: str, status: int) -> None:
        """Keep the status for those who know what it means here."""
        super().__init__(message)
        self.status = status


def excerpt(body: bytes, hide: Callable[[str], str]) -> str:
    """Return the first characters of a body on one line; `hide` masks the secrets in it.

    It sees the text before it is cut, where it would not know half of a secret.
    """
    return " ".join(hide(body.decode("utf-8", "replace")).split())[:200]


def refusal(
    status: int, where: str, headers: Mapping[str, str], body_excerpt: str
) -> MillraceError:
    """Return the error that a status means: TransientError for 408, 425, 429 and 5xx."""
    said = f"{where} answered {status} {responses.get(status, '')}".rstrip()
    if status in PASSING or status >= 500:
        pause = retry_after(headers.get("retry-after"))
        return TransientError(f"{said}{_quoted(body_excerpt)}", retry_after=pause)
    hint = HINTS.get(status, "check the request")
    return Refused(f"{said}: {hint}{_quoted(body_excerpt)}", status)


def _quoted(body_excerpt: str) -> str:
    return f" (it said: {body_excerpt})" if body_excerpt else ""


def retry_after(value: str | None) -> float | None:
    """Return the seconds of a Retry-After header, which gives seconds or a date."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(moment.timestamp() - time.time(), 0.0)

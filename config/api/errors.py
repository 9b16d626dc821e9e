"""Errors of the API that DRF does not have; the rest are `rest_framework.exceptions`.

They stand apart from what turns them into answers, because DRF reads its parsers, which raise
them, before it is whole.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from rest_framework import status
from rest_framework.exceptions import APIException, Throttled


class Conflict(APIException):
    """What is asked does not go with what is there."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "This conflicts with what is there"
    default_code = "conflict"

    def __init__(
        self,
        detail: str | None = None,
        code: str | None = None,
        *,
        element_id: str | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep which element is in conflict, where it is one of several, and what else to tell."""
        super().__init__(detail, code)
        self.element_id = element_id
        self.more = dict(more or {})


class TooLarge(APIException):
    """The body is larger than this server reads."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The request is too large"
    default_code = "payload_too_large"


class TooMany(Throttled):
    """Somebody does too much of something; it says when they may do it again."""

    default_code = "rate_limit_exceeded"

    def __init__(self, what: str, *, wait: float) -> None:
        """Keep what there was too much of (a sentence without its full stop) and for how long."""
        self.wait = max(1, math.ceil(wait))
        moment = datetime.now(UTC) + timedelta(seconds=self.wait)
        when = f"{_duration(self.wait)}, at {moment:%H:%M:%S} UTC"
        APIException.__init__(self, f"{what}; try again in {when}")


def _duration(seconds: int) -> str:
    """Return whole seconds as people say them, rounded up: 45 seconds, 12 minutes, 2 hours."""
    number, unit = seconds, "second"
    for size, larger in ((60, "minute"), (60, "hour"), (24, "day")):
        if number < 2 * size:
            break
        number, unit = math.ceil(number / size), larger
    return f"{number} {unit}" + ("" if number == 1 else "s")


class Unprocessable(APIException):
    """The request is well-formed, but what it says cannot be done."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "What the request says cannot be done"
    default_code = "validation_error"


class Unavailable(APIException):
    """What is asked for needs something that is not there at the moment, or was never set up."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "This does not work at the moment"
    default_code = "unavailable"

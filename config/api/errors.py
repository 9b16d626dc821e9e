"""Errors of the API that DRF does not have; the rest are `rest_framework.exceptions`.

They stand apart from what turns them into answers, because DRF reads its parsers, which raise
them, before it is whole.
"""

from rest_framework import status
from rest_framework.exceptions import APIException


class Conflict(APIException):
    """What is asked does not go with what is there."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "This conflicts with what is there"
    default_code = "conflict"

    def __init__(
        self, detail: str | None = None, code: str | None = None, *, element_id: str | None = None
    ) -> None:
        """Keep which element is in conflict, where it is one of several."""
        super().__init__(detail, code)
        self.element_id = element_id


class TooLarge(APIException):
    """The body is larger than this server reads."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The request is too large"
    default_code = "payload_too_large"

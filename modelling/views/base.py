"""What every route of a workspace has: who acts, through what, and which version is meant."""

import re
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from config.api.parsers import JSONParser
from modelling import services
from modelling.access import Access
from modelling.models import Workspace
from modelling.services import Actor

CONNECTION_HEADER = "X-Connection-Id"
LONGEST_CONNECTION = 64
NAMED = re.compile(f"[!-~]{{1,{LONGEST_CONNECTION}}}")
TAG = re.compile(r'(?:W/)?"?(\d{1,9})"?')

CONNECTION = OpenApiParameter(
    CONNECTION_HEADER,
    {"type": "string", "minLength": 1, "maxLength": LONGEST_CONNECTION, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    description="The socket of whoever sends this, which hears no echo of it.",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": r'^((W/)?"?[0-9]{1,9}"?|\*)$'},
    OpenApiParameter.HEADER,
    description="The version that is meant, from ETag; another one that is there now is a 409.",
)
ETAG = OpenApiParameter(
    "ETag",
    {"type": "string"},
    OpenApiParameter.HEADER,
    response=[200, 201],
    description="The version, to be sent back as If-Match.",
)


class ModellingView(GenericAPIView):
    """A route about workspaces."""

    pagination_class = None
    parser_classes = (JSONParser,)

    def actor(self) -> Actor:
        """Return who asks, and through which connection."""
        sent = self.request.headers.get(CONNECTION_HEADER)
        if sent is not None and not NAMED.fullmatch(sent):
            raise ValidationError(
                {CONNECTION_HEADER: f"{CONNECTION_HEADER} must be 1 to 64 ASCII characters"}
            )
        return Actor(self.request.user, sent or "")

    def workspace(self) -> tuple[Workspace, Access]:
        """Return the workspace of the path and what the caller is in it; NotFound for strangers."""
        uuid: UUID = self.kwargs["workspace"]
        return services.open_workspace(user=self.request.user, workspace=uuid)

    def version(self) -> int | None:
        """Return the version that a change is meant for: If-Match, else `version` of the body."""
        header = self.request.headers.get("If-Match", "*").strip()
        if header != "*":
            tag = TAG.fullmatch(header)
            if tag is None:
                raise ValidationError({"If-Match": "If-Match must be a version, such as 3"})
            return int(tag[1])
        sent = self.request.data.get("version") if isinstance(self.request.data, dict) else None
        if sent is not None and (isinstance(sent, bool) or not isinstance(sent, int) or sent < 1):
            raise ValidationError({"version": "version must be a whole number from 1"})
        return sent

    def told(self, shape: dict[str, Any], *, status: int = status.HTTP_200_OK) -> Response:
        """Return one element, with its version as its ETag."""
        return Response(shape, status=status, headers={"ETag": f'"{shape["version"]}"'})


def gone() -> Response:
    """Return the answer to what was taken away."""
    return Response(status=status.HTTP_204_NO_CONTENT)

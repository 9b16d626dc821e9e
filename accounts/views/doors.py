"""What the doors of all contracts share: they are there for those who have no token yet."""

from typing import Any, TypeVar

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from config.api.parsers import FormParser, JSONParser, MultiPartParser

Asked = TypeVar("Asked", bound=BaseSerializer[Any])


class DoorView(APIView):
    """A route that needs no token; one that is sent is not looked at. What it answers is not kept."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = (JSONParser, FormParser, MultiPartParser)

    def get_authenticate_header(self, request: Request) -> str:
        """Return what makes a wrong password a 401; DRF answers 403 where nobody authenticates."""
        return "Bearer"

    def finalize_response(
        self, request: Request, response: Response, *args: object, **kwargs: object
    ) -> Response:
        """Let neither a browser nor a proxy keep a token."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers["Cache-Control"] = "no-store"
        return answer


def judged(serializer: type[Asked], request: Request, **options: Any) -> dict[str, Any]:
    """Return what a request asks for, as the serializer reads it; ValidationError otherwise."""
    asked = serializer(data=request.data, **options)
    asked.is_valid(raise_exception=True)
    values: dict[str, Any] = asked.validated_data
    return values

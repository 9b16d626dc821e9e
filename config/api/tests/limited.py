"""Routes with a limit, and one without, for users who say who they are."""

from types import SimpleNamespace

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.response import Response
from rest_framework.views import APIView

from config.api.routing import both


class Named(BaseAuthentication):
    """Knows a user by a number in a header."""

    def authenticate(self, request):
        """Return the user; a number that is none is a bad token."""
        number = request.headers.get("X-User", "")
        if number == "bad":
            raise AuthenticationFailed
        return (SimpleNamespace(pk=int(number), is_authenticated=True), None) if number else None

    def authenticate_header(self, request):
        """Return what makes it a 401."""
        return "Bearer"


class Route(APIView):
    """A route as the ETL Builder has them."""

    authentication_classes = (Named,)

    def get(self, request, rest=""):
        """Answer, or fail as the path says."""
        if rest == "denied":
            raise PermissionDenied
        if rest == "bug":
            raise RuntimeError
        return Response({"fine": True})

    def post(self, request, rest=""):
        """Read the body."""
        return Response(request.data)


urlpatterns = [
    *both("api/v1/pipelines", Route.as_view()),
    *both("api/v1/pipelines/<str:rest>", Route.as_view()),
    *both("api/v1/modules", Route.as_view()),
    *both("api/v1/pipelinesque", Route.as_view()),
    *both("jobs", Route.as_view()),
]

"""The account routes of the contracts."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services, tokens
from accounts.permissions import ORC
from accounts.serializers import Credentials, OrcToken, OrcUser
from config.api import schema


class DoorView(APIView):
    """A route that is there for those who have no token yet; one that they send is not looked at."""

    authentication_classes = ()
    permission_classes = ()

    def get_authenticate_header(self, request: Request) -> str:
        """Return what makes a wrong password a 401; DRF answers 403 where nobody authenticates."""
        return "Bearer"


class OrcRegister(DoorView):
    """Sign up as the orc contract does it."""

    @extend_schema(tags=[schema.ORC], request=Credentials, responses=OrcUser)
    def post(self, request: Request) -> Response:
        """Sign a new user up."""
        asked = Credentials(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(OrcUser(services.register(**asked.validated_data)).data)


class OrcLogIn(DoorView):
    """Log in as the orc contract does it."""

    @extend_schema(tags=[schema.ORC], request=Credentials, responses=OrcToken)
    def post(self, request: Request) -> Response:
        """Issue a token for a name (or e-mail) and its password."""
        asked = Credentials(data=request.data)
        asked.is_valid(raise_exception=True)
        user = services.log_in(
            identifier=asked.validated_data["username"], password=asked.validated_data["password"]
        )
        return Response({"token": tokens.issue(user, door=ORC)})

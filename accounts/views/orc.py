"""The doors of the orc-rust-ator contract."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services, tokens
from accounts.permissions import ORC
from accounts.serializers import Credentials, OrcToken, OrcUser
from accounts.views.doors import DoorView
from config.api import schema


class Register(DoorView):
    """Sign up as the orc contract does it."""

    @extend_schema(tags=[schema.ORC], request=Credentials, responses=OrcUser)
    def post(self, request: Request) -> Response:
        """Sign a new user up."""
        asked = Credentials(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(OrcUser(services.register(**asked.validated_data)).data)


class LogIn(DoorView):
    """Log in as the orc contract does it."""

    @extend_schema(tags=[schema.ORC], request=Credentials, responses=OrcToken)
    def post(self, request: Request) -> Response:
        """Issue a token for a name (or e-mail) and its password."""
        asked = Credentials(data=request.data)
        asked.is_valid(raise_exception=True)
        session = services.log_in(
            identifier=asked.validated_data["username"],
            password=asked.validated_data["password"],
            door=ORC,
        )
        return Response({"token": tokens.access_token(session)})

"""The doors of the orc-rust-ator contract."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.permissions import ORC
from accounts.serializers.inputs import OrcCredentials, OrcRegistration
from accounts.serializers.tokens import OrcToken, lone_token_of
from accounts.serializers.users import OrcUser
from accounts.views.doors import DoorView, judged
from config.api import schema


class Register(DoorView):
    """Sign up as the orc contract does it."""

    @schema.errors(403, 429)
    @extend_schema(
        operation_id="orcRegister",
        tags=[schema.ORC],
        request=OrcRegistration,
        responses={200: OrcUser},
    )
    def post(self, request: Request) -> Response:
        """Sign a new user up."""
        services.demand_open_signup()
        return Response(OrcUser(services.register(**judged(OrcRegistration, request))).data)


class LogIn(DoorView):
    """Log in as the orc contract does it."""

    @schema.errors(401, 429)
    @extend_schema(
        operation_id="orcLogIn",
        tags=[schema.ORC],
        request=OrcCredentials,
        responses={200: OrcToken},
    )
    def post(self, request: Request) -> Response:
        """Issue a token for a name (or e-mail) and its password."""
        asked = judged(OrcCredentials, request)
        session = services.log_in(
            identifier=asked["username"], password=asked["password"], door=ORC
        )
        return Response(lone_token_of(session))

"""The doors of the Olake contract, and its question who is logged in."""

from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.models import TAKEN, User
from accounts.serializers.inputs import OlakeCredentials, OlakeSignup
from accounts.serializers.tokens import OlakeCheck, OlakeToken, lone_token_of
from accounts.serializers.users import OlakeUser
from accounts.views.doors import DoorView, judged
from config.api import schema
from config.api.errors import Conflict

OLAKE = "olake"


class SignUp(DoorView):
    """Sign up as Olake does it."""

    @schema.errors(403, 409, 429)
    @extend_schema(
        operation_id="olakeSignUp",
        tags=[schema.OLAKE],
        request=OlakeSignup,
        responses={201: OlakeUser},
    )
    def post(self, request: Request) -> Response:
        """Sign a new user up; 409 if the e-mail is registered already."""
        services.demand_open_signup()
        asked = judged(OlakeSignup, request)
        try:
            user = services.register(**asked)
        except ValidationError as error:
            if error.message_dict == {"email": [TAKEN["email"]]}:
                raise Conflict(TAKEN["email"]) from error
            raise
        return Response(OlakeUser(user).data, status=status.HTTP_201_CREATED)


class LogIn(DoorView):
    """Log in as Olake does it."""

    @schema.errors(401, 429)
    @extend_schema(
        operation_id="olakeLogIn",
        tags=[schema.OLAKE],
        request=OlakeCredentials,
        responses={200: OlakeToken},
    )
    def post(self, request: Request) -> Response:
        """Issue a token for an e-mail (or a name) and its password."""
        session = services.log_in(**judged(OlakeCredentials, request), door=OLAKE)
        return Response(lone_token_of(session) | _about(session.user))


class Check(APIView):
    """Who is logged in, as Olake asks it."""

    @extend_schema(operation_id="olakeCheck", tags=[schema.OLAKE], responses={200: OlakeCheck})
    def get(self, request: Request) -> Response:
        """Tell who is logged in."""
        return Response({"authenticated": True} | _about(request.user))


def _about(user: User) -> dict[str, Any]:
    project = services.ensure_personal_project(owner=user)
    return {"user": OlakeUser(user).data, "project_id": project.pk}

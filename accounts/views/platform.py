"""The doors that Karyaksham, the ETL Builder and the modelling contract share, under /api/v1/auth."""

from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.authentication import KEY_PREFIX, credential_of
from accounts.serializers.inputs import LogOut as LogOutInput
from accounts.serializers.inputs import PlatformCredentials, RefreshToken, Registration
from accounts.serializers.tokens import Message, PlatformToken, TokenPair, pair_of
from accounts.serializers.users import KaryakshamUser, NewUser
from accounts.views.doors import DoorView, judged
from config.api import schema

KARYAKSHAM, ETL_BUILDER = "kary", "etl"
LOGGED_OUT = "You are logged out"
NO_SESSION = "You are logged out; there was no session to end"
IS_KEY = "An API key has no session: it stays good until it is deleted under /api/v1/api-keys"


class WrongPair(exceptions.APIException):
    """The name or the password is wrong, as Karyaksham and OAuth2 (RFC 6749, 5.2) tell it."""

    status_code = status.HTTP_400_BAD_REQUEST


class Register(DoorView):
    """Sign up as Karyaksham or the ETL Builder does it."""

    @schema.errors(403, 429)
    @extend_schema(
        operation_id="register",
        tags=[schema.KARYAKSHAM, schema.ETL_BUILDER],
        request=Registration,
        responses={201: NewUser},
    )
    def post(self, request: Request) -> Response:
        """Sign a new user up, by a username as the ETL Builder does or by an e-mail as Karyaksham."""
        services.demand_open_signup()
        user = services.register(**judged(Registration, request))
        shape = NewUser if user.username else KaryakshamUser
        return Response(shape(user).data, status=status.HTTP_201_CREATED)


class LogIn(DoorView):
    """Log in as Karyaksham and the ETL Builder do it."""

    @schema.errors(429)
    @extend_schema(
        operation_id="logIn",
        tags=[schema.KARYAKSHAM, schema.ETL_BUILDER],
        request=PlatformCredentials,
        responses={200: PlatformToken},
    )
    def post(self, request: Request) -> Response:
        """Issue tokens for a name or e-mail and its password; 400 if they are wrong."""
        asked = judged(PlatformCredentials, request)
        door = KARYAKSHAM if "@" in asked["identifier"] else ETL_BUILDER
        try:
            session = services.log_in(**asked, door=door)
        except exceptions.AuthenticationFailed as error:
            raise WrongPair(str(error.detail), code="invalid_grant") from error
        pair = pair_of(session)
        return Response(
            {name: pair[name] for name in PlatformToken().fields} | {"token_type": "bearer"}
        )


class Refresh(DoorView):
    """Exchange a refresh token."""

    @schema.errors(401)
    @extend_schema(
        operation_id="refreshTokens",
        tags=[schema.ETL_BUILDER, schema.MODELLING],
        request=RefreshToken,
        responses={200: TokenPair},
    )
    def post(self, request: Request) -> Response:
        """Issue new tokens for a refresh token, which is good once."""
        asked = judged(RefreshToken, request)
        return Response(pair_of(services.refresh(token=asked["refresh_token"])))


class LogOut(DoorView):
    """End a session."""

    @extend_schema(
        operation_id="logOut",
        tags=[schema.MODELLING],
        request=LogOutInput,
        responses={200: Message},
    )
    def post(self, request: Request) -> Response:
        """End the session of the token that is sent; 200 too if there is none to end."""
        # Nothing is judged: whoever wants to leave leaves, whatever else they send.
        sent = request.data.get("refresh_token") if isinstance(request.data, dict) else None
        credential = _credential(request)
        ended = [
            services.log_out(token=token) for token in (credential, sent) if isinstance(token, str)
        ]
        if any(ended):
            return Response({"message": LOGGED_OUT})
        return Response({"message": IS_KEY if credential.startswith(KEY_PREFIX) else NO_SESSION})


def _credential(request: Request) -> str:
    """Return the token or key of the headers; empty where there is none or one of another kind."""
    sent = request.META
    try:
        return credential_of(sent.get("HTTP_AUTHORIZATION", ""), sent.get("HTTP_X_API_KEY", ""))
    except exceptions.AuthenticationFailed:
        return ""

"""Who one is, and what one may change about that."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.models import Scope
from accounts.serializers.inputs import PasswordChange, ProfileChange
from accounts.serializers.users import Me, Profile
from accounts.views.doors import judged
from config.api import schema


class WhoAmI(APIView):
    """Who is logged in, as the ETL Builder and the modelling contract's client ask it."""

    @extend_schema(
        operation_id="getMe", tags=[schema.ETL_BUILDER, schema.MODELLING], responses={200: Me}
    )
    def get(self, request: Request) -> Response:
        """Tell who is logged in."""
        return Response(Me(request.user).data)


class CurrentUser(APIView):
    """Who is logged in, as Karyaksham asks it; and what they change about themselves."""

    @property
    def scope(self) -> Scope:
        """Return what an API key needs: to read is one thing, to change the account another."""
        return Scope.READ if self.request.method in SAFE_METHODS else Scope.ACCOUNT

    @extend_schema(
        operation_id="getCurrentUser", tags=[schema.KARYAKSHAM], responses={200: Profile}
    )
    def get(self, request: Request) -> Response:
        """Tell who is logged in."""
        return Response(Profile(request.user).data)

    @extend_schema(
        operation_id="replaceCurrentUser",
        tags=[schema.MILLRACE],
        request=ProfileChange,
        responses={200: Profile},
    )
    def put(self, request: Request) -> Response:
        """Change one's name, username or e-mail; what is not sent stays."""
        return self._change(request)

    @extend_schema(
        operation_id="changeCurrentUser",
        tags=[schema.MILLRACE],
        request=ProfileChange,
        responses={200: Profile},
    )
    def patch(self, request: Request) -> Response:
        """Change one's name, username or e-mail; what is not sent stays."""
        return self._change(request)

    def _change(self, request: Request) -> Response:
        changes = judged(ProfileChange, request)
        user = services.change_profile(user=request.user, by=request.user, **changes)
        return Response(Profile(user).data)


class Password(APIView):
    """One's own password."""

    scope = Scope.ACCOUNT

    @schema.errors(403, 429)
    @extend_schema(
        operation_id="changePassword",
        tags=[schema.MILLRACE],
        request=PasswordChange,
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        """Set a new password and end every other session."""
        mine: UUID | None = request.auth.session
        services.replace_password(
            user=request.user, **judged(PasswordChange, request), besides=mine
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

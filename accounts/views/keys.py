"""The routes of one's own API keys."""

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.models import ApiKey, Scope
from accounts.serializers.sessions import KeyInput, KeyRow, NewKey
from accounts.views.doors import judged
from config.api import schema
from config.api.lists import ListView
from config.api.paging import LimitOffset
from config.api.parsers import JSONParser


class KeyView(ListView):
    """A route about the caller's own API keys."""

    serializer_class = KeyRow
    pagination_class = LimitOffset
    parser_classes = (JSONParser,)
    scope = Scope.ACCOUNT

    def get_queryset(self) -> QuerySet[ApiKey]:
        """Return the caller's keys that were not ended; one that expired is still told."""
        return ApiKey.objects.filter(user=self.request.user, ended_at=None)

    def key(self) -> ApiKey:
        """Return the key that the path names; Http404 if there is none."""
        found = self.get_queryset().select_related("user").filter(uuid=self.kwargs["key"]).first()
        if found is None:
            raise Http404
        return found


class Keys(KeyView):
    """All of one's API keys, and new ones."""

    @extend_schema(operation_id="listApiKeys", tags=[schema.MILLRACE], responses=KeyRow(many=True))
    def get(self, request: Request) -> Response:
        """List one's keys by their first characters, newest first."""
        return self.page(self.get_queryset(), KeyRow)

    # Without an Idempotency-Key: the answer would be stored, and the key in it.
    @extend_schema(
        operation_id="createApiKey",
        tags=[schema.MILLRACE],
        request=KeyInput,
        responses={201: NewKey},
    )
    def post(self, request: Request) -> Response:
        """Make a key; it is in this answer and nowhere else."""
        row, key = services.create_key(
            user=request.user, grant=request.auth, **judged(KeyInput, request)
        )
        row.key = key
        headers = {"Cache-Control": "no-store"}
        return Response(NewKey(row).data, status=status.HTTP_201_CREATED, headers=headers)


class KeyDetail(KeyView):
    """One API key."""

    @extend_schema(operation_id="getApiKey", tags=[schema.MILLRACE])
    def get(self, request: Request, key: str) -> Response:
        """Tell of a key, never the key itself."""
        return Response(KeyRow(self.key()).data)

    @extend_schema(operation_id="revokeApiKey", tags=[schema.MILLRACE], responses={204: None})
    def delete(self, request: Request, key: str) -> Response:
        """End a key: it is good no more, and its sockets close."""
        services.revoke_key(key=self.key(), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

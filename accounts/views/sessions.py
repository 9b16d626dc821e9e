"""The routes of one's own sessions."""

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.models import Scope, Session
from accounts.serializers.sessions import SessionRow
from config.api import schema
from config.api.lists import ListView
from config.api.paging import LimitOffset


class SessionView(ListView):
    """A route about the caller's own sessions."""

    serializer_class = SessionRow
    pagination_class = LimitOffset
    scope = Scope.ACCOUNT

    def get_queryset(self) -> QuerySet[Session]:
        """Return the caller's sessions that go on, and which of them this request is of."""
        is_current = ExpressionWrapper(
            Q(uuid=self.request.auth.session), output_field=BooleanField()
        )
        own = Session.objects.live().filter(user=self.request.user)
        return own.select_related("user").annotate(is_current=is_current)


class Sessions(SessionView):
    """All of one's sessions."""

    @extend_schema(
        operation_id="listSessions", tags=[schema.MILLRACE], responses=SessionRow(many=True)
    )
    def get(self, request: Request) -> Response:
        """List one's log-ins that go on, newest first."""
        return self.page(self.get_queryset(), SessionRow)

    @extend_schema(operation_id="endOtherSessions", tags=[schema.MILLRACE], responses={204: None})
    def delete(self, request: Request) -> Response:
        """End every session of one's own but this one; by an API key, every one."""
        services.end_sessions(user=request.user, by=request.user, besides=request.auth.session)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionDetail(SessionView):
    """One session."""

    @extend_schema(operation_id="endSession", tags=[schema.MILLRACE], responses={204: None})
    def delete(self, request: Request, session: str) -> Response:
        """End a session: its tokens are good no more, its sockets close."""
        found = self.get_queryset().filter(uuid=session).first()
        if found is None:
            raise Http404
        services.end_session(session=found, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

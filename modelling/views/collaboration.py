"""Who takes part in a workspace, and what happened in it."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Scope
from config.api import schema
from modelling import reading, services
from modelling.access import Action
from modelling.serializers import collaboration as shown
from modelling.serializers.bodies import INVITE, EventsQuery, InviteInput, PartInput
from modelling.views.base import CONNECTION, ModellingView, gone

INVITED = PolymorphicProxySerializer(
    component_name="Invited",
    serializers=[shown.ParticipantRow, shown.InvitationRow],
    resource_type_field_name=None,
)

ANSWERED: dict[str, Any] = {"response_only": True, "status_codes": ["201"]}


class Collaboration(ModellingView):
    """Who works on a workspace."""

    serializer_class = shown.CollaborationRow

    @extend_schema(operation_id="getCollaboration", tags=[schema.MODELLING])
    def get(self, request: Request, workspace: UUID) -> Response:
        """Tell who takes part in a workspace; its owner is also told who is invited."""
        found, access = self.workspace()
        told = reading.collaboration(found, is_owner=access.may(Action.MANAGE))
        return Response(told)


class Invite(ModellingView):
    """Inviting."""

    scope = Scope.ACCOUNT
    serializer_class = shown.ParticipantRow

    @schema.errors(409)
    @extend_schema(
        operation_id="inviteParticipant",
        tags=[schema.MODELLING],
        parameters=[CONNECTION],
        request=InviteInput,
        responses={201: INVITED},
        examples=[
            OpenApiExample("Millrace", value=INVITE, request_only=True),
            OpenApiExample("Joined", value=shown.PARTICIPANT, **ANSWERED),
            OpenApiExample("Invited", value=shown.INVITATION, **ANSWERED),
        ],
    )
    def post(self, request: Request, workspace: UUID) -> Response:
        """Invite somebody to a shared workspace; who takes part already gets the new level.

        Whoever has no account yet takes part after signing in with GitHub by that name or e-mail.
        """
        self.workspace()
        asked = InviteInput(data=request.data)
        asked.is_valid(raise_exception=True)
        made = services.invite(actor=self.actor(), workspace=workspace, wish=asked.wish())
        return Response(made, status=status.HTTP_201_CREATED)


class Invitation(ModellingView):
    """One invitation."""

    scope = Scope.ACCOUNT

    @extend_schema(
        operation_id="withdrawInvitation",
        tags=[schema.MODELLING],
        parameters=[CONNECTION],
        responses={204: None},
    )
    @schema.errors(409)
    def delete(self, request: Request, workspace: UUID, invitation: UUID) -> Response:
        """Take back the invitation of somebody who has not come yet."""
        services.withdraw_invitation(actor=self.actor(), workspace=workspace, invitation=invitation)
        return gone()


class Participant(ModellingView):
    """One participant."""

    scope = Scope.ACCOUNT
    serializer_class = shown.ParticipantRow

    @schema.errors(409)
    @extend_schema(
        operation_id="changeParticipant",
        tags=[schema.MODELLING],
        parameters=[CONNECTION],
        request=PartInput,
    )
    def put(self, request: Request, workspace: UUID, user: UUID) -> Response:
        """Change what a participant may do; what is not sent stays."""
        self.workspace()
        asked = PartInput(data=request.data)
        asked.is_valid(raise_exception=True)
        changes: dict[str, Any] = asked.validated_data
        if "canvas_ownership" in changes:
            changes["canvas_ownership"] = tuple(changes["canvas_ownership"])
        return Response(
            services.change_participant(
                actor=self.actor(), workspace=workspace, user=user, changes=changes
            )
        )

    @schema.errors(409)
    @extend_schema(
        operation_id="removeParticipant",
        tags=[schema.MODELLING],
        parameters=[CONNECTION],
        responses={204: None},
    )
    def delete(self, request: Request, workspace: UUID, user: UUID) -> Response:
        """End somebody's part in a workspace; one's own may be ended by oneself."""
        services.remove_participant(actor=self.actor(), workspace=workspace, user=user)
        return gone()


class Events(ModellingView):
    """What happened in a workspace."""

    serializer_class = shown.WorkspaceEvents

    @extend_schema(
        operation_id="listWorkspaceEvents", tags=[schema.MODELLING], parameters=[EventsQuery]
    )
    def get(self, request: Request, workspace: UUID) -> Response:
        """List what happened after a seq, in order: to catch up, and as the history of an element."""
        found, _ = self.workspace()
        asked = EventsQuery(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        events, has_more = reading.events(found, **asked.validated_data)
        told = {"workspace_id": found.uuid, "seq": found.seq, "has_more": has_more}
        return Response({**told, "events": events})

"""Who takes part and what happened, as it is answered."""

from typing import Any

from rest_framework import serializers

from config.api import schema
from modelling.models import AccessLevel
from modelling.serializers.bodies import Facts, Uuids
from modelling.serializers.rows import AT, ID, OTHER, Row

PARTICIPANT = {
    "id": ID,
    "user_id": OTHER,
    "name": "Bob",
    "access_level": "edit",
    "canvas_ownership": [ID],
    "status": "joined",
    "joined_at": AT,
    "last_seen_at": AT,
}
INVITATION = {
    "id": OTHER,
    "email": "eve@example.com",
    "github_username": None,
    "access_level": "read",
    "canvas_ownership": [],
    "status": "invited",
    "invited_at": AT,
}
EVENT = {
    "seq": 13,
    "type": "table_updated",
    "workspace_id": ID,
    "element_type": "table",
    "element_id": OTHER,
    "table_id": OTHER,
    "data": {"name": "orders"},
    "version": 2,
    "user_id": OTHER,
    "connection_id": None,
    "timestamp": AT,
}


@schema.shows(PARTICIPANT)
class ParticipantRow(Row):
    """Somebody who takes part; the owner of the workspace is told by itself."""

    id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    name = serializers.CharField(help_text="The name, or else what they log in with.")
    access_level = serializers.ChoiceField(AccessLevel.choices)
    canvas_ownership = Uuids()
    status = serializers.ChoiceField(["joined"])
    joined_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()


@schema.shows(INVITATION)
class InvitationRow(Row):
    """Somebody who was invited and is no user yet."""

    id = serializers.UUIDField()
    email = serializers.CharField(allow_null=True)
    github_username = serializers.CharField(allow_null=True)
    access_level = serializers.ChoiceField(AccessLevel.choices)
    canvas_ownership = Uuids()
    status = serializers.ChoiceField(["invited"])
    invited_at = serializers.DateTimeField()


@schema.shows(
    {
        "session_id": ID,
        "workspace_id": OTHER,
        "primary_owner_id": OTHER,
        "participants": [PARTICIPANT],
        "invitations": [INVITATION],
        "websocket_connection_status": "disconnected",
    }
)
class CollaborationRow(Row):
    """Who works on a workspace; who is invited is told to its owner alone."""

    session_id = serializers.UUIDField()
    workspace_id = serializers.UUIDField()
    primary_owner_id = serializers.UUIDField()
    participants = ParticipantRow(many=True)
    invitations = InvitationRow(many=True)
    websocket_connection_status = serializers.ChoiceField(
        ["connected", "disconnected", "reconnecting"]
    )


class WorkspaceEventRow(Row):
    """One change, as sockets hear it; its element stands also under its own name (`table_id`)."""

    seq = serializers.IntegerField(help_text="Grows by one from event to event.")
    type = serializers.CharField(help_text="Such as table_updated.")
    workspace_id = serializers.UUIDField()
    element_type = serializers.CharField()
    element_id = serializers.UUIDField()
    data = Facts(help_text="What was made, or the fields that changed.")
    version = serializers.IntegerField(help_text="The element's version after it.")
    user_id = serializers.UUIDField(allow_null=True)
    connection_id = serializers.CharField(allow_null=True, help_text="The X-Connection-Id.")
    timestamp = serializers.DateTimeField()


@schema.shows({"workspace_id": ID, "seq": 13, "has_more": False, "events": [EVENT]})
class WorkspaceEvents(serializers.Serializer[Any]):
    """What happened after a seq, in order."""

    workspace_id = serializers.UUIDField()
    seq = serializers.IntegerField(help_text="The number of the workspace's last event.")
    has_more = serializers.BooleanField()
    events = WorkspaceEventRow(many=True)

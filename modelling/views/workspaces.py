"""Workspaces: all of one's own, new ones, and each."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Project
from accounts.permissions import project_for
from config.api import schema
from config.api.idempotency import idempotent
from config.api.references import Reference
from modelling import services
from modelling.schema import Document
from modelling.serializers import rows
from modelling.serializers.bodies import request_of
from modelling.shapes import workspace_shape
from modelling.views.base import CONNECTION, ETAG, IF_MATCH, ModellingView, gone

OWN = ("name", "type")
PROJECT = {
    "project_id": {
        "nullable": True,
        "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "format": "uuid"}],
        "description": "Where it lies; one's own project if it is left out or not seen.",
    }
}


class Workspaces(ModellingView):
    """All workspaces, and new ones."""

    serializer_class = rows.WorkspaceRows

    @extend_schema(operation_id="listWorkspaces", tags=[schema.MODELLING])
    def get(self, request: Request) -> Response:
        """List the workspaces that one owns or takes part in, the newest first.

        Invitations by a GitHub name or by an e-mail that GitHub has verified are taken up here.
        """
        services.claim_invitations(user=request.user)
        found = services.workspaces_of(request.user).order_by("-pk")
        return Response({"workspaces": [workspace_shape(row) for row in found]})

    @schema.errors(409)
    @extend_schema(
        operation_id="createWorkspace",
        tags=[schema.MODELLING],
        parameters=[CONNECTION, ETAG],
        request=request_of(Document, only=OWN, more=PROJECT),
        responses={201: rows.WorkspaceRow},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a workspace of one's own; its name must not be that of another one of one's own."""
        made = services.create_workspace(
            actor=self.actor(), project=self.project(), data=request.data
        )
        return self.told(made, status=status.HTTP_201_CREATED)

    def project(self) -> Project:
        """Return where a new workspace is to lie."""
        data = self.request.data
        sent = data.get("project_id") if isinstance(data, dict) else None
        field = Reference(source="project_id", allow_null=True)
        field.field_name = "project_id"
        named = None if sent is None else field.run_validation(sent)
        return project_for(self.request.user, named)


class WorkspaceDetail(ModellingView):
    """One workspace."""

    serializer_class = rows.WorkspaceRow

    @extend_schema(operation_id="getWorkspace", tags=[schema.MODELLING], parameters=[ETAG])
    def get(self, request: Request, workspace: UUID) -> Response:
        """Tell of a workspace."""
        return self.told(workspace_shape(self.workspace()[0]))

    @schema.errors(409)
    @extend_schema(
        operation_id="replaceWorkspace",
        tags=[schema.MODELLING],
        parameters=[CONNECTION, IF_MATCH, ETAG],
        request=request_of(Document, only=OWN, is_partial=True),
    )
    def put(self, request: Request, workspace: UUID) -> Response:
        """Rename a workspace, or share it or not; what is not sent stays.

        Only its owner decides about sharing. One that becomes personal loses its participants.
        """
        return self.told(
            services.update_workspace(
                actor=self.actor(),
                workspace=workspace,
                data=request.data,
                version=self.version(),
            )
        )

    @schema.errors(409)
    @extend_schema(
        operation_id="deleteWorkspace",
        tags=[schema.MODELLING],
        parameters=[CONNECTION],
        responses={204: None},
    )
    def delete(self, request: Request, workspace: UUID) -> Response:
        """Take a workspace away with all that is in it; its owner may."""
        services.delete_workspace(actor=self.actor(), workspace=workspace)
        return gone()

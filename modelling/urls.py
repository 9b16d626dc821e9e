"""The paths of the modelling routes."""

from config.api.routing import both
from modelling.views import collaboration, elements, exporting, workspaces

WORKSPACE = "api/v1/workspaces/<uuid:workspace>"

urlpatterns = [
    *both("api/v1/workspaces", workspaces.Workspaces.as_view(), name="workspaces"),
    *both(WORKSPACE, workspaces.WorkspaceDetail.as_view(), name="workspace"),
    *both(f"{WORKSPACE}/domains", elements.Domains.as_view(), name="domains"),
    *both(f"{WORKSPACE}/domains/<uuid:domain>", elements.Domain.as_view(), name="domain"),
    *both(f"{WORKSPACE}/tables", elements.Tables.as_view(), name="tables"),
    *both(f"{WORKSPACE}/tables/<uuid:table>", elements.Table.as_view(), name="table"),
    *both(f"{WORKSPACE}/relationships", elements.Relationships.as_view(), name="relationships"),
    *both(
        f"{WORKSPACE}/relationships/<uuid:relationship>",
        elements.Relationship.as_view(),
        name="relationship",
    ),
    *both(f"{WORKSPACE}/data-flow-diagrams", elements.Diagrams.as_view(), name="diagrams"),
    *both(
        f"{WORKSPACE}/data-flow-diagrams/<uuid:diagram>",
        elements.Diagram.as_view(),
        name="diagram",
    ),
    *both(
        f"{WORKSPACE}/collaboration", collaboration.Collaboration.as_view(), name="collaboration"
    ),
    *both(f"{WORKSPACE}/collaboration/invite", collaboration.Invite.as_view(), name="invite"),
    *both(
        f"{WORKSPACE}/collaboration/invitations/<uuid:invitation>",
        collaboration.Invitation.as_view(),
        name="invitation",
    ),
    *both(
        f"{WORKSPACE}/collaboration/participants/<uuid:user>",
        collaboration.Participant.as_view(),
        name="participant",
    ),
    *both(f"{WORKSPACE}/export/odcs", exporting.ExportOdcs.as_view(), name="export-odcs"),
    *both(f"{WORKSPACE}/events", collaboration.Events.as_view(), name="workspace-events"),
]

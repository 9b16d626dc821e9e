"""What can be done in a workspace, over REST and sockets alike; one function for each verb."""

from modelling.services.changing import ROOM, Actor
from modelling.services.diagrams import create_diagram, delete_diagram, update_diagram
from modelling.services.documents import document_of, export_document
from modelling.services.domains import create_domain, delete_domain, update_domain
from modelling.services.participants import (
    Wish,
    change_participant,
    claim_invitations,
    invite,
    remove_participant,
    withdraw_invitation,
)
from modelling.services.relationships import (
    create_relationship,
    delete_relationship,
    update_relationship,
)
from modelling.services.tables import create_table, delete_table, update_table
from modelling.services.workspaces import (
    create_workspace,
    delete_workspace,
    open_workspace,
    update_workspace,
    workspaces_of,
)

__all__ = [
    "ROOM",
    "Actor",
    "Wish",
    "change_participant",
    "claim_invitations",
    "create_diagram",
    "create_domain",
    "create_relationship",
    "create_table",
    "create_workspace",
    "delete_diagram",
    "delete_domain",
    "delete_relationship",
    "delete_table",
    "delete_workspace",
    "document_of",
    "export_document",
    "invite",
    "open_workspace",
    "remove_participant",
    "update_diagram",
    "update_domain",
    "update_relationship",
    "update_table",
    "update_workspace",
    "withdraw_invitation",
    "workspaces_of",
]

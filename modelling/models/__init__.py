"""The rows of the modelling app."""

from modelling.models.elements import Column, Diagram, Domain, Relationship, Table
from modelling.models.events import Event
from modelling.models.workspaces import (
    AccessLevel,
    Invitation,
    Participant,
    Workspace,
    WorkspaceType,
)

__all__ = [
    "AccessLevel",
    "Column",
    "Diagram",
    "Domain",
    "Event",
    "Invitation",
    "Participant",
    "Relationship",
    "Table",
    "Workspace",
    "WorkspaceType",
]

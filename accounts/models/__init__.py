"""The rows of accounts: people, what they share, how they got in, and what they did."""

from accounts.models.audit import AppendOnlyError, AuditEvent
from accounts.models.github import GitHubAccount, Ticket, TicketKind
from accounts.models.keys import ApiKey, Scope
from accounts.models.projects import Membership, Project, ProjectQuerySet
from accounts.models.sessions import Ending, Session
from accounts.models.users import LOCAL_USER, LOCAL_USERNAME, TAKEN, Role, User, UserManager

__all__ = [
    "LOCAL_USER",
    "LOCAL_USERNAME",
    "TAKEN",
    "ApiKey",
    "AppendOnlyError",
    "AuditEvent",
    "Ending",
    "GitHubAccount",
    "Membership",
    "Project",
    "ProjectQuerySet",
    "Role",
    "Scope",
    "Session",
    "Ticket",
    "TicketKind",
    "User",
    "UserManager",
]

"""Writing down who did what, and from where."""

from typing import Any
from uuid import UUID

from django.db.models import Model

from accounts.models import AuditEvent, Project, User
from config.api import requests

LONGEST = 255


def record(
    action: str,
    *,
    by: User | None,
    target: Model | None = None,
    project: Project | None = None,
    **data: Any,
) -> AuditEvent:
    """Add a line in the transaction that goes on: an action such as job.created, and its target.

    `data` must be JSON and must hold no secret. The address, the program and the id of the
    request are those of the request that is being answered.
    """
    return AuditEvent.objects.create(
        action=action,
        actor_uuid=by.uuid if by else None,
        actor_name=str(by)[:LONGEST] if by else "",
        object_type=target._meta.model_name if target else "",  # noqa: SLF001 -- Django documents it
        object_uuid=_uuid(target),
        object_name=str(target)[:LONGEST] if target else "",
        project_uuid=project.uuid if project else None,
        address=requests.current_address() or None,
        agent=requests.current_agent(),
        request_id=requests.current_id(),
        data=data,
    )


def _uuid(target: Model | None) -> UUID | None:
    found = getattr(target, "uuid", None)
    return found if isinstance(found, UUID) else None

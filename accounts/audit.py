"""Writing down who did what, and from where."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Model, QuerySet

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


@transaction.atomic
def prune(*, before: datetime) -> int:
    """Delete the lines from before a moment; return how many. That it was done is a line itself.

    On PostgreSQL the trigger that refuses this is set aside for the transaction, which only the
    owner of the table may do; meanwhile others wait to write.
    """
    _guard("DISABLE")
    # The queryset of the model refuses.
    count, _ = QuerySet.delete(AuditEvent.objects.filter(at__lt=before))
    _guard("ENABLE")
    record("audit_event.pruned", by=None, before=before.isoformat(), count=count)
    return count


def _guard(change: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE accounts_auditevent {change} TRIGGER audit_event_stays")


def _uuid(target: Model | None) -> UUID | None:
    found = getattr(target, "uuid", None)
    return found if isinstance(found, UUID) else None

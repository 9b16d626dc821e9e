"""What can be done with workspaces as a whole."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.exceptions import NotFound

from accounts import audit
from accounts.models import Project, User
from config.api.errors import Conflict
from modelling import judging, schema
from modelling.access import Access, Action, access_of
from modelling.models import Participant, Workspace, WorkspaceType
from modelling.services.changing import Actor, Change, changing, demand_version
from modelling.shapes import Shape, workspace_shape

TAKEN = "You have a workspace with this name already"


def workspaces_of(user: User) -> QuerySet[Workspace]:
    """Return the workspaces that the user may read."""
    return Workspace.objects.visible_to(user).select_related("owner", "project")


def open_workspace(*, user: User, workspace: UUID) -> tuple[Workspace, Access]:
    """Return a workspace and what the user is in it; NotFound for strangers and if it is deleted."""
    row = workspaces_of(user).filter(uuid=workspace).first()
    access = access_of(user, row) if row else None
    if row is None or access is None:
        raise NotFound("Workspace not found")
    return row, access


def create_workspace(*, actor: Actor, project: Project, data: Any) -> Shape:
    """Make an empty workspace of the actor's own; Conflict if they have one of this name."""
    asked, _ = judging.changes(
        schema.Document, known={"id": uuid4()}, sent=judging.demand_object(data)
    )
    row = Workspace(
        uuid=asked.id,
        project=project,
        owner=actor.user,
        name=asked.name,
        type=asked.type,
        last_modified_at=timezone.now(),
    )
    with transaction.atomic():
        _save(row)
        audit.record("workspace.created", by=actor.user, target=row, project=project)
        change = Change(row, Access(access_of(actor.user, row).standing), actor)
        change.tell(
            "workspace_created",
            element=row.uuid,
            version=row.version,
            payload={"name": row.name, "type": row.type},
        )
        change.store()
    return workspace_shape(row)


def update_workspace(
    *, actor: Actor, workspace: UUID, data: Any, version: int | None = None
) -> Shape:
    """Rename a workspace, or share it or not; what is not sent stays as it is.

    Editors may rename, the owner alone decides about sharing. One that is not shared any more
    loses its participants.
    """
    with changing(workspace=workspace, actor=actor) as change:
        row = change.workspace
        change.demand(Action.RENAME)
        current = workspace_shape(row)
        demand_version(known=row.version, asked=version, uuid=row.uuid, current=current)
        sent = judging.demand_object(data)
        asked, names = judging.changes(schema.Document, known=_known(row), sent=sent)
        changed = {
            name: getattr(asked, name)
            for name in names & {"name", "type"}
            if getattr(asked, name) != getattr(row, name)
        }
        if "type" in changed:
            change.demand(Action.MANAGE)
        if changed:
            _apply(change, changed)
    return workspace_shape(row)


def delete_workspace(*, actor: Actor, workspace: UUID) -> None:
    """Leave a tombstone of a workspace; a second time is a Conflict."""
    with changing(workspace=workspace, actor=actor) as change:
        change.demand(Action.MANAGE)
        row = change.workspace
        row.deleted_at = change.at
        row.version += 1
        row.save(update_fields=["deleted_at", "version"])
        audit.record("workspace.deleted", by=actor.user, target=row, project=row.project)
        change.tell("workspace_deleted", element=row.uuid, version=row.version)


def _apply(change: Change, changed: Mapping[str, Any]) -> None:
    row = change.workspace
    for name, value in changed.items():
        setattr(row, name, value)
    row.version += 1
    _save(row, update_fields=[*changed, "version"])
    change.tell("workspace_updated", element=row.uuid, version=row.version, payload=changed)
    by, project = change.actor.user, row.project
    if "name" in changed:
        audit.record("workspace.renamed", by=by, target=row, project=project)
    if "type" not in changed:
        return
    verb = "shared" if row.type == WorkspaceType.SHARED else "unshared"
    audit.record(f"workspace.{verb}", by=by, target=row, project=project)
    if row.type == WorkspaceType.PERSONAL:
        row.invitations.all().delete()
        for part in Participant.objects.filter(workspace=row).select_related("user"):
            part.delete()
            audit.record("participant.removed", by=by, target=part.user, workspace=str(row.uuid))
            change.tell(
                "participant_removed",
                element=part.uuid,
                version=1,
                payload={"user_id": part.user.uuid},
            )


def _save(row: Workspace, **how: Any) -> None:
    try:
        with transaction.atomic():
            row.save(**how)
    except IntegrityError as error:
        raise Conflict(TAKEN) from error


def _known(row: Workspace) -> dict[str, Any]:
    return {"id": row.uuid, "name": row.name, "type": row.type}

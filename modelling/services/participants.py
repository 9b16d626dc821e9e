"""Who takes part in a workspace: inviting, changing what they may do, removing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from rest_framework.exceptions import NotFound, ValidationError

from accounts import audit
from accounts.models import LOCAL_USER, GitHubAccount, User
from accounts.services import emails_of, find_person
from accounts.services.identities import verified
from config.api.errors import Conflict
from modelling.access import Action
from modelling.models import Domain, Invitation, Participant, Workspace, WorkspaceType
from modelling.services import elements
from modelling.services.changing import Actor, Change, changing
from modelling.shapes import Shape, invitation_shape, participant_shape

ALONE = "Only a shared workspace has participants; share it first"
OWNS = "The owner of a workspace has every right in it: they are never invited and cannot leave"


@dataclass(frozen=True)
class Wish:
    """Who is to take part, by one of their names, and what they may do."""

    access_level: str
    canvas_ownership: tuple[UUID, ...] | None = None
    user_id: UUID | None = None
    user: str = ""
    email: str = ""
    github_username: str = ""


def invite(*, actor: Actor, workspace: UUID, wish: Wish) -> Shape:
    """Let somebody take part; one who does already gets the new level.

    Somebody with this e-mail or GitHub name who is no user yet is remembered, and takes part once
    they have signed in with GitHub.
    """
    with changing(workspace=workspace, actor=actor) as change:
        change.demand(Action.MANAGE)
        if change.workspace.type == WorkspaceType.PERSONAL:
            raise Conflict(ALONE)
        domains = _domains(change, wish.canvas_ownership)
        person = _person(wish)
        if person is not None:
            return participant_shape(_set(change, person, wish.access_level, domains))
        if not (wish.email or wish.github_username):
            raise NotFound("User not found")
        row, _ = Invitation.objects.update_or_create(
            workspace=change.workspace,
            email=wish.email.lower(),
            github_username="" if wish.email else wish.github_username.lower(),
            defaults={
                "access_level": wish.access_level,
                "canvas_ownership": domains or [],
                "invited_by": actor.user,
            },
        )
        _write(change, "invited", None, named=str(row), level=row.access_level)
    return invitation_shape(row)


def change_participant(
    *, actor: Actor, workspace: UUID, user: UUID, changes: Mapping[str, Any]
) -> Shape:
    """Give a participant another level, other canvases, or both."""
    with changing(workspace=workspace, actor=actor) as change:
        change.demand(Action.MANAGE)
        part = _part(change, user)
        level = changes.get("access_level", part.access_level)
        domains = _domains(change, changes.get("canvas_ownership"))
        return participant_shape(_set(change, part.user, level, domains))


def remove_participant(*, actor: Actor, workspace: UUID, user: UUID) -> None:
    """End somebody's part; the owner may end everybody's, everybody their own."""
    with changing(workspace=workspace, actor=actor) as change:
        if user == change.workspace.owner.uuid:
            raise Conflict(OWNS)
        if user != actor.user.uuid:
            change.demand(Action.MANAGE)
        part = _part(change, user)
        part.delete()
        _write(change, "removed", part.user)
        change.tell("participant_removed", element=part.uuid, version=1, payload={"user_id": user})


def withdraw_invitation(*, actor: Actor, workspace: UUID, invitation: UUID) -> None:
    """Take back the invitation of somebody who has not come yet."""
    with changing(workspace=workspace, actor=actor) as change:
        change.demand(Action.MANAGE)
        gone, _ = change.workspace.invitations.filter(uuid=invitation).delete()
        if not gone:
            raise NotFound("Invitation not found")
        _write(change, "withdrawn", None, invitation=str(invitation))


def claim_invitations(*, user: User) -> None:
    """Let a user take part where their GitHub name or a verified e-mail of GitHub was invited.

    E-mails of accounts without GitHub were never verified (decision 79), so they claim nothing.
    """
    account = GitHubAccount.objects.filter(user=user).first()
    if account is None:
        return
    emails = [email.lower() for email in verified(emails_of(user))]
    named = Q(github_username=account.login.lower()) | (Q(email__in=emails) & ~Q(email=""))
    found = Invitation.objects.filter(named, workspace__deleted_at=None)
    for invitation in found.select_related("workspace", "invited_by"):
        _claim(invitation, user)


def _claim(invitation: Invitation, user: User) -> None:
    workspace = invitation.workspace
    with transaction.atomic():
        # Another request of theirs may be doing the same.
        gone, _ = Invitation.objects.filter(pk=invitation.pk).delete()
        if not gone or user.pk == workspace.owner_id:
            return
        actor = Actor(workspace.owner)
        with changing(workspace=workspace.uuid, actor=actor) as change:
            _set(change, user, invitation.access_level, invitation.canvas_ownership)


def _set(change: Change, user: User, level: str, domains: list[str] | None) -> Participant:
    """Store what somebody may do, and tell it."""
    if user.pk == change.workspace.owner_id:
        raise ValidationError({"user_id": [OWNS]})
    if user.uuid == LOCAL_USER:
        # Whoever sends no token in open mode is this user.
        raise ValidationError({"user_id": ["The built-in local user cannot take part"]})
    values: dict[str, Any] = {"access_level": level}
    values |= {} if domains is None else {"canvas_ownership": domains}
    part, is_new = Participant.objects.update_or_create(
        workspace=change.workspace, user=user, defaults=values
    )
    _write(change, "added" if is_new else "changed", user, level=level)
    type_ = "participant_added" if is_new else "participant_updated"
    change.tell(type_, element=part.uuid, version=1, payload=participant_shape(part))
    return part


def _part(change: Change, user: UUID) -> Participant:
    found = Participant.objects.filter(workspace=change.workspace, user__uuid=user)
    part = found.select_related("user").first()
    if part is None:
        raise NotFound("Participant not found")
    return part


def _person(wish: Wish) -> User | None:
    """Return the user who is meant; None if there is nobody of this name."""
    if wish.user_id is not None:
        return find_person(str(wish.user_id))
    if wish.github_username:
        known = GitHubAccount.objects.filter(login__iexact=wish.github_username)
        account = known.select_related("user").first()
        return account.user if account else None
    return find_person(wish.email or wish.user)


def _domains(change: Change, uuids: tuple[UUID, ...] | None) -> list[str] | None:
    if uuids is None:
        return None
    elements.living(change, Domain, uuids, field="canvas_ownership")
    return list(dict.fromkeys(map(str, uuids)))


def _write(change: Change, verb: str, target: User | None, **data: Any) -> None:
    """Write down what was done to whom, for the workspace's owner to find."""
    workspace: Workspace = change.workspace
    audit.record(
        f"participant.{verb}",
        by=change.actor.user,
        target=target,
        project=workspace.project,
        workspace=str(workspace.uuid),
        **data,
    )

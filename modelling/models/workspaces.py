"""Workspaces: a model that people draw together, and who takes part in it."""

from typing import ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import Project, User

LONGEST_NAME = 255


class WorkspaceType(models.TextChoices):
    """Whether others may take part."""

    PERSONAL = "personal"
    SHARED = "shared"


class AccessLevel(models.TextChoices):
    """What a participant may do in the whole workspace."""

    READ = "read"
    EDIT = "edit"


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    """Workspaces, by who asks."""

    def visible_to(self, user: User) -> Self:
        """Return those that are not deleted and that the user owns or takes part in; an admin all."""
        alive = self.filter(deleted_at=None)
        if user.is_staff:
            return alive
        joined = Participant.objects.filter(user=user).values("workspace")
        return alive.filter(Q(owner=user) | Q(pk__in=joined))


class Workspace(models.Model):
    """One model: what is drawn in it, and the number of its last event."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="workspaces")
    owner = models.ForeignKey(User, models.PROTECT, related_name="workspaces")
    name = models.CharField(max_length=LONGEST_NAME)
    type = models.CharField(max_length=16, choices=WorkspaceType.choices)
    # The number of the last event; whoever writes takes the next ones under a lock of this row.
    seq = models.BigIntegerField(default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    session_uuid = models.UUIDField(default=uuid4, editable=False)
    extras = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_modified_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        """An owner's workspaces have different names."""

        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                condition=Q(deleted_at=None),
                name="workspace_name_once",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Participant(models.Model):
    """Somebody takes part in a workspace of somebody else; the owner needs no row."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="participants")
    user = models.ForeignKey(User, models.CASCADE, related_name="participations")
    access_level = models.CharField(max_length=8, choices=AccessLevel.choices)
    # Uuids of the domains that are theirs to edit, whatever their level, as texts.
    canvas_ownership = models.JSONField(default=list, blank=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Nobody takes part twice."""

        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["workspace", "user"], name="participant_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace}"


class Invitation(models.Model):
    """Somebody who is no user yet may take part once they sign in with GitHub."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="invitations")
    # One of the two, in lower case; the other is empty.
    email = models.EmailField(blank=True)
    github_username = models.CharField(max_length=LONGEST_NAME, blank=True)
    access_level = models.CharField(max_length=8, choices=AccessLevel.choices)
    canvas_ownership = models.JSONField(default=list, blank=True)
    invited_by = models.ForeignKey(User, models.CASCADE, related_name="invitations")
    invited_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Nobody is invited twice by the same name."""

        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                "workspace", Lower("email"), Lower("github_username"), name="invitation_once"
            )
        ]

    def __str__(self) -> str:
        return self.email or self.github_username

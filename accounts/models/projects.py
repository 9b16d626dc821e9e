"""What users share, and who may do what in it: projects and memberships."""

import uuid
from collections.abc import Sequence
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.models.users import Role, User

# Which members may change what is in a project, and which may manage the project itself.
CHANGING = (Role.DEVELOPER, Role.ADMIN)
MANAGING = (Role.ADMIN,)


class ProjectQuerySet(models.QuerySet["Project"]):
    """Projects, by who asks."""

    def visible_to(self, user: User) -> Self:
        """Return the projects that the user may read: their own, joined ones, all for an admin."""
        return self._of(user, Role.values)

    def changeable_by(self, user: User) -> Self:
        """Return the projects whose sources, jobs and pipelines the user may change and run."""
        return self._of(user, CHANGING)

    def manageable_by(self, user: User) -> Self:
        """Return the projects that the user may rename, delete and invite to."""
        return self._of(user, MANAGING)

    def personal_of(self, user: User) -> "Project":
        """Return the project that came with the user's sign-up."""
        return self.get(owner=user, is_personal=True)

    def _of(self, user: User, roles: Sequence[str]) -> Self:
        if user.is_staff:
            return self.all()
        joined = Membership.objects.filter(user=user, role__in=roles).values("project")
        return self.filter(Q(owner=user) | Q(pk__in=joined))


class Project(models.Model):
    """Who shares what: sources, jobs and pipelines belong to one project."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=255)
    owner = models.ForeignKey(User, models.PROTECT, related_name="owned_projects")
    is_personal = models.BooleanField("personal", default=False, editable=False)
    members = models.ManyToManyField(User, through="Membership", related_name="projects")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        """A user has one personal project."""

        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["owner"], condition=Q(is_personal=True), name="project_personal_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user takes part in somebody else's project; the owner needs none."""

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(Project, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.VIEWER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One membership for a user in a project."""

        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["project", "user"], name="membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.project}"

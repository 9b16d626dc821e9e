"""Connections: how to reach a system, saved once and used by many jobs; and questions about one."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.models import Project, User


class ConnectionRole(models.TextChoices):
    """What a connection may be used for."""

    SOURCE = "source"
    DESTINATION = "destination"
    BOTH = "both"


class ConnectionQuerySet(models.QuerySet["Connection"]):
    """Connections, by who asks."""

    def alive(self) -> Self:
        """Return those that were not deleted."""
        return self.filter(deleted_at=None)

    def visible_to(self, user: User) -> Self:
        """Return what lies in a project of this user and was not deleted."""
        return self.alive().filter(project__in=Project.objects.visible_to(user))


class Connection(models.Model):
    """A connector's Settings, saved and named; its secrets are sealed."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="connections")
    name = models.CharField(max_length=255)
    connector = models.CharField(max_length=64)
    role = models.CharField(
        max_length=16, choices=ConnectionRole.choices, default=ConnectionRole.BOTH
    )
    description = models.TextField(blank=True)
    # The fields of the connector's Settings; those that are secret are sealed one by one.
    settings = models.JSONField(default=dict)
    # What the last test found; null before the first one.
    is_reachable = models.BooleanField("reachable", null=True, blank=True, editable=False)
    last_tested_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    updated_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        """A name is one source's and one destination's in its project."""

        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["project", "role", "name"],
                condition=Q(deleted_at=None),
                name="connection_name_once",
                violation_error_message="This name is taken in the project.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.connector})"


class Question(models.TextChoices):
    """What somebody wants to know of a system."""

    CHECK = "check", "can it be reached"
    DISCOVER = "discover", "what can be read"
    PREVIEW = "preview", "what steps make of a file"


class Inquiry(models.Model):
    """A question that a worker answers while somebody waits.

    Drivers run in the workers alone: one that crashes takes no web process with it.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    question = models.CharField(max_length=16, choices=Question.choices)
    connector = models.CharField(max_length=64)
    # Sealed like those of a connection; emptied with the answer.
    settings = models.JSONField(default=dict)
    # {"report": …} or {"streams": […]}, or {"error": {"status", "message", "field"}}.
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        """The newest first."""

        ordering = ("-id",)
        verbose_name_plural = "inquiries"

    def __str__(self) -> str:
        return f"{self.question} {self.connector}"

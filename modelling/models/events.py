"""What was changed in a workspace, line by line: for sockets, for replay, and as its history."""

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from accounts.models import User
from modelling.models.workspaces import Workspace


class Event(models.Model):
    """One change; `seq` grows by one from event to event of a workspace and leaves no gap."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="events")
    seq = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(User, models.SET_NULL, null=True, related_name="model_changes")
    # The connection that sent the change and so needs no echo.
    connection = models.CharField(max_length=64, blank=True)
    # Such as table_updated.
    type = models.CharField(max_length=40)
    # Such as table; with the element's uuid.
    element_type = models.CharField(max_length=20)
    element = models.UUIDField()
    # What was made, or the fields that changed.
    payload = models.JSONField(default=dict)
    # The element's version after the change.
    version = models.PositiveIntegerField(default=1)

    class Meta:
        """One event for a number."""

        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["workspace", "seq"], name="model_event_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["workspace", "element", "seq"], name="model_event_of_element")
        ]

    def __str__(self) -> str:
        return f"{self.workspace_id}:{self.seq} {self.type}"

    def body(self, *, workspace: str, user: str | None) -> dict[str, Any]:
        """Return what sockets and REST are sent; the ids of both are those the API shows."""
        return {
            "type": self.type,
            "workspace_id": workspace,
            f"{self.element_type}_id": str(self.element),
            "data": self.payload,
            "user_id": user,
            "timestamp": self.at,
            "version": self.version,
            "element_type": self.element_type,
            "element_id": str(self.element),
            "connection_id": self.connection or None,
        }

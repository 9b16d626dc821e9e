"""Who did what, and from where: lines that are only ever added."""

from typing import Any, ClassVar, NoReturn, Self

from django.db import models
from django.db.models import Q

from accounts.models.projects import Project
from accounts.models.users import User


class AppendOnlyError(TypeError):
    """Somebody tried to change or remove what is only ever added to."""


class AuditQuerySet(models.QuerySet["AuditEvent"]):
    """Audit events, which nobody changes."""

    def visible_to(self, user: User) -> Self:
        """Return what the user did and what happened in projects that they manage; all for an admin."""
        if user.is_staff:
            return self.all()
        # A list and no subquery: with that, PostgreSQL would read the whole table.
        managed = list(Project.objects.manageable_by(user).values_list("uuid", flat=True))
        return self.filter(Q(actor_uuid=user.uuid) | Q(project_uuid__in=managed))

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError("Audit events are never changed")

    def delete(self) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError("Audit events are never removed")


class AuditEvent(models.Model):
    """One change or one log-in. It names its rows and does not hold them: they may go, it stays."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor_uuid = models.UUIDField(null=True, blank=True)
    actor_name = models.CharField(max_length=255, blank=True)
    # A thing and what was done to it, such as job.created or session.refused.
    action = models.CharField(max_length=64, db_index=True)
    object_type = models.CharField(max_length=64, blank=True)
    object_uuid = models.UUIDField(null=True, blank=True)
    object_name = models.CharField(max_length=255, blank=True)
    project_uuid = models.UUIDField(null=True, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    agent = models.CharField("user agent", max_length=255, blank=True)
    request_id = models.CharField(max_length=128, blank=True)
    # What else there is to know; never a secret.
    data = models.JSONField(default=dict)

    objects = AuditQuerySet.as_manager()

    class Meta:
        """Found by who did it, and by what it was done to."""

        ordering = ("-id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["actor_uuid", "-id"]),
            models.Index(fields=["object_uuid", "-id"]),
            models.Index(fields=["project_uuid", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name or 'nobody'}: {self.action} {self.object_name}".rstrip()

    def save(self, **options: Any) -> None:
        """Add the line; a line that is there already is refused."""
        if not self._state.adding:
            raise AppendOnlyError("Audit events are never changed")
        super().save(**{**options, "force_insert": True})

    def delete(self, **_: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError("Audit events are never removed")

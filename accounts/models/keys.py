"""Keys for programs: they let in without a log-in, within their scopes."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from accounts.models.sessions import LiveQuerySet
from accounts.models.users import User


class Scope(models.TextChoices):
    """What a key may be used for."""

    READ = "read"
    WRITE = "write"
    ACCOUNT = "account"


def default_scopes() -> list[str]:
    """Return what a key may do unless its maker says otherwise."""
    return [Scope.READ.value, Scope.WRITE.value]


class ApiKey(models.Model):
    """A key of a user; its digest is kept and its first characters, never the key."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=255)
    prefix = models.CharField(max_length=16, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=default_scopes)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = LiveQuerySet.as_manager()

    class Meta:
        """The newest first."""

        ordering = ("-id",)
        verbose_name = "API key"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["user", "ended_at"])]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_live(self) -> bool:
        """Whether it still lets its user in."""
        is_lasting = self.expires_at is None or self.expires_at > timezone.now()
        return self.ended_at is None and is_lasting

"""Log-ins that go on: each is one family of refresh tokens, and can be ended."""

from typing import Any, Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.users import User


class Ending(models.TextChoices):
    """Why a session is over."""

    LOGGED_OUT = "logged_out", "logged out"
    REVOKED = "revoked"
    REUSED = "reused", "an old refresh token came back"
    PASSWORD = "password", "the password was changed"
    DEACTIVATED = "deactivated", "the user was deactivated"


class LiveQuerySet(models.QuerySet[Any]):
    """What lets somebody in until it is ended or expires."""

    def live(self) -> Self:
        """Return what still lets its user in."""
        is_lasting = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(is_lasting, ended_at=None, user__is_active=True)


class Session(models.Model):
    """One log-in through one contract's door."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="sessions")
    # The contract whose log-in it was; lists choose their kind of rows by it.
    door = models.CharField(max_length=16, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    agent = models.CharField("user agent", max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=16, choices=Ending.choices, blank=True)
    # The one refresh token that is good, and the one before it, which is good for a moment longer.
    refresh_id = models.UUIDField(default=uuid4, editable=False)
    previous_refresh_id = models.UUIDField(null=True, blank=True, editable=False)
    rotated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = LiveQuerySet.as_manager()

    class Meta:
        """The newest first."""

        ordering = ("-id",)

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def is_live(self) -> bool:
        """Whether its tokens are still good."""
        return self.ended_at is None and self.expires_at > timezone.now()

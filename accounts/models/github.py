"""Who a user is at GitHub, and what a sign-in there leaves behind for a moment."""

from typing import ClassVar, Self

from django.db import models
from django.utils import timezone

from accounts.models.users import User


class GitHubAccount(models.Model):
    """A user's account at GitHub; its number stays when its name and e-mails change."""

    id = models.BigAutoField(primary_key=True)
    user = models.OneToOneField(User, models.CASCADE, related_name="github")
    github_id = models.BigIntegerField(unique=True)
    login = models.CharField(max_length=255, db_index=True)
    # [{"email": …, "verified": …, "primary": …}], as GitHub told at the last sign-in.
    emails = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """As GitHub writes itself."""

        ordering = ("-id",)
        verbose_name = "GitHub account"

    def __str__(self) -> str:
        return self.login


class TicketKind(models.TextChoices):
    """What a ticket is good for."""

    STATE = "state", "to come back from GitHub"
    CODE = "code", "to be exchanged for tokens"
    POLL = "poll", "to be asked for by a desktop application"


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Tickets, of which each is taken once."""

    def good(self) -> Self:
        """Return those that have not expired."""
        return self.filter(expires_at__gt=timezone.now())


class Ticket(models.Model):
    """Something that is handed out to be brought back once, soon; only its digest is kept."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8, choices=TicketKind.choices)
    digest = models.CharField(max_length=64)
    data = models.JSONField(default=dict)
    expires_at = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        """One ticket for one digest."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "digest"], name="ticket_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} until {self.expires_at:%H:%M:%S}"

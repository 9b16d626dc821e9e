"""Jobs: work that can be started or scheduled."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.models import Project, User
from connectors.models import Connection


class Kind(models.TextChoices):
    """What a job does: move streams between two connections, or run tasks one after another."""

    SYNC = "sync"
    TASKS = "tasks"


class Overlap(models.TextChoices):
    """What a schedule does while an earlier run of its job goes on."""

    SKIP = "skip"
    QUEUE = "queue"


class CatchUp(models.TextChoices):
    """What becomes of start times that passed while no clock ran."""

    ONE = "one", "one late run"
    NONE = "none", "none"


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs, by who asks."""

    def alive(self) -> Self:
        """Return those that were not deleted."""
        return self.filter(deleted_at=None)

    def visible_to(self, user: User) -> Self:
        """Return what lies in a project of this user and was not deleted."""
        return self.alive().filter(project__in=Project.objects.visible_to(user))


class Job(models.Model):
    """Work that can be started or scheduled.

    `config` of a task job: `{"tasks": [{task_id, extractor_config, loader_config, created_at,
    updated_at}]}`, secrets sealed; of a sync job what `jobs.selection` reads, as it was sent.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="jobs")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=255)
    description = models.TextField(null=True, blank=True)  # noqa: DJ001 (the contract's null)
    # As it was written; the dialect says how it is read.
    schedule = models.CharField(max_length=255, blank=True)
    dialect = models.CharField(max_length=16, default="classic")
    time_zone = models.CharField(max_length=64, default="UTC")
    is_active = models.BooleanField("active", default=True)
    next_run_at = models.DateTimeField(null=True, blank=True)
    overlap = models.CharField(max_length=16, choices=Overlap.choices, default=Overlap.SKIP)
    catch_up = models.CharField(max_length=16, choices=CatchUp.choices, default=CatchUp.ONE)
    max_attempts = models.PositiveSmallIntegerField(null=True, blank=True)
    source = models.ForeignKey(
        Connection, models.PROTECT, null=True, blank=True, related_name="source_jobs"
    )
    destination = models.ForeignKey(
        Connection, models.PROTECT, null=True, blank=True, related_name="destination_jobs"
    )
    config = models.JSONField(default=dict)
    # When its source was last asked for streams, and which were found that it does not describe.
    surveyed_at = models.DateTimeField(null=True, blank=True, editable=False)
    noted_streams = models.JSONField(default=list, editable=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    updated_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = JobQuerySet.as_manager()

    class Meta:
        """The clock asks for what is due, the lists for a project's newest."""

        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(kind="sync") | Q(source__isnull=False, destination__isnull=False),
                name="job_sync_has_both_ends",
                violation_error_message="A sync job needs a source and a destination.",
            ),
            models.UniqueConstraint(
                fields=["project", "name"],
                condition=Q(kind="sync", deleted_at=None),
                name="job_sync_name_once",
                violation_error_message="This name is taken in the project.",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["project", "-id"], name="job_of_project"),
            models.Index(
                fields=["next_run_at"],
                condition=Q(is_active=True, deleted_at=None),
                name="job_due",
            ),
        ]

    def __str__(self) -> str:
        return self.name

"""Runs and their parts: one execution of a plan, and the units of work that workers lease."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.models import Project, User
from jobs.models.definitions import Job


class Status(models.TextChoices):
    """Where a run stands; lifecycle draws who may follow whom."""

    CREATED = "created"
    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


class PartStatus(models.TextChoices):
    """Where a part stands; `created` waits for the part before it."""

    CREATED = "created"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Trigger(models.TextChoices):
    """What started a run."""

    MANUAL = "manual"
    SCHEDULER = "scheduler"


class RunKind(models.TextChoices):
    """What a run does: load the job's streams or tasks, or empty what they were loaded into."""

    LOAD = "load"
    CLEAR = "clear"


ACTIVE = (Status.QUEUED, Status.RUNNING, Status.CANCELLING)
ENDED = (Status.SUCCEEDED, Status.PARTIAL, Status.FAILED, Status.CANCELLED)


class RunQuerySet(models.QuerySet["Run"]):
    """Runs, by who asks and by where they stand."""

    def visible_to(self, user: User) -> Self:
        """Return what ran in a project of this user."""
        return self.filter(project__in=Project.objects.visible_to(user))

    def active(self) -> Self:
        """Return those that wait for a worker, run or are being stopped."""
        return self.filter(status__in=ACTIVE)


class Run(models.Model):
    """One execution of a plan, with its attempts: status, totals, error.

    `result` is what it found beside its streams: `{"new_streams": [full names]}`.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="runs")
    job = models.ForeignKey(Job, models.PROTECT, null=True, blank=True, related_name="runs")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.QUEUED)
    trigger = models.CharField(max_length=16, choices=Trigger.choices, default=Trigger.MANUAL)
    kind = models.CharField(max_length=16, choices=RunKind.choices, default=RunKind.LOAD)
    plan = models.JSONField(editable=False)
    attempt = models.PositiveSmallIntegerField(default=1)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    rows = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    result = models.JSONField(default=dict, editable=False)
    # The highest of its parts.
    memory_peak = models.BigIntegerField("memory peak (bytes)", null=True, blank=True)
    error_code = models.CharField(max_length=32, blank=True)
    error_message = models.TextField(blank=True)
    # Of the newest event; raising it also lets one writer at a time append.
    last_seq = models.BigIntegerField(default=0, editable=False)
    progress_at = models.DateTimeField(null=True, editable=False)
    started_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    queued_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        """The lists ask for the newest, the clock for what has not ended."""

        ordering = ("-id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["project", "-id"], name="run_of_project"),
            models.Index(fields=["job", "-id"], name="run_of_job"),
            # The operator asks what runs, what failed last and how many ended since yesterday.
            models.Index(fields=["status", "-created_at"], name="run_of_status"),
            models.Index(
                fields=["job", "id"],
                condition=Q(status__in=["created", *ACTIVE]),
                name="run_not_ended",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def is_ended(self) -> bool:
        """Whether nothing more will happen unless somebody retries it."""
        return self.status in ENDED


class Part(models.Model):
    """The unit of work of a run that one worker leases: a stream, a task or a graph.

    The lease is `lease_token` (who) and `lease_expires_at` (until when); the heartbeat of the
    worker renews it. `result` is `{"commits": {step id: {rows, location}}, "rejected": rows that
    the source left out, "schema_changes": [{column, change, from, to, action}], "checks": [{name,
    expected, found, passed}]}`.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="parts")
    position = models.PositiveIntegerField()
    # The part's id in the plan.
    key = models.CharField(max_length=600)
    name = models.CharField(max_length=600, blank=True)
    status = models.CharField(max_length=16, choices=PartStatus.choices, default=PartStatus.CREATED)
    attempt = models.PositiveSmallIntegerField(default=1)
    # How often it stepped back because another run held its target; not an attempt.
    waits = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    worker_host = models.CharField(max_length=255, blank=True)
    worker_pid = models.PositiveIntegerField(null=True, blank=True)
    rows = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    result = models.JSONField(default=dict)
    error_code = models.CharField(max_length=32, blank=True)
    error_message = models.TextField(blank=True)
    memory_peak = models.BigIntegerField("memory peak (bytes)", null=True, blank=True)
    # When the bell for a worker is rung (again), and how often that was done.
    ring_at = models.DateTimeField(null=True, blank=True)
    rings = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """The clock asks for leases that ran out and for what stays queued."""

        ordering = ("run", "position")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "position"], name="part_position_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["lease_expires_at"], condition=Q(status="running"), name="part_leased"
            ),
            models.Index(fields=["ring_at"], condition=Q(status="queued"), name="part_queued"),
        ]

    def __str__(self) -> str:
        return self.name or self.key

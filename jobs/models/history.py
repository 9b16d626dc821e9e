"""What happened in a run: one row per step, one row per line of its log."""

from typing import Any, ClassVar

from django.db import models

from jobs.models.runs import Part, Run


class StepRun(models.Model):
    """What one step of a part did in its last attempt."""

    id = models.BigAutoField(primary_key=True)
    part = models.ForeignKey(Part, models.CASCADE, related_name="steps")
    # The step's id in the plan.
    step = models.CharField(max_length=600)
    name = models.CharField(max_length=600, blank=True)
    kind = models.CharField(max_length=16)
    rows_in = models.BigIntegerField(default=0)
    rows_out = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0)
    cpu_seconds = models.FloatField("CPU seconds", default=0)
    memory_peak = models.BigIntegerField("memory peak (bytes)", null=True, blank=True)

    class Meta:
        """One row for a step of a part."""

        ordering = ("id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["part", "step"], name="step_run_once")
        ]

    def __str__(self) -> str:
        return self.name or self.step


class EventKind(models.TextChoices):
    """What an event tells."""

    LOG = "log"
    STATUS = "status"
    PROGRESS = "progress"


class RunEvent(models.Model):
    """One line of what happened; `seq` grows by one within a run and leaves no gap."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, models.CASCADE, related_name="events")
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    level = models.CharField(max_length=16, default="info")
    step = models.CharField(max_length=600, blank=True)
    kind = models.CharField(max_length=16, choices=EventKind.choices, default=EventKind.LOG)
    message = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        """A reader asks for what is newer than the last `seq` that it has."""

        ordering = ("run", "seq")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "seq"], name="run_event_seq_once")
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.message}"

    @property
    def body(self) -> dict[str, Any]:
        """What sockets and REST tell beside the `seq`."""
        return {
            "at": self.at,
            "level": self.level,
            "step": self.step,
            "kind": self.kind,
            "message": self.message,
            "data": self.data,
        }

"""Checkpoints: our copy of how far a stream was loaded."""

from django.db import models

from jobs.models.definitions import Job
from jobs.models.runs import Run


class Checkpoint(models.Model):
    """A stream's standing as its last commit carried it, and what is wished of its next load.

    The truth is the marker at the target; `state` is its copy, for people and for planning.
    `stream` names the writer: `<job uuid>/<stream>`. `wanted` is a Wish of `jobs.plan`, and `is_edit`
    in it says that an edit of the job made it; it outranks markers of a lower epoch, and goes when
    a commit of its epoch is noted.
    """

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(Job, models.CASCADE, null=True, related_name="checkpoints")
    stream = models.CharField(max_length=700, unique=True)
    state = models.JSONField(null=True, blank=True)
    epoch = models.BigIntegerField(default=0)
    wanted = models.JSONField(null=True, blank=True)
    # The columns that were loaded last: the exact text of each one's type, by name.
    columns = models.JSONField(null=True, blank=True)
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Newest first."""

        ordering = ("-id",)

    def __str__(self) -> str:
        return self.stream

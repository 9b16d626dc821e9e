"""File jobs: one uploaded file, its steps, its result."""

import uuid
from typing import ClassVar, Self

from django.db import models

from accounts.models import Project, User
from jobs.models.runs import Run, Status


class FileStatus(models.TextChoices):
    """Where a file job stands, in the words of the Karyaksham contract."""

    PENDING = "PENDING"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    CANCELLATION_REQUESTED = "CANCELLATION_REQUESTED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


OF_RUN: dict[str, FileStatus] = {
    Status.CREATED: FileStatus.QUEUED,
    Status.QUEUED: FileStatus.QUEUED,
    Status.RUNNING: FileStatus.RUNNING,
    Status.CANCELLING: FileStatus.CANCELLATION_REQUESTED,
    Status.SUCCEEDED: FileStatus.COMPLETED,
    Status.PARTIAL: FileStatus.FAILED,
    Status.FAILED: FileStatus.FAILED,
    Status.CANCELLED: FileStatus.CANCELLED,
}


class FileJobQuerySet(models.QuerySet["FileJob"]):
    """File jobs, by who asks."""

    def alive(self) -> Self:
        """Return those that were not deleted."""
        return self.filter(deleted_at=None)

    def visible_to(self, user: User) -> Self:
        """Return what lies in a project of this user and was not deleted."""
        return self.alive().filter(project__in=Project.objects.visible_to(user))


class FileJob(models.Model):
    """One uploaded file, its steps, its result; what happens to it is the run's.

    Its status is nowhere stored: without a run it waits for its file, with one it stands where the
    run does. `processing_steps` are kept as they were sent.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="file_jobs")
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="file_jobs")
    run = models.OneToOneField(
        Run, models.PROTECT, null=True, blank=True, related_name="file_job", editable=False
    )
    file_name = models.CharField(max_length=255)
    original_file_size_bytes = models.BigIntegerField("announced size (bytes)")
    # What was found when the upload was confirmed.
    uploaded_size_bytes = models.BigIntegerField("uploaded size (bytes)", null=True, blank=True)
    processing_steps = models.JSONField(default=list)
    input_options = models.JSONField(default=dict)
    output_options = models.JSONField(default=dict)
    # Where input and output lie in the object store.
    input_key = models.CharField(max_length=700, editable=False)
    output_key = models.CharField(max_length=700, editable=False)
    # Until when the upload URL is good that was issued last, and the upload in parts it belongs to.
    upload_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    upload_id = models.CharField(max_length=1000, blank=True, editable=False)
    # Sentences for the person, such as that the size is another than was announced.
    warnings = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # Only one that was never queued; a run knows by itself that it was cancelled.
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = FileJobQuerySet.as_manager()

    class Meta:
        """The list asks for a person's newest, the clock for what was deleted."""

        ordering = ("-id",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-id"], name="file_job_of_user"),
            models.Index(
                fields=["deleted_at"],
                condition=models.Q(deleted_at__isnull=False),
                name="file_job_deleted",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def status(self) -> FileStatus:
        """Return where it stands."""
        if self.run is not None:
            return OF_RUN[self.run.status]
        return FileStatus.PENDING if self.cancelled_at is None else FileStatus.CANCELLED

    @property
    def rejected_key(self) -> str:
        """Return where the rows lie that were left out, if there were any."""
        folder, _, name = self.output_key.rpartition("/")
        return f"{folder}/{name.rpartition('_processed.')[0]}_rejected.csv"

"""File jobs themselves: made, cancelled, tried again, taken away."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from accounts import audit
from accounts.models import Project, User
from config.api.errors import Conflict
from config.objects import ObjectsError, object_store
from connectors.errors import ConfigError
from jobs import lifecycle
from jobs.compiling import output_name, recipe_of, stream_of
from jobs.models import Checkpoint, FileJob, FileStatus, TargetLease
from jobs.models.leases import digest
from jobs.services.runs import retry_run

log = logging.getLogger(__name__)

LONGEST_NAME = 255
BUSY = (FileStatus.QUEUED, FileStatus.RUNNING, FileStatus.CANCELLATION_REQUESTED)
MOST_AT_ONCE = 200


def create_file_job(
    *,
    project: Project,
    by: User,
    file_name: str,
    original_file_size_bytes: int,
    processing_steps: Sequence[Mapping[str, Any]],
    input_options: Mapping[str, Any],
    output_options: Mapping[str, Any],
) -> FileJob:
    """Store a file job that waits for its file; ConfigError names the field that is wrong."""
    _demand_name(file_name)
    # A store of its own has limits of its own.
    if object_store().root and original_file_size_bytes > settings.OBJECT_MAX_BYTES:
        raise ConfigError(
            f"A file may have {settings.OBJECT_MAX_BYTES} bytes here (OBJECT_MAX_BYTES)",
            field="original_file_size_bytes",
        )
    recipe = recipe_of(
        file_name=file_name, steps=processing_steps, read=input_options, write=output_options
    )
    job = FileJob(
        project=project,
        user=by,
        file_name=file_name,
        original_file_size_bytes=original_file_size_bytes,
        processing_steps=list(processing_steps),
        input_options=dict(input_options),
        output_options=dict(output_options),
    )
    job.input_key = f"input/{job.uuid}/{file_name}"
    job.output_key = f"output/{job.uuid}/{output_name(file_name, recipe.ending)}"
    with transaction.atomic():
        job.save(force_insert=True)
        audit.record("file_job.created", by=by, target=job, project=project)
    return job


def _demand_name(name: str) -> None:
    """Refuse what is no plain file name with a ConfigError."""
    said = ""
    if "/" in name or "\\" in name:
        said = "a file name is a name, not a path: leave the folders out"
    elif name.startswith("."):
        said = "a file name does not begin with a dot"
    elif not name.isprintable():
        said = "a file name holds no control characters"
    elif len(name.encode()) > LONGEST_NAME:
        said = f"a file name has up to {LONGEST_NAME} bytes"
    if said:
        raise ConfigError(f"file_name: {said}", field="file_name")


def cancel_file_job(*, job: FileJob, by: User) -> FileJob:
    """Stop a job: at once where it waits, within seconds where it runs; 400 if it has ended."""
    with transaction.atomic():
        waiting = FileJob.objects.alive().filter(pk=job.pk, run=None, cancelled_at=None)
        now = timezone.now()
        was_waiting = waiting.update(cancelled_at=now, updated_at=now) == 1
        job = refreshed(job)
        if not was_waiting and not (job.run and lifecycle.cancel(job.run.pk)):
            raise ValidationError(f"The job is {job.status}; there is nothing to cancel")
        audit.record("file_job.cancelled", by=by, target=job, project=job.project)
    if was_waiting and job.upload_id:
        _suppressed(object_store().abort_multipart, job.input_key, job.upload_id)
    return refreshed(job)


def retry_file_job(*, job: FileJob, by: User) -> FileJob:
    """Run a job again that failed or was cancelled; Conflict if it did not, or its file is gone."""
    if job.run is None or job.status not in (FileStatus.FAILED, FileStatus.CANCELLED):
        raise Conflict(f"The job is {job.status}; only what failed or was cancelled is tried again")
    if object_store().head(job.input_key) is None:
        raise Conflict("The uploaded file is not there any more; make a new job and upload it")
    retry_run(run=job.run, by=by)
    return refreshed(job)


def delete_file_job(*, job: FileJob, by: User) -> None:
    """Take a job away with its objects; Conflict while it runs."""
    with transaction.atomic():
        FileJob.objects.select_for_update().only("pk").get(pk=job.pk)
        job = refreshed(job)
        if job.status in BUSY:
            raise Conflict(f"The job is {job.status}; cancel it first, then delete it")
        now = timezone.now()
        if FileJob.objects.alive().filter(pk=job.pk).update(deleted_at=now, updated_at=now):
            audit.record("file_job.deleted", by=by, target=job, project=job.project)
    # What cannot be removed now is removed by the clock.
    _suppressed(remove_objects, job)


def remove_objects(job: FileJob) -> None:
    """Delete all that lies in the object store for a job; ObjectsError where the store fails."""
    for folder in ("input", "output"):
        object_store().delete(f"{folder}/{job.uuid}/")


def sweep(now: datetime) -> None:
    """Remove for good what was deleted, once no URL is good any more that could bring it back."""
    gone = FileJob.objects.filter(deleted_at__isnull=False)
    closed = gone.filter(Q(upload_expires_at=None) | Q(upload_expires_at__lt=now))
    for job in closed.order_by("pk")[:MOST_AT_ONCE]:
        try:
            remove_objects(job)
        except (ObjectsError, OSError) as error:
            log.warning("Objects of file job %s stay for now: %s", job.uuid, error)
            continue
        Checkpoint.objects.filter(stream=stream_of(job)).delete()
        TargetLease.objects.filter(place_digest=digest(_place(job)), token=None).delete()
        job.delete()


def refreshed(job: FileJob) -> FileJob:
    """Return the job as it is stored now, without its run's plan."""
    return (
        FileJob.objects.select_related("run", "user", "project").defer("run__plan").get(pk=job.pk)
    )


def _place(job: FileJob) -> str:
    """Return what the lease of a job's result is called."""
    location = object_store().location(job.output_key)
    endpoint = str(location.get("endpoint_url") or "").rstrip("/")
    return f"{location['path']}@{endpoint}" if endpoint else str(location["path"])


def _suppressed(deed: Any, *arguments: Any) -> None:
    try:
        deed(*arguments)
    except (ObjectsError, OSError) as error:
        log.warning("The object store did not do as asked: %s", error)

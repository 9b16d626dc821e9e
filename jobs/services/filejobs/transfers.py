"""Files on their way: URLs to send and fetch them, and the word that one has arrived."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from accounts import audit
from accounts.models import User
from config.api.renderers import utc
from config.objects import Head, ObjectsError, object_store
from jobs import lifecycle, tasks
from jobs.compiling import compile_file
from jobs.models import FileJob, FileStatus, Trigger
from jobs.services.filejobs.jobs import refreshed


def upload_url(*, job: FileJob, by: User, base: str, parts: int | None = None) -> dict[str, Any]:
    """Return where the file is sent: one URL, or one for each of `parts` parts.

    ValidationError unless the job waits for its file, and while an earlier URL is good.
    """
    _demand_pending(job)
    store, seconds, now = object_store(), settings.UPLOAD_URL_SECONDS, timezone.now()
    until = now + timedelta(seconds=seconds)
    with _claimed(job, until=until, now=now):
        if job.upload_id:
            store.abort_multipart(job.input_key, job.upload_id)
        audit.record("file_job.upload_url_issued", by=by, target=job, project=job.project)
        if parts is None:
            url = store.upload_url(job.input_key, seconds=seconds, base=base)
            FileJob.objects.filter(pk=job.pk).update(upload_id="")
            return {"upload_url": url, "expires_at": until}
        begun = store.begin_multipart(job.input_key, parts=parts, seconds=seconds, base=base)
        FileJob.objects.filter(pk=job.pk).update(upload_id=begun.upload_id)
        return {"upload_urls": begun.urls, "upload_id": begun.upload_id, "expires_at": until}


@contextmanager
def _claimed(job: FileJob, *, until: datetime, now: datetime) -> Iterator[None]:
    """Let one caller at a time issue a URL; give the turn back where that fails."""
    free = Q(upload_expires_at=None) | Q(upload_expires_at__lte=now)
    waiting = FileJob.objects.alive().filter(free, pk=job.pk, run=None, cancelled_at=None)
    if waiting.update(upload_expires_at=until, updated_at=now) != 1:
        held = refreshed(job)
        _demand_pending(held)
        assert held.upload_expires_at is not None
        raise ValidationError(
            f"The job has an upload URL already, good until {utc(held.upload_expires_at)}; "
            "a new one is issued after that"
        )
    try:
        yield
    except BaseException:
        FileJob.objects.filter(pk=job.pk).update(upload_expires_at=job.upload_expires_at)
        raise


def mark_uploaded(*, job: FileJob, by: User, object_key: str) -> FileJob:
    """Queue the work on a file that has arrived; ValidationError says what is missing."""
    _demand_pending(job)
    # A client takes the key out of the URL, where it is percent-encoded.
    if job.input_key not in (object_key, unquote(object_key)):
        raise ValidationError({"object_key": f"object_key must be {job.input_key}"})
    found = _arrived(job)
    plan = compile_file(job)
    with transaction.atomic():
        FileJob.objects.select_for_update().only("pk").get(pk=job.pk)
        job = refreshed(job)
        _demand_pending(job)
        run, parts = lifecycle.open_run(
            project=job.project,
            plan=plan,
            job=None,
            trigger=Trigger.MANUAL,
            by=by,
            max_attempts=settings.RUN_MAX_ATTEMPTS,
        )
        job.run, job.uploaded_size_bytes, job.warnings = run, found.size, _warnings(job, found.size)
        job.save(update_fields=["run", "uploaded_size_bytes", "warnings", "updated_at"])
        audit.record("file_job.started", by=by, target=job, project=job.project, run=str(run.uuid))
        transaction.on_commit(lambda: tasks.ring(parts))
    return job


def _arrived(job: FileJob) -> Head:
    """Return what is known of the uploaded object, its parts joined."""
    store = object_store()
    found = store.head(job.input_key)
    if job.upload_id and found is None:
        try:
            store.complete_multipart(job.input_key, job.upload_id)
        except ObjectsError as error:
            # Another request may have joined the parts meanwhile.
            if store.head(job.input_key) is None:
                raise ValidationError(str(error)) from error
        found = store.head(job.input_key)
    if found is None:
        raise ValidationError(
            f"There is no object {job.input_key} yet: send the file to the upload URL with PUT first"
        )
    return found


def _warnings(job: FileJob, size: int) -> list[str]:
    if size == job.original_file_size_bytes:
        return []
    return [f"The file has {size} bytes, and {job.original_file_size_bytes} were announced"]


def download_url(*, job: FileJob, base: str, rejected: bool = False) -> dict[str, Any]:
    """Return where the result is fetched, and the rows that were left out where there are some."""
    if job.status != FileStatus.COMPLETED:
        raise ValidationError(f"The job is {job.status}; its result is there when it is COMPLETED")
    store = object_store()
    urls = {
        key: store.download_url(
            key,
            seconds=settings.DOWNLOAD_URL_SECONDS,
            base=base,
            file_name=key.rpartition("/")[2],
        )
        for key in (job.output_key, job.rejected_key)
        if store.head(key) is not None
    }
    wanted = job.rejected_key if rejected else job.output_key
    if wanted not in urls:
        raise ValidationError(
            "No rows were rejected" if rejected else "The result is not there any more"
        )
    until = timezone.now() + timedelta(seconds=settings.DOWNLOAD_URL_SECONDS)
    return {
        "download_url": urls[wanted],
        "rejected_download_url": urls.get(job.rejected_key),
        "expires_at": until,
    }


def _demand_pending(job: FileJob) -> None:
    if job.status != FileStatus.PENDING:
        raise ValidationError(f"The job is {job.status}; only a PENDING job takes its file")

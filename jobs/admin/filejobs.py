"""The admin page of file jobs: to look, to cancel and to try again."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, DropdownFilter
from unfold.decorators import display

from accounts.admin.pages import ReadOnlyPage
from config.administration.showing import badge, lines, pretty, row_link, size, took
from config.administration.verbs import verb
from connectors.secrets import veil
from jobs.models import FileJob, FileStatus
from jobs.models.filejobs import OF_RUN
from jobs.services import filejobs as services

AGAIN = (FileStatus.FAILED, FileStatus.CANCELLED)
ENDED = (*AGAIN, FileStatus.COMPLETED)


class StatusFilter(DropdownFilter):
    """File jobs by where they stand, which their runs say."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the words of the contract."""
        return [(status.value, status.label) for status in FileStatus]

    def queryset(self, request: HttpRequest, queryset: QuerySet[FileJob]) -> QuerySet[FileJob]:
        """Return the jobs that stand there."""
        wanted = self.value()
        if not wanted:
            return queryset
        if wanted == FileStatus.PENDING:
            return queryset.filter(run=None, cancelled_at=None)
        found = queryset.filter(run__status__in=[key for key, of in OF_RUN.items() if of == wanted])
        if wanted == FileStatus.CANCELLED:
            found |= queryset.filter(run=None, cancelled_at__isnull=False)
        return found


@admin.register(FileJob)
class FileJobAdmin(ReadOnlyPage):
    """File jobs, to cancel and to try again."""

    list_display = (
        *("file_name", "shown_status", "user", "shown_size", "shown_run", "shown_time"),
        *("created_at", "deleted_at"),
    )
    list_filter = (
        StatusFilter,
        ("user", AutocompleteSelectFilter),
        ("project", AutocompleteSelectFilter),
        "created_at",
    )
    list_select_related = ("run", "user")
    search_fields = ("uuid", "file_name", "user__email", "user__username", "run__error_message")
    search_help_text = "uuid, file, person or error"
    ordering = ("-id",)
    actions = ("cancel", "retry")
    actions_detail = ("cancel", "retry")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("file_name", "shown_status", "shown_run"),
                    ("project", "user", "shown_time"),
                    ("shown_announced", "shown_size", "upload_expires_at"),
                    "error",
                    "shown_warnings",
                )
            },
        ),
        ("What is done", {"fields": ("steps", "read", "written")}),
        ("Where it lies", {"fields": ("uuid", "input_key", "output_key")}),
        (
            "When",
            {"fields": (("created_at", "updated_at", "cancelled_at", "deleted_at"),)},
        ),
    )
    readonly_fields = (
        *("shown_status", "shown_run", "shown_time", "shown_announced", "shown_size"),
        *("error", "shown_warnings", "steps", "read", "written"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[FileJob]:
        """Return all file jobs; none of their pages reads the plan of the run."""
        return super().get_queryset(request).select_related("run", "user").defer("run__plan")

    @display(description="status")
    def shown_status(self, job: FileJob) -> SafeString:
        """Return the status as a badge, in the colours of runs."""
        return badge(job.run.status if job.run else job.status.lower(), job.status.label)

    @display(description="run")
    def shown_run(self, job: FileJob) -> SafeString | str:
        """Return a link to the run."""
        return row_link(job.run, str(job.run)[:8]) if job.run else lines("")

    @display(description="took")
    def shown_time(self, job: FileJob) -> str:
        """Return how long the run took, or has taken so far."""
        return took(job.run.started_at, job.run.finished_at) if job.run else "–"

    @display(description="announced size")
    def shown_announced(self, job: FileJob) -> str:
        """Return the size that was said before."""
        return size(job.original_file_size_bytes)

    @display(description="size", ordering="uploaded_size_bytes")
    def shown_size(self, job: FileJob) -> str:
        """Return the size of what was uploaded."""
        return size(job.uploaded_size_bytes)

    @display(description="error")
    def error(self, job: FileJob) -> SafeString | str:
        """Return why it failed."""
        return lines(job.run.error_message if job.run else "")

    @display(description="warnings")
    def shown_warnings(self, job: FileJob) -> SafeString | str:
        """Return what a person should know."""
        return lines("\n".join(job.warnings))

    @display(description="steps")
    def steps(self, job: FileJob) -> SafeString:
        """Return the steps as they were sent."""
        return pretty(veil(job.processing_steps))

    @display(description="reading")
    def read(self, job: FileJob) -> SafeString:
        """Return how the file is read."""
        return pretty(veil(job.input_options))

    @display(description="writing")
    def written(self, job: FileJob) -> SafeString:
        """Return how the result is written."""
        return pretty(veil(job.output_options))

    @verb(
        "Cancel",
        icon="cancel",
        question="Cancel these file jobs? Their files stay.",
        is_dangerous=True,
        fits=lambda job: job.deleted_at is None and job.status not in ENDED,
    )
    def cancel(self, request: HttpRequest, job: FileJob) -> str:
        """Stop a file job."""
        return f"{job} is {services.cancel_file_job(job=job, by=request.user).status} now."

    @verb(
        "Try again",
        icon="refresh",
        fits=lambda job: job.deleted_at is None and job.run is not None and job.status in AGAIN,
    )
    def retry(self, request: HttpRequest, job: FileJob) -> str:
        """Try a file job again."""
        return f"{job} is {services.retry_file_job(job=job, by=request.user).status} now."

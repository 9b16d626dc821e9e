"""The admin pages of runs and their parts: to look, to cancel and to try again."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from accounts.admin.pages import ReadOnly, ReadOnlyPage
from config.administration.showing import (
    badge,
    lines,
    list_link,
    number,
    pretty,
    row_link,
    size,
    took,
)
from config.administration.verbs import verb
from connectors.secrets import veil
from jobs import services
from jobs.admin.history import log_of, steps_of
from jobs.models import Part, Run, RunEvent, Status


class Outcome:
    """What runs and parts have in common."""

    @display(description="status", ordering="status")
    def shown_status(self, row: Run | Part) -> SafeString:
        """Return the status as a badge."""
        return badge(row.status, row.get_status_display())

    @display(description="rows", ordering="rows")
    def shown_rows(self, row: Run | Part) -> str:
        """Return how many rows were loaded."""
        return number(row.rows)

    @display(description="size", ordering="bytes")
    def shown_bytes(self, row: Run | Part) -> str:
        """Return how many bytes were loaded."""
        return size(row.bytes)

    @display(description="memory peak", ordering="memory_peak")
    def shown_memory(self, row: Run | Part) -> str:
        """Return the most memory that it needed."""
        return size(row.memory_peak)

    @display(description="took")
    def shown_time(self, row: Run | Part) -> str:
        """Return how long it took, or has taken so far."""
        return took(row.started_at, row.finished_at)

    @display(description="error")
    def error(self, row: Run | Part) -> SafeString | str:
        """Return why it failed."""
        return lines(": ".join(filter(None, (row.error_code, row.error_message))))


class PartsOfRun(Outcome, ReadOnly, TabularInline):
    """The parts on the page of their run."""

    model = Part
    extra = 0
    per_page = 25
    ordering = ("position",)
    fields = (
        *("shown_part", "shown_status", "attempt", "shown_rows", "shown_bytes", "shown_memory"),
        *("shown_time", "worker"),
    )
    readonly_fields = fields
    verbose_name_plural = "parts, in their order"
    hide_title = True

    @display(description="part")
    def shown_part(self, part: Part) -> SafeString | str:
        """Return a link to the part."""
        return row_link(part)

    @display(description="worker")
    def worker(self, part: Part) -> str:
        """Return which process had it last."""
        return worker_of(part)


@admin.register(Run)
class RunAdmin(Outcome, ReadOnlyPage):
    """Runs, to cancel and to try again."""

    list_display = (
        *("short", "shown_job", "shown_status", "trigger", "shown_rows", "shown_bytes"),
        *("shown_time", "created_at", "events_of"),
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("trigger", ChoicesDropdownFilter),
        ("job", AutocompleteSelectFilter),
        ("project", AutocompleteSelectFilter),
        "created_at",
    )
    list_select_related = ("job",)
    search_fields = ("uuid", "job__name", "job__uuid", "error_message")
    search_help_text = "uuid, job or error"
    ordering = ("-id",)
    inlines = (PartsOfRun,)
    actions = ("cancel", "retry")
    actions_detail = ("cancel", "retry")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("shown_job", "project", "shown_status"),
                    ("trigger", "started_by", "shown_attempt"),
                    ("shown_rows", "shown_bytes", "shown_memory", "shown_time"),
                    "error",
                )
            },
        ),
        (
            "When",
            {"fields": (("created_at", "queued_at", "started_at", "finished_at"),)},
        ),
        ("What happened", {"fields": ("log", "events_of")}),
        ("Plan", {"fields": ("uuid", "planned"), "classes": ("collapse",)}),
    )
    readonly_fields = (
        *("shown_job", "shown_status", "shown_attempt", "shown_rows", "shown_bytes"),
        *("shown_memory", "shown_time", "error", "log", "events_of", "planned"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        """Return all runs; a list does not read their plans."""
        runs = super().get_queryset(request)
        match = request.resolver_match
        is_list = match is not None and "object_id" not in match.kwargs
        return runs.defer("plan") if is_list else runs

    @display(description="run", ordering="id")
    def short(self, run: Run) -> str:
        """Return the beginning of the uuid."""
        return f"{run.uuid}"[:8]

    @display(description="job", ordering="job__name")
    def shown_job(self, run: Run) -> SafeString | str:
        """Return a link to the job."""
        return row_link(run.job)

    @display(description="attempt")
    def shown_attempt(self, run: Run) -> str:
        """Return which attempt it is."""
        return f"{run.attempt} of {run.max_attempts}"

    @display(description="plan")
    def planned(self, run: Run) -> SafeString:
        """Return the plan, secrets as asterisks."""
        return pretty(veil(run.plan))

    @display(description="log")
    def log(self, run: Run) -> SafeString | str:
        """Return the newest lines of what happened."""
        return log_of(run)

    @display(description="events")
    def events_of(self, run: Run) -> SafeString:
        """Return a link to what happened."""
        return list_link(RunEvent, run.last_seq, run__id__exact=run.pk)

    @verb(
        "Cancel",
        icon="cancel",
        question="Cancel these runs? What was committed stays.",
        is_dangerous=True,
        fits=lambda run: not run.is_ended,
    )
    def cancel(self, request: HttpRequest, run: Run) -> str:
        """Stop a run."""
        return f"{run} is {services.cancel_run(run=run, by=request.user).status} now."

    @verb(
        "Try again what failed",
        icon="refresh",
        fits=lambda run: run.is_ended and run.status != Status.SUCCEEDED,
    )
    def retry(self, request: HttpRequest, run: Run) -> str:
        """Try a run again."""
        return f"{run} is {services.retry_run(run=run, by=request.user).status} now."


@admin.register(Part)
class PartAdmin(Outcome, ReadOnlyPage):
    """Parts, to see which worker has what."""

    list_display = (
        *("__str__", "shown_run", "shown_status", "attempt", "worker", "lease_expires_at"),
        *("shown_rows", "shown_time", "finished_at"),
    )
    list_filter = (("status", ChoicesDropdownFilter),)
    list_select_related = ("run",)
    search_fields = ("uuid", "run__uuid", "name", "worker_host", "error_message")
    search_help_text = "uuid, run, name, host or error"
    ordering = ("-id",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("shown_run", "position", "shown_status", "attempt"),
                    ("shown_rows", "shown_bytes", "shown_memory", "shown_time"),
                    "error",
                )
            },
        ),
        ("Steps", {"fields": ("steps",)}),
        (
            "Lease",
            {
                "fields": (
                    ("worker", "lease_expires_at"),
                    ("waits", "next_try_at", "rings", "ring_at"),
                )
            },
        ),
        ("When", {"fields": (("started_at", "finished_at"),)}),
        ("Facts", {"fields": ("uuid", "key", "committed")}),
    )
    readonly_fields = (
        *("shown_run", "shown_status", "shown_rows", "shown_bytes", "shown_memory"),
        *("shown_time", "error", "steps", "worker", "committed"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Part]:
        """Return all parts; none of their pages reads the plan of the run."""
        return super().get_queryset(request).defer("run__plan")

    @display(description="run", ordering="run_id")
    def shown_run(self, part: Part) -> SafeString | str:
        """Return a link to the run."""
        return row_link(part.run, str(part.run)[:8])

    @display(description="worker")
    def worker(self, part: Part) -> str:
        """Return which process had it last."""
        return worker_of(part)

    @display(description="steps")
    def steps(self, part: Part) -> SafeString | str:
        """Return what the steps did."""
        return steps_of(part)

    @display(description="committed")
    def committed(self, part: Part) -> SafeString | str:
        """Return what was committed, and where to."""
        return pretty(veil(part.result)) if part.result else lines("")


def worker_of(part: Part) -> str:
    """Return the host and process that has or had a part."""
    return f"{part.worker_host}:{part.worker_pid}" if part.worker_host else "–"

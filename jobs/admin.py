"""The admin pages of jobs and runs: to look, to cancel and to try again."""

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from config.api.errors import Conflict
from connectors.errors import ConfigError
from jobs import services
from jobs.definitions import shown_tasks
from jobs.models import Checkpoint, Job, Kind, Part, Run, RunEvent, StepRun, TargetLease


def link(name: str, text: object, **where: object) -> SafeString:
    """Return a link to a list of the admin, filtered."""
    address = reverse(f"admin:jobs_{name}_changelist")
    query = "&".join(f"{field}={value}" for field, value in where.items())
    return format_html('<a href="{}?{}">{}</a>', address, query, text)


def pretty(value: object) -> SafeString:
    """Return a JSON value to read."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    return format_html("<pre>{}</pre>", text)


class ReadOnly(admin.options.BaseModelAdmin):
    """What the platform alone writes."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse."""
        return False


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):
    """Jobs, to start, pause and find the runs of."""

    list_display = ("name", "kind", "schedule", "is_active", "next_run_at", "project", "runs_of")
    list_filter = ("kind", "is_active", "overlap", "created_at", "deleted_at")
    list_select_related = ("project",)
    search_fields = ("name", "uuid", "project__name", "project__owner__username")
    date_hierarchy = "created_at"
    actions = ("start", "pause", "resume")
    fields = (
        *("uuid", "name", "description", "project", "kind", "schedule", "time_zone", "is_active"),
        *("next_run_at", "overlap", "catch_up", "max_attempts", "source", "destination"),
        *("definition", "runs_of", "created_by", "created_at", "updated_at", "deleted_at"),
    )
    # What needs to be judged by a connector or a schedule is changed through the API.
    readonly_fields = (
        *("uuid", "project", "kind", "schedule", "time_zone", "is_active", "next_run_at"),
        *("source", "destination", "definition", "runs_of", "created_by"),
        *("created_at", "updated_at", "deleted_at"),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a job is judged by the API."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        """Refuse: its runs stay readable, and they need it."""
        return False

    @admin.display(description="runs")
    def runs_of(self, job: Job) -> SafeString:
        """Return a link to the job's runs."""
        return link("run", "runs", job__id__exact=job.pk)

    @admin.display(description="definition")
    def definition(self, job: Job) -> SafeString:
        """Return what the job does, secrets as asterisks."""
        return pretty(shown_tasks(job) if job.kind == Kind.TASKS else job.config)

    @admin.action(description="Start now")
    def start(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        """Queue a run of each chosen job."""
        for job in jobs:
            try:
                run = services.start_run(job=job, by=request.user)
            except ConfigError as error:
                self.message_user(request, f"{job}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{job}: run {run} was queued.")

    @admin.action(description="Pause the schedule")
    def pause(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        """Start the chosen jobs by hand only."""
        for job in jobs:
            services.update_job(job=job, is_active=False)

    @admin.action(description="Resume the schedule")
    def resume(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        """Let the schedules of the chosen jobs start them again."""
        for job in jobs:
            services.update_job(job=job, is_active=True)


class PartsOfRun(ReadOnly, admin.TabularInline):
    """The parts on the page of their run."""

    model = Part
    extra = 0
    show_change_link = True
    fields = (
        *("position", "name", "status", "attempt", "waits", "rows", "bytes", "memory_peak"),
        *("worker_host", "worker_pid", "lease_expires_at", "next_try_at", "error_message"),
    )


@admin.register(Run)
class RunAdmin(ReadOnly, admin.ModelAdmin):
    """Runs, to cancel and to try again."""

    list_display = (
        *("uuid", "job", "status", "trigger", "attempt", "rows", "bytes"),
        *("created_at", "started_at", "finished_at", "events_of"),
    )
    list_filter = ("status", "trigger", "created_at")
    list_select_related = ("job",)
    search_fields = ("uuid", "job__name", "job__uuid", "error_message")
    date_hierarchy = "created_at"
    inlines = (PartsOfRun,)
    actions = ("cancel", "retry")
    exclude = ("plan",)
    readonly_fields = ("planned", "events_of")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        """Return all runs; a list does not read their plans."""
        runs = super().get_queryset(request)
        is_list = (
            request.resolver_match is not None and "object_id" not in request.resolver_match.kwargs
        )
        return runs.defer("plan") if is_list else runs

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the pages open."""
        return bool(request.user.is_staff)

    @admin.display(description="plan")
    def planned(self, run: Run) -> SafeString:
        """Return the plan; secrets in it are sealed."""
        return pretty(run.plan)

    @admin.display(description="events")
    def events_of(self, run: Run) -> SafeString:
        """Return a link to what happened."""
        return link("runevent", run.last_seq, run__id__exact=run.pk)

    @admin.action(description="Cancel")
    def cancel(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        """Stop the chosen runs."""
        self._each(request, runs, services.cancel_run)

    @admin.action(description="Try again what failed")
    def retry(self, request: HttpRequest, runs: QuerySet[Run]) -> None:
        """Try the chosen runs again."""
        self._each(request, runs, services.retry_run)

    def _each(self, request: HttpRequest, runs: QuerySet[Run], verb: Any) -> None:
        for run in runs:
            try:
                done = verb(run=run)
            except Conflict as error:
                self.message_user(request, f"{run}: {error}", messages.WARNING)
            else:
                self.message_user(request, f"{run} is {done.status} now.")


@admin.register(Part)
class PartAdmin(ReadOnly, admin.ModelAdmin):
    """Parts, to see which worker has what."""

    list_display = (
        *("__str__", "run", "status", "attempt", "worker_host", "worker_pid"),
        *("lease_expires_at", "next_try_at", "rows", "finished_at"),
    )
    list_filter = ("status", "worker_host")
    list_select_related = ("run",)
    search_fields = ("uuid", "run__uuid", "key", "name", "worker_host", "error_message")


@admin.register(StepRun)
class StepRunAdmin(ReadOnly, admin.ModelAdmin):
    """What each step of a part did."""

    list_display = (
        *("__str__", "kind", "part", "rows_in", "rows_out", "bytes", "seconds"),
        *("cpu_seconds", "memory_peak"),
    )
    list_filter = ("kind",)
    list_select_related = ("part",)
    search_fields = ("step", "name", "part__run__uuid")


@admin.register(RunEvent)
class RunEventAdmin(ReadOnly, admin.ModelAdmin):
    """What happened, line by line."""

    list_display = ("run", "seq", "at", "level", "kind", "step", "message")
    list_filter = ("level", "kind", "at")
    list_select_related = ("run",)
    search_fields = ("run__uuid", "message", "step")
    ordering = ("-id",)


@admin.register(Checkpoint)
class CheckpointAdmin(ReadOnly, admin.ModelAdmin):
    """How far each stream was loaded."""

    list_display = ("stream", "job", "run", "updated_at")
    list_select_related = ("job", "run")
    search_fields = ("stream", "job__name")


@admin.register(TargetLease)
class TargetLeaseAdmin(ReadOnly, admin.ModelAdmin):
    """Who may write where."""

    list_display = ("place", "holder", "fence", "expires_at")
    list_select_related = ("holder",)
    search_fields = ("place", "holder__run__uuid")

"""The admin pages of jobs: to start, to pause and to find the runs of."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.admin.pages import Page
from accounts.models import AuditEvent
from config.administration.filters import DeletedFilter
from config.administration.paging import BoundedList
from config.administration.showing import NOTHING, badge, list_link, moment, pretty, row_link
from config.administration.verbs import verb
from config.api.errors import Conflict
from connectors.errors import ConfigError
from connectors.secrets import veil
from jobs import services
from jobs.definitions import shown_tasks
from jobs.models import Checkpoint, Job, Kind, Run, Status


def is_there(job: Job) -> bool:
    """Return whether the job was not deleted."""
    return job.deleted_at is None


class JobForm(forms.ModelForm):
    """What may be changed of a job by hand."""

    class Meta:
        """What people call it."""

        model = Job
        fields = ("name", "description")
        widgets = {"description": UnfoldAdminTextareaWidget(attrs={"rows": 3})}


class JobsWithLastRun(BoundedList):
    """A page of jobs that knows how the last run of each ended."""

    def get_results(self, request: HttpRequest) -> None:
        """Find the jobs of the page, then their last runs in one query."""
        super().get_results(request)
        jobs = list(self.result_list)
        last = Run.objects.filter(job=OuterRef("pk")).order_by("-id").values("status")[:1]
        keys = [job.pk for job in jobs]
        found = Job.objects.filter(pk__in=keys).order_by().annotate(last=Subquery(last))
        statuses = dict(found.values_list("pk", "last"))
        for job in jobs:
            job.last_status = statuses.get(job.pk)
        self.result_list = jobs


@admin.register(Job)
class JobAdmin(Page):
    """Jobs; what needs to be judged by a connector or a schedule is changed through the API."""

    form = JobForm
    refusals = (ConfigError,)
    list_display = (
        *("name", "kind", "shown_schedule", "is_active", "next_start", "last_run"),
        *("shown_project", "runs_of"),
    )
    list_filter = (
        DeletedFilter,
        ("kind", ChoicesDropdownFilter),
        "is_active",
        ("project", AutocompleteSelectFilter),
        "created_at",
    )
    list_select_related = ("project",)
    search_fields = ("name", "uuid", "project__name", "project__owner__username")
    search_help_text = "Name, uuid, project or owner"
    ordering = ("-id",)
    is_recorded_by_services = True
    actions = ("start", "pause", "resume", "delete_job")
    actions_detail = ("start", "pause", "resume", "delete_job")
    fieldsets = (
        (None, {"fields": ("name", "description", ("shown_project", "kind", "related"))}),
        (
            "Schedule",
            {
                "fields": (
                    ("is_active", "shown_schedule", "time_zone"),
                    ("next_run_at", "overlap", "catch_up", "max_attempts"),
                )
            },
        ),
        ("Work", {"fields": (("source", "destination"), "definition")}),
        (
            "Facts",
            {"fields": (("uuid", "created_by"), ("created_at", "updated_at", "deleted_at"))},
        ),
    )
    readonly_fields = (
        *("uuid", "shown_project", "kind", "related", "shown_schedule", "time_zone", "is_active"),
        *("next_run_at", "overlap", "catch_up", "max_attempts", "source", "destination"),
        *("definition", "created_by", "created_at", "updated_at", "deleted_at"),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a job is judged by the API."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        """Refuse: its runs stay readable, and they need it."""
        return False

    def get_changelist(self, request: HttpRequest, **more: Any) -> type[ChangeList]:
        """Return the list that knows the last runs."""
        return JobsWithLastRun

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        """Return all jobs; a list does not read what they do."""
        jobs = super().get_queryset(request)
        match = request.resolver_match
        is_list = match is not None and "object_id" not in match.kwargs
        return jobs.defer("config") if is_list else jobs

    def save_model(self, request: HttpRequest, obj: Job, form: Any, change: bool) -> None:  # noqa: FBT001 -- as Django calls it
        """Change what people call the job, and nothing that went on meanwhile."""
        services.update_job(job=obj, by=request.user, name=obj.name, description=obj.description)

    @display(description="schedule", ordering="schedule")
    def shown_schedule(self, job: Job) -> str:
        """Return when the job starts by itself."""
        return job.schedule or "by hand"

    @display(description="next start", ordering="next_run_at")
    def next_start(self, job: Job) -> SafeString | str:
        """Return when the schedule starts the job next."""
        return moment(job.next_run_at)

    @display(description="last run")
    def last_run(self, job: Job) -> SafeString | str:
        """Return how the last run stands."""
        status = getattr(job, "last_status", None)
        return badge(status, Status(status).label) if status else NOTHING

    @display(description="project", ordering="project__name")
    def shown_project(self, job: Job) -> SafeString | str:
        """Return a link to the project."""
        return row_link(job.project)

    @display(description="runs")
    def runs_of(self, job: Job) -> SafeString:
        """Return a link to the job's runs."""
        return list_link(Run, "runs", job__id__exact=job.pk)

    @display(description="rows")
    def related(self, job: Job) -> SafeString:
        """Return links to what belongs to the job."""
        runs = self.runs_of(job)
        checkpoints = list_link(Checkpoint, "checkpoints", job__id__exact=job.pk)
        events = list_link(AuditEvent, "audit", object_uuid=job.uuid)
        return runs + SafeString(" · ") + checkpoints + SafeString(" · ") + events

    @display(description="definition")
    def definition(self, job: Job) -> SafeString:
        """Return what the job does, secrets as asterisks."""
        try:
            shown = shown_tasks(job) if job.kind == Kind.TASKS else job.config
        except ConfigError:
            # Its connector is not there any more.
            shown = job.config
        return pretty(veil(shown))

    @verb("Start now", icon="play_arrow", fits=is_there)
    def start(self, request: HttpRequest, job: Job) -> str:
        """Queue a run of a job."""
        if not is_there(job):
            raise Conflict("The job is deleted")
        run = services.start_run(job=job, by=request.user)
        return f"{job}: run {run} was queued."

    @verb(
        "Pause the schedule",
        icon="pause",
        fits=lambda job: is_there(job) and job.is_active,
    )
    def pause(self, request: HttpRequest, job: Job) -> str:
        """Let a job start by hand only."""
        services.update_job(job=job, by=request.user, is_active=False)
        return f"{job} starts by hand only."

    @verb(
        "Resume the schedule",
        icon="resume",
        fits=lambda job: is_there(job) and not job.is_active,
    )
    def resume(self, request: HttpRequest, job: Job) -> str:
        """Let the schedule of a job start it again."""
        if not is_there(job):
            raise Conflict("The job is deleted")
        services.update_job(job=job, by=request.user, is_active=True)
        return f"{job} starts by its schedule again."

    @verb(
        "Delete",
        icon="delete",
        question="Delete these jobs? What goes on is cancelled; their runs stay readable.",
        is_dangerous=True,
        fits=is_there,
    )
    def delete_job(self, request: HttpRequest, job: Job) -> str:
        """Take a job away as the API does."""
        if not is_there(job):
            raise Conflict("The job is deleted already")
        services.delete_job(job=job, by=request.user)
        return f"{job} is deleted."

"""The admin pages of what happened: events, steps, checkpoints."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    DropdownFilter,
)
from unfold.decorators import display

from accounts.admin.pages import ReadOnlyPage
from config.administration.showing import (
    NOTHING,
    badge,
    duration,
    number,
    pretty,
    row_link,
    size,
)
from jobs.models import Checkpoint, EventKind, Part, Run, RunEvent, StepRun

NEWEST = 30
MOST_STEPS = 50
LEVELS = ("debug", "info", "warning", "error")


class LevelFilter(DropdownFilter):
    """Shows the lines of one level; the levels are known, so the table is not asked for them."""

    title = "level"
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """Return the levels."""
        return [(level, level.capitalize()) for level in LEVELS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[RunEvent]) -> QuerySet[RunEvent]:
        """Return the lines of the choice."""
        return queryset.filter(level=self.value()) if self.value() else queryset


class OfRun(ReadOnlyPage):
    """What belongs to a run."""

    ordering = ("-id",)

    @display(description="run")
    def shown_run(self, row: RunEvent | Checkpoint) -> SafeString | str:
        """Return a link to the run."""
        return row_link(row.run, str(row.run)[:8])


@admin.register(RunEvent)
class RunEventAdmin(OfRun):
    """What happened, line by line."""

    list_display = ("at", "shown_run", "seq", "shown_level", "kind", "step", "message")
    list_filter = (LevelFilter, ("kind", ChoicesDropdownFilter), ("run", AutocompleteSelectFilter))
    list_select_related = ("run",)
    search_fields = ("run__uuid", "message", "step")
    search_help_text = "Run, message or step"
    # The table is long, and nothing but its order of age is indexed.
    sortable_by = ()
    fieldsets = (
        (None, {"fields": (("shown_run", "seq", "at"), ("shown_level", "kind", "step"))}),
        (None, {"fields": ("message", "facts")}),
    )
    readonly_fields = ("shown_run", "shown_level", "facts")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RunEvent]:
        """Return all events; none of their pages reads the plan of the run."""
        return super().get_queryset(request).defer("run__plan")

    @display(description="level")
    def shown_level(self, event: RunEvent) -> SafeString:
        """Return the level as a badge."""
        return badge(event.level)

    @display(description="data")
    def facts(self, event: RunEvent) -> SafeString | str:
        """Return what programs read of the event."""
        return pretty(event.data) if event.data else NOTHING


@admin.register(StepRun)
class StepRunAdmin(ReadOnlyPage):
    """What each step of a part did."""

    list_display = (
        *("__str__", "kind", "shown_part", "shown_in", "shown_out", "shown_bytes"),
        *("shown_time", "shown_cpu", "shown_memory"),
    )
    list_filter = ("kind",)
    list_select_related = ("part",)
    search_fields = ("step", "name", "part__run__uuid")
    search_help_text = "Step or run"
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": (("name", "kind"), "step", "shown_part")}),
        (
            None,
            {
                "fields": (
                    ("shown_in", "shown_out", "shown_bytes"),
                    ("shown_time", "shown_cpu", "shown_memory"),
                )
            },
        ),
    )
    readonly_fields = (
        *("shown_part", "shown_in", "shown_out", "shown_bytes"),
        *("shown_time", "shown_cpu", "shown_memory"),
    )

    @display(description="part")
    def shown_part(self, step: StepRun) -> SafeString | str:
        """Return a link to the part."""
        return row_link(step.part)

    @display(description="rows in", ordering="rows_in")
    def shown_in(self, step: StepRun) -> str:
        """Return how many rows came in."""
        return number(step.rows_in)

    @display(description="rows out", ordering="rows_out")
    def shown_out(self, step: StepRun) -> str:
        """Return how many rows went out."""
        return number(step.rows_out)

    @display(description="size", ordering="bytes")
    def shown_bytes(self, step: StepRun) -> str:
        """Return how many bytes went through."""
        return size(step.bytes)

    @display(description="took", ordering="seconds")
    def shown_time(self, step: StepRun) -> str:
        """Return how long it took."""
        return duration(step.seconds)

    @display(description="CPU", ordering="cpu_seconds")
    def shown_cpu(self, step: StepRun) -> str:
        """Return how long the processor worked on it."""
        return duration(step.cpu_seconds)

    @display(description="memory peak", ordering="memory_peak")
    def shown_memory(self, step: StepRun) -> str:
        """Return the most memory that it needed."""
        return size(step.memory_peak)


@admin.register(Checkpoint)
class CheckpointAdmin(OfRun):
    """How far each stream was loaded; the truth is the marker at the target."""

    list_display = ("stream", "shown_job", "shown_run", "updated_at")
    list_filter = (("job", AutocompleteSelectFilter), "updated_at")
    list_select_related = ("job", "run")
    search_fields = ("stream", "job__name")
    search_help_text = "Stream or job"
    fieldsets = (
        (None, {"fields": ("stream", ("shown_job", "shown_run", "updated_at"), "shown_state")}),
    )
    readonly_fields = ("shown_job", "shown_run", "shown_state")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Checkpoint]:
        """Return all checkpoints without the plans of their runs."""
        return super().get_queryset(request).defer("run__plan", "job__config")

    @display(description="job", ordering="job__name")
    def shown_job(self, checkpoint: Checkpoint) -> SafeString | str:
        """Return a link to the job."""
        return row_link(checkpoint.job)

    @display(description="state")
    def shown_state(self, checkpoint: Checkpoint) -> SafeString | str:
        """Return the State as its connector wrote it."""
        return pretty(checkpoint.state)


def log_of(run: Run) -> SafeString | str:
    """Return the newest lines of a run's log but its progress, the newest below."""
    events = RunEvent.objects.filter(run=run).exclude(kind=EventKind.PROGRESS)
    newest = list(events.order_by("-seq")[:NEWEST])[::-1]
    if not newest:
        return NOTHING
    text = "\n".join(
        f"{event.at:%H:%M:%S} {event.level:<7} {event.message}".rstrip() for event in newest
    )
    return format_html('<pre class="mr-json">{}</pre>', text)


def steps_of(part: Part) -> SafeString | str:
    """Return the steps of a part as a small table."""
    rows = format_html_join(
        "",
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
        (
            (
                row_link(step),
                step.kind,
                number(step.rows_in),
                number(step.rows_out),
                size(step.bytes),
                duration(step.seconds),
            )
            for step in part.steps.all()[:MOST_STEPS]
        ),
    )
    if not rows:
        return NOTHING
    head = "<tr><th>Step</th><th>Kind</th><th>Rows in</th><th>Rows out</th><th>Size</th><th>Took</th></tr>"
    return format_html('<div class="mr-panel"><table>{}{}</table></div>', SafeString(head), rows)

"""What the job routes take and answer in Olake's words."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.api import schema
from config.api.bodies import Body, Line
from config.api.renderers import utc
from connectors.serializers import Config, Named
from jobs import cron, samples
from jobs.engine.drift import Action, Kind
from jobs.models import Job, Part, Run, RunEvent, RunKind, Status

# What the Olake contract calls a run that stands there.
OLAKE_STATUS = {
    Status.CREATED: "queued",
    Status.QUEUED: "queued",
    Status.RUNNING: "running",
    Status.CANCELLING: "running",
    Status.SUCCEEDED: "success",
    Status.PARTIAL: "partial",
    Status.FAILED: "failed",
    Status.CANCELLED: "cancelled",
}

# And what it calls such a run.
OLAKE_TYPE = {RunKind.LOAD: "sync", RunKind.CLEAR: "clear"}


@schema.shows(samples.SYNC_SENT)
class SyncInput(Body):
    """A sync job as it is sent; who made it and how it last ran is known here and not taken."""

    name = Line(max_length=255)
    source_id = serializers.IntegerField(source="source", min_value=0)
    dest_id = serializers.IntegerField(source="destination", min_value=0)
    frequency = serializers.CharField(
        source="schedule",
        max_length=255,
        required=False,
        allow_blank=True,
        help_text="Cron, `45-minutes`, hourly, daily, weekly, monthly; empty or manual for never.",
    )
    config = Config(required=False, help_text="`streams` and `selected_streams` of a catalog.")
    connected = serializers.BooleanField(
        source="is_active", required=False, help_text="Whether its schedule starts it."
    )
    project_id = Named(source="project", required=False, allow_null=True)


class LastState(serializers.Serializer[Any]):
    """When a job last ran, and how that stands."""

    last_run_time = serializers.DateTimeField(allow_null=True)
    last_run_state = serializers.ChoiceField(sorted(set(OLAKE_STATUS.values())), allow_null=True)
    last_run_type = serializers.ChoiceField(sorted(OLAKE_TYPE.values()), allow_null=True)


@schema.shows(samples.SYNC)
class SyncRow(serializers.ModelSerializer[Job]):
    """A sync job as the Olake contract answers one; `last_*` are put to the query."""

    job_id = serializers.IntegerField(source="id")
    source_id = serializers.IntegerField()
    dest_id = serializers.IntegerField(source="destination_id")
    schedule = serializers.SerializerMethodField(help_text="What the frequency means.")
    frequency = serializers.CharField(source="schedule")
    config = Config()
    connected = serializers.BooleanField(source="is_active")
    status = serializers.SerializerMethodField()
    last_sync_state = serializers.SerializerMethodField()
    created_by = serializers.SerializerMethodField()
    updated_by = serializers.SerializerMethodField()
    project_id = serializers.IntegerField()

    class Meta:
        """The contract's keys first."""

        model = Job
        fields: ClassVar[list[str]] = [
            *("job_id", "name", "source_id", "dest_id", "schedule", "frequency", "config"),
            *("connected", "status", "created_at", "updated_at", "created_by", "updated_by"),
            *("deleted_at", "last_sync_state", "uuid", "kind", "project_id", "next_run_at"),
        ]
        read_only_fields = fields

    @extend_schema_field(str)
    def get_schedule(self, job: Job) -> str:
        """Return the schedule in its plainest form."""
        return cron.parse(job.schedule, job.dialect).text

    @extend_schema_field(serializers.ChoiceField(["active", "paused"]))
    def get_status(self, job: Job) -> str:
        """Return whether its schedule starts it."""
        return "active" if job.is_active else "paused"

    @extend_schema_field(LastState)
    def get_last_sync_state(self, job: Job) -> dict[str, Any]:
        """Return how the last run stands; nulls before the first one."""
        state, time = getattr(job, "last_status", None), getattr(job, "last_time", None)
        kind = getattr(job, "last_kind", None)
        return {
            "last_run_time": utc(time) if time else None,
            "last_run_state": OLAKE_STATUS[Status(state)] if state else None,
            "last_run_type": OLAKE_TYPE[RunKind(kind)] if kind else None,
        }

    @extend_schema_field(str)
    def get_created_by(self, job: Job) -> str:
        """Return the name of who made it."""
        return str(job.created_by or "")

    @extend_schema_field(str)
    def get_updated_by(self, job: Job) -> str:
        """Return the name of who changed it last."""
        return str(job.updated_by or job.created_by or "")


@schema.shows({"jobs": [samples.SYNC]})
class Jobs(serializers.Serializer[Any]):
    """The jobs of a source or destination."""

    jobs = SyncRow(many=True)


class SchemaChange(serializers.Serializer[Any]):
    """A column that is not as it was at the stream's last load, and what was done about it."""

    column = serializers.CharField()
    change = serializers.ChoiceField([kind.value for kind in Kind])

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields; `from` is no name that Python lets a class have."""
        types = {
            name: serializers.CharField(allow_null=True, help_text="The exact type.")
            for name in ("from", "to")
        }
        action = serializers.ChoiceField([action.value for action in Action])
        return {**super().get_fields(), **types, "action": action}


class LoadCheck(serializers.Serializer[Any]):
    """What was compared after a load; `passed` is null where it could not be."""

    name = serializers.CharField()
    passed = serializers.BooleanField(allow_null=True)
    expected = serializers.CharField()
    found = serializers.CharField()


class StreamResult(serializers.Serializer[Part]):
    """What a run did with one stream (or task)."""

    stream = serializers.CharField(source="key")
    status = serializers.SerializerMethodField()
    rows_read = serializers.SerializerMethodField()
    rows_written = serializers.IntegerField(source="rows")
    rows_rejected = serializers.SerializerMethodField()
    bytes = serializers.IntegerField()
    seconds = serializers.SerializerMethodField()
    attempt = serializers.IntegerField()
    error = serializers.CharField(source="error_message")
    schema_changes = serializers.SerializerMethodField()
    checks = serializers.SerializerMethodField()

    @extend_schema_field(SchemaChange(many=True))
    def get_schema_changes(self, part: Part) -> list[dict[str, Any]]:
        """Return which columns were others than at the last load."""
        return list(part.result.get("schema_changes", ()))

    @extend_schema_field(LoadCheck(many=True))
    def get_checks(self, part: Part) -> list[dict[str, Any]]:
        """Return what was compared with what was sent."""
        return list(part.result.get("checks", ()))

    @extend_schema_field(serializers.ChoiceField(sorted(set(OLAKE_STATUS.values()))))
    def get_status(self, part: Part) -> str:
        """Return where the stream stands."""
        return OLAKE_STATUS[Status(part.status)]

    @extend_schema_field(int)
    def get_rows_read(self, part: Part) -> int:
        """Return how many rows the source gave."""
        return sum(step.rows_out for step in part.steps.all() if step.kind == "extract")

    @extend_schema_field(int)
    def get_rows_rejected(self, part: Part) -> int:
        """Return how many rows the source left out; the log says why."""
        return int(part.result.get("rejected", 0))

    @extend_schema_field(float)
    def get_seconds(self, part: Part) -> float:
        """Return how long it took; 0 before it began."""
        if part.started_at is None or part.finished_at is None:
            return 0.0
        return round((part.finished_at - part.started_at).total_seconds(), 3)


class HistoryRow(serializers.Serializer[Run]):
    """A run as the Olake contract's history tells one, and what else there is to know."""

    id = serializers.IntegerField()
    start_time = serializers.SerializerMethodField()
    end_time = serializers.DateTimeField(source="finished_at")
    runtime = serializers.SerializerMethodField(help_text="Whole seconds.")
    status = serializers.SerializerMethodField()
    trigger = serializers.CharField()
    kind = serializers.ChoiceField(RunKind.choices, help_text="clear: it emptied the tables.")
    rows = serializers.IntegerField()
    bytes = serializers.IntegerField()
    error = serializers.CharField(source="error_message")
    new_streams = serializers.SerializerMethodField(
        help_text="Streams of the source that the job did not describe, told once each."
    )
    streams = StreamResult(source="parts", many=True)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_new_streams(self, run: Run) -> list[str]:
        """Return the streams that were found beside those of the job."""
        return list(run.result.get("new_streams", ()))

    @extend_schema_field(serializers.DateTimeField())
    def get_start_time(self, run: Run) -> str:
        """Return when it began, or was asked for."""
        return utc(run.started_at or run.created_at)

    @extend_schema_field(int)
    def get_runtime(self, run: Run) -> int:
        """Return how long it took, waiting not counted; 0 while it goes on."""
        if run.started_at is None or run.finished_at is None:
            return 0
        return round((run.finished_at - run.started_at).total_seconds())

    @extend_schema_field(serializers.ChoiceField(sorted(set(OLAKE_STATUS.values()))))
    def get_status(self, run: Run) -> str:
        """Return where the run stands."""
        return OLAKE_STATUS[Status(run.status)]


@schema.shows(samples.HISTORY)
class History(serializers.Serializer[Any]):
    """Runs, the newest first."""

    data = HistoryRow(many=True)


class LogLine(serializers.Serializer[RunEvent]):
    """One line of a run's log; `state` is its level."""

    created_at = serializers.DateTimeField(source="at")
    message = serializers.CharField()
    state = serializers.CharField(source="level")
    seq = serializers.IntegerField()
    stream = serializers.SerializerMethodField()

    @extend_schema_field(str)
    def get_stream(self, event: RunEvent) -> str:
        """Return whose line it is; empty for the run's own."""
        return event.step.rpartition(":")[0]


@schema.shows(samples.LOG)
class Log(serializers.Serializer[Any]):
    """Lines, the oldest first."""

    data = LogLine(many=True)

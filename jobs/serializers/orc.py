"""What the job routes take and answer."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.api import schema
from config.api.bodies import Body
from config.api.references import Reference
from jobs import samples
from jobs.definitions import shown_tasks
from jobs.models import CatchUp, EventKind, Job, Overlap, Run, RunEvent, Status, Trigger

# What the orc contract calls a run that stands there; it knows no more words than these.
ORC_STATUS = {
    Status.CREATED: "queued",
    Status.QUEUED: "queued",
    Status.RUNNING: "running",
    Status.CANCELLING: "running",
    Status.SUCCEEDED: "success",
    Status.PARTIAL: "failed",
    Status.FAILED: "failed",
    Status.CANCELLED: "failed",
}
MOST_TASKS = 1000


@extend_schema_field({"type": "object", "additionalProperties": {}})
class Config(serializers.JSONField):
    """One end of a task: a JSON object, judged by its connector."""

    default_error_messages: ClassVar[dict[str, str]] = {"object": "must be a JSON object"}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the object; anything else is refused."""
        value = super().to_internal_value(data)
        if not isinstance(value, dict):
            self.fail("object")
        return value


class TaskInput(Body):
    """A task as it is sent; with `task_id` it is a task that the job has already."""

    task_id = serializers.UUIDField(required=False)
    extractor_config = Config(help_text='For example {"type": "csv", "path": "/data/in.csv"}')
    loader_config = Config(
        help_text='For example {"type": "duckdb", "db_path": "data.db", "table_name": "rows"}'
    )


@schema.shows(samples.SENT)
class JobInput(Body):
    """A task job as it is sent."""

    job_name = serializers.CharField(source="name", max_length=255)
    description = serializers.CharField(allow_null=True, allow_blank=True, default=None)
    schedule = serializers.CharField(
        max_length=255, default="@manual", help_text="Cron with seconds first, or @manual"
    )
    is_active = serializers.BooleanField(default=True)
    tasks = TaskInput(many=True, min_length=1, max_length=MOST_TASKS)
    time_zone = serializers.CharField(max_length=64, default="UTC")
    overlap = serializers.ChoiceField(Overlap.choices, default=Overlap.SKIP)
    catch_up = serializers.ChoiceField(CatchUp.choices, default=CatchUp.ONE)
    max_attempts = serializers.IntegerField(
        min_value=1, max_value=1000, allow_null=True, default=None
    )
    project_id = Reference(
        source="project",
        allow_null=True,
        default=None,
        help_text="Where a new job belongs; one's own project if it is left out or not seen.",
    )


class TaskDefinition(serializers.Serializer[Any]):
    """A task as the orc contract answers one; secrets are `********`."""

    task_id = serializers.UUIDField()
    job_id = serializers.UUIDField()
    task_order = serializers.IntegerField()
    extractor_config = Config()
    loader_config = Config()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


@schema.shows(samples.JOB)
class JobDefinition(serializers.ModelSerializer[Job]):
    """A job as the orc contract answers one, and what else there is to know."""

    job_id = serializers.UUIDField(source="uuid")
    job_name = serializers.CharField(source="name")
    project_id = serializers.IntegerField()

    class Meta:
        """The contract's keys first."""

        model = Job
        fields: ClassVar[list[str]] = [
            "job_id",
            "job_name",
            "description",
            "schedule",
            "is_active",
            "created_at",
            "updated_at",
            "id",
            "project_id",
            "kind",
            "time_zone",
            "overlap",
            "catch_up",
            "max_attempts",
            "next_run_at",
        ]
        read_only_fields = fields


@schema.shows(samples.JOB | {"tasks": [samples.TASK]})
class JobWithTasks(JobDefinition):
    """A job with its tasks in it."""

    tasks = serializers.SerializerMethodField()

    class Meta(JobDefinition.Meta):
        """The same keys, then the tasks."""

        fields: ClassVar[list[str]] = [*JobDefinition.Meta.fields, "tasks"]
        read_only_fields = fields

    @extend_schema_field(TaskDefinition(many=True))
    def get_tasks(self, job: Job) -> list[dict[str, Any]]:
        """Return the tasks in order."""
        return shown_tasks(job)


class OrcStatus(serializers.ChoiceField):
    """Where a run stands, in the contract's words."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=sorted(set(ORC_STATUS.values())), read_only=True, **options)

    def to_representation(self, value: str) -> str:
        """Return queued, running, success or failed."""
        return ORC_STATUS[Status(value)]


class Reason(serializers.CharField):
    """Why something failed; null where there is nothing to say."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **options)

    def to_representation(self, value: str) -> str | None:
        """Return the text, an empty one as null."""
        return value or None


@schema.shows(samples.RUN)
class JobRun(serializers.ModelSerializer[Run]):
    """A run as the orc contract answers one, and what it moved."""

    run_id = serializers.UUIDField(source="uuid")
    job_id = serializers.UUIDField(source="job.uuid")
    status = OrcStatus()
    triggered_by = serializers.ChoiceField(Trigger.choices, source="trigger")
    memory_peak_bytes = serializers.IntegerField(source="memory_peak", allow_null=True)
    error_message = Reason(help_text="Why it failed; null if it did not.")

    class Meta:
        """The contract's keys first."""

        model = Run
        fields: ClassVar[list[str]] = [
            "run_id",
            "job_id",
            "status",
            "triggered_by",
            "started_at",
            "finished_at",
            "error_message",
            "created_at",
            "updated_at",
            "id",
            "kind",
            "attempt",
            "rows",
            "bytes",
            "memory_peak_bytes",
        ]
        read_only_fields = fields


@schema.shows(samples.EVENT)
class Event(serializers.Serializer[RunEvent]):
    """One line of what happened in a run."""

    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    level = serializers.CharField()
    step = serializers.CharField()
    kind = serializers.ChoiceField(EventKind.choices)
    message = serializers.CharField()
    data = Config()

"""What the routes of file jobs take and answer."""

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.api import schema
from config.api.bodies import Body
from config.api.examples import example
from config.api.references import Reference
from config.objects.contracts import MOST_PARTS
from jobs.models import FileJob, FileStatus
from jobs.serializers.orc import Config, Reason
from jobs.services import filejobs as services

CONTRACT = "karyaksham"
# One below the largest bigint.
MOST_BYTES = 2**63 - 2
ROWS, MOST_ROWS = 20, 1000
STEP = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "description": "The name of a step, such as filter."},
        "params": {"type": "object", "additionalProperties": {}},
    },
    "required": ["type"],
    "additionalProperties": False,
}
SENT: dict[str, Any] = example(CONTRACT, "POST /jobs", "request")
BESIDE: dict[str, Any] = {
    "project_id": 3,
    "run_id": None,
    "uploaded_size_bytes": None,
    "input_options": {},
    "output_options": {},
    "warnings": [],
    "started_at": None,
    "finished_at": None,
}
JOB: dict[str, Any] = {**example(CONTRACT, "POST /jobs", "response"), **BESIDE}
TOLD: dict[str, Any] = {
    "memory_peak_bytes": None,
    "progress": {"rows": 0, "bytes": 0, "percent": 0.0, "eta_seconds": None},
    "report": None,
}


@extend_schema_field({"type": "array", "items": STEP, "maxItems": 100})
class Steps(serializers.JSONField):
    """Processing steps in order; what each of them takes is judged by itself."""

    default_error_messages = {"list": "processing_steps must be a list of steps"}

    def to_internal_value(self, data: Any) -> list[Any]:
        """Return the list as it was sent."""
        if not isinstance(data, list):
            self.fail("list")
        return data


@schema.shows(SENT)
class FileJobInput(Body):
    """A file job as it is sent."""

    file_name = serializers.CharField(max_length=255, trim_whitespace=False)
    original_file_size_bytes = serializers.IntegerField(min_value=0, max_value=MOST_BYTES)
    processing_steps = Steps(default=list)
    input_options = Config(
        default=dict,
        help_text='How the file is read, such as {"format": "csv", "delimiter": ";"}.',
    )
    output_options = Config(
        default=dict, help_text='How the result is written, such as {"format": "parquet"}.'
    )
    project_id = Reference(
        source="project",
        allow_null=True,
        default=None,
        help_text="Where the job belongs; one's own project if it is left out or not seen.",
    )


@schema.shows(JOB)
class FileJobRow(serializers.Serializer[FileJob]):
    """A file job as the contract answers one, and what else there is to know."""

    id = serializers.UUIDField(source="uuid")
    user_id = serializers.UUIDField(source="user.uuid", allow_null=True, default=None)
    file_name = serializers.CharField()
    original_file_size_bytes = serializers.IntegerField()
    status = serializers.ChoiceField(FileStatus.choices)
    processing_steps = Steps()
    created_at = serializers.DateTimeField()
    updated_at = serializers.SerializerMethodField()
    input_object_key = serializers.SerializerMethodField()
    output_object_key = serializers.SerializerMethodField()
    error_message = serializers.SerializerMethodField()
    project_id = serializers.IntegerField()
    run_id = serializers.UUIDField(source="run.uuid", allow_null=True, default=None)
    uploaded_size_bytes = serializers.IntegerField(allow_null=True)
    input_options = Config()
    output_options = Config()
    warnings = serializers.ListField(child=serializers.CharField())
    started_at = serializers.DateTimeField(source="run.started_at", allow_null=True, default=None)
    finished_at = serializers.DateTimeField(source="run.finished_at", allow_null=True, default=None)

    def get_updated_at(self, job: FileJob) -> datetime:
        """Return when the job or its run last changed."""
        return max(job.updated_at, job.run.updated_at) if job.run else job.updated_at

    @extend_schema_field({"type": "string", "nullable": True})
    def get_input_object_key(self, job: FileJob) -> str | None:
        """Return where the uploaded file lies; null before it was marked as uploaded."""
        return job.input_key if job.run else None

    @extend_schema_field({"type": "string", "nullable": True})
    def get_output_object_key(self, job: FileJob) -> str | None:
        """Return where the result lies; null before it is there."""
        return job.output_key if job.status == FileStatus.COMPLETED else None

    @extend_schema_field(Reason)
    def get_error_message(self, job: FileJob) -> str | None:
        """Return why it failed; null where it did not."""
        failed = job.run is not None and job.status == FileStatus.FAILED
        return job.run.error_message or None if failed and job.run else None


class Progress(serializers.Serializer[Any]):
    """How far a job is; none of its numbers goes back."""

    rows = serializers.IntegerField(help_text="Rows that were read.")
    bytes = serializers.IntegerField(help_text="Bytes of the file that were read, about.")
    percent = serializers.FloatField(allow_null=True, help_text="Null where nobody can know.")
    eta_seconds = serializers.FloatField(allow_null=True)


class Report(serializers.Serializer[Any]):
    """What became of the rows."""

    rows_in = serializers.IntegerField(help_text="Rows of the file, the rejected ones included.")
    rows_out = serializers.IntegerField()
    rows_rejected = serializers.IntegerField()


@schema.shows(JOB | TOLD)
class FileJobDetail(FileJobRow):
    """A file job with how far it is and what became of its rows."""

    memory_peak_bytes = serializers.IntegerField(
        source="run.memory_peak", allow_null=True, default=None
    )
    progress = serializers.SerializerMethodField()
    report = serializers.SerializerMethodField()

    @extend_schema_field(Progress)
    def get_progress(self, job: FileJob) -> dict[str, Any]:
        """Return how far it is."""
        return services.progress_of(job)

    @extend_schema_field(Report(allow_null=True))
    def get_report(self, job: FileJob) -> dict[str, int] | None:
        """Return what became of the rows; null before it is COMPLETED."""
        return services.report_of(job)


@schema.shows({"parts": 3})
class UploadInput(Body):
    """How a file is sent: whole, or in so many parts."""

    parts = serializers.IntegerField(
        min_value=1, max_value=MOST_PARTS, required=False, help_text="For a file in parts."
    )


@schema.shows({"upload_url": "https://…", "expires_at": "2026-01-20T11:30:00Z"})
class Upload(serializers.Serializer[Any]):
    """Where a file is sent to with PUT: one URL, or one for each part in order."""

    upload_url = serializers.CharField(required=False)
    upload_urls = serializers.ListField(child=serializers.CharField(), required=False)
    upload_id = serializers.CharField(required=False)
    expires_at = serializers.DateTimeField(required=False)


class UploadedInput(Body):
    """Which object was uploaded: the key in the upload URL, after the bucket."""

    object_key = serializers.CharField(max_length=2000, trim_whitespace=False)


@schema.shows({"rejected": True})
class DownloadInput(Body):
    """Which file is wanted: the result, or the rows that were left out of it."""

    rejected = serializers.BooleanField(default=False)


@schema.shows({"download_url": "https://…", "rejected_download_url": None})
class Download(serializers.Serializer[Any]):
    """Where a file is fetched."""

    download_url = serializers.CharField()
    rejected_download_url = serializers.CharField(
        allow_null=True, required=False, help_text="Rows that were left out, if there are some."
    )
    expires_at = serializers.DateTimeField(required=False)


@schema.shows({"rows": ROWS, "processing_steps": [{"type": "limit", "params": {"n": 5}}]})
class PreviewInput(Body):
    """How many rows to show, and other steps to try than the job's own."""

    rows = serializers.IntegerField(min_value=1, max_value=MOST_ROWS, default=ROWS)
    processing_steps = Steps(required=False)


COLUMNS = [{"name": "city", "type": "String"}, {"name": "age", "type": "Int64"}]
SHOWN = {"columns": COLUMNS, "rows": [{"city": "London", "age": 25}]}


class Column(serializers.Serializer[Any]):
    """One column of a preview."""

    name = serializers.CharField()
    type = serializers.CharField()


class Rows(serializers.Serializer[Any]):
    """First rows."""

    columns = Column(many=True)
    rows = serializers.ListField(child=Config())


@schema.shows({"before": SHOWN, "after": {**SHOWN, "rows": []}, "sample_rows": 1})
class Preview(serializers.Serializer[Any]):
    """First rows of the file, and what the steps make of its first `sample_rows` rows."""

    before = Rows()
    after = Rows()
    sample_rows = serializers.IntegerField()

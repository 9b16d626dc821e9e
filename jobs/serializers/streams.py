"""What the routes of a job's streams take and answer."""

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.api import schema
from config.api.bodies import Body
from jobs import samples
from jobs.edits import Deed
from jobs.engine import Standing
from jobs.models import Run, RunKind, Status
from jobs.plan import Action
from jobs.serializers.olake import OLAKE_STATUS, StreamResult
from jobs.services.edits import StreamEdit, obstacle
from jobs.standings import StreamStanding

Json = dict[str, Any]
ANY_OBJECT = {"type": "object", "additionalProperties": True, "nullable": True}


class LastRun(serializers.Serializer[Run]):
    """The last run that worked on a stream."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(RunKind.choices)
    status = serializers.SerializerMethodField()
    start_time = serializers.DateTimeField(source="created_at")

    @extend_schema_field(serializers.ChoiceField(sorted(set(OLAKE_STATUS.values()))))
    def get_status(self, run: Run) -> str:
        """Return where the run stands."""
        return OLAKE_STATUS[Status(run.status)]


class Wanted(serializers.Serializer[Any]):
    """What is wished of a stream's next load."""

    action = serializers.ChoiceField([action.value for action in Action])
    state = serializers.SerializerMethodField()
    is_edit = serializers.BooleanField(help_text="Whether an edit of the job asks for it.")

    @extend_schema_field(ANY_OBJECT)
    def get_state(self, wanted: Mapping[str, Any]) -> Json | None:
        """Return the state to go on from; null for the beginning."""
        return _only(wanted["state"])


@schema.shows(samples.STREAM)
class StreamRow(serializers.Serializer[StreamStanding]):
    """A stream of a job: how far it was read, what is wished of it, how its last load went."""

    stream = serializers.CharField(source="name")
    is_selected = serializers.BooleanField(help_text="Whether the job still moves it.")
    epoch = serializers.IntegerField(help_text="Grows with each wish.")
    state = serializers.SerializerMethodField(help_text="Null: it is read from the beginning.")
    reads = serializers.SerializerMethodField(help_text="What the state was made with.")
    wanted = Wanted(allow_null=True)
    loaded_at = serializers.DateTimeField(allow_null=True)
    last_result = StreamResult(source="part", allow_null=True)
    last_run = LastRun(source="run", allow_null=True)

    @extend_schema_field(ANY_OBJECT)
    def get_state(self, row: StreamStanding) -> Json | None:
        """Return how far the stream was read, as its connector says it."""
        return _only(Standing.of(row.state).read)

    @extend_schema_field(ANY_OBJECT)
    def get_reads(self, row: StreamStanding) -> Json | None:
        """Return what was read when the state was made."""
        return _only(Standing.of(row.state).origins)


@schema.shows(samples.STREAMS)
class Streams(serializers.Serializer[Any]):
    """The streams of a job."""

    data = StreamRow(many=True)


@extend_schema_field(ANY_OBJECT)
class StateField(serializers.JSONField):
    """A connector's State, as the list shows it."""

    default_error_messages: ClassVar[dict[str, str]] = {
        "object": "state must be an object as the list shows it, or null"
    }

    def to_internal_value(self, data: Any) -> Json:
        """Return the object; anything else is refused."""
        if not isinstance(data, dict):
            self.fail("object")
        return data


@schema.shows(samples.STATE)
class StateInput(Body):
    """A state to go on from, null for the beginning; without one, or with `keep`, as it is."""

    state = StateField(required=False, allow_null=True)
    keep = serializers.BooleanField(required=False)

    def validate(self, attrs: Json) -> Json:
        """Refuse what says two things at once."""
        if "state" in attrs and attrs.get("keep"):
            raise serializers.ValidationError(
                {"keep": ["keep goes on from where the stream is: send state or keep, not both"]}
            )
        if "state" not in attrs and attrs.get("keep") is False:
            raise serializers.ValidationError({"keep": ["send keep: true, or a state"]})
        return attrs

    @property
    def keeps(self) -> bool:
        """Whether the stream goes on from where it is."""
        said: Json = self.validated_data
        return bool(said.get("keep")) or "state" not in said


class Chosen(Body):
    """Some of a job's streams, or all of them."""

    streams = serializers.ListField(
        child=serializers.CharField(trim_whitespace=False),
        required=False,
        min_length=1,
        help_text="Names as the list shows them; all streams when it is left out.",
    )


@schema.shows(samples.RESET)
class ResetInput(Chosen):
    """Which streams begin anew."""

    reload = serializers.BooleanField(
        default=True,
        help_text="Whether the new rows replace the old ones when they are complete; otherwise "
        "they are added or merged.",
    )


@schema.shows(samples.CLEAR)
class ClearInput(Chosen):
    """Which streams' tables are emptied."""


class EditRow(serializers.Serializer[Any]):
    """What an edit does to one stream."""

    stream = serializers.CharField()
    action = serializers.ChoiceField([deed.value for deed in Deed], source="verdict.action")
    text = serializers.CharField(source="verdict.text")
    reasons = serializers.ListField(child=serializers.CharField(), source="verdict.reasons")
    columns = serializers.ListField(
        child=serializers.CharField(), source="verdict.columns", help_text="Those that join."
    )
    rows = serializers.IntegerField(
        allow_null=True, help_text="Of its greatest load so far; null where none is known."
    )
    is_destructive = serializers.BooleanField(
        source="verdict.is_destructive",
        help_text="Whether rows may go that the source no longer has.",
    )
    refused = serializers.SerializerMethodField(
        help_text="Why the edit will be refused; empty if it will not."
    )

    @extend_schema_field(str)
    def get_refused(self, edit: StreamEdit) -> str:
        """Return what stands against it."""
        return obstacle(self.context["job"], edit)


@schema.shows(samples.PLAN)
class Edits(serializers.Serializer[Any]):
    """What an edit does to each stream."""

    data = EditRow(many=True)
    is_destructive = serializers.BooleanField(help_text="Whether it is for one of them.")


def _only(by_extract: Mapping[str, Any]) -> Json | None:
    """Return what is said of the one extract of a stream."""
    found = next(iter(by_extract.values()), None)
    return None if found is None else dict(found)

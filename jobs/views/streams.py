"""The streams of a job: how far each was read, and what a person wants of its next load."""

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from config.api import schema
from config.api.errors import Conflict
from config.api.idempotency import idempotent
from config.api.paging import Sliced
from jobs import samples, services
from jobs.models import Job, Kind
from jobs.serializers import olake, orc, streams
from jobs.standings import StreamStanding, standings_of
from jobs.views.history import OlakeView

STREAM = OpenApiParameter(
    "stream",
    {"type": "string", "minLength": 1},
    required=True,
    description="The stream's name as the list shows it, percent-encoded.",
    default=samples.STREAM["stream"],
)


class StreamView(OlakeView):
    """A route about one stream, which `?stream=` names: a name may hold any character."""

    def named(self) -> str:
        """Return the name that the query gives."""
        name = self.request.query_params.get("stream", "")
        if not name:
            raise ValidationError(
                {"stream": "Name the stream: ?stream=public.orders, percent-encoded"}
            )
        return name

    def told(self, job: Job, name: str) -> Response:
        """Return how the stream stands; Http404 where the job has none of that name."""
        return Response(streams.StreamRow(standing_of(job, name)).data)


def standing_of(job: Job, name: str) -> StreamStanding:
    """Return how a stream of a job stands; Http404 where it has none of that name."""
    found = next((one for one in standings_of(job) if one.name == name), None)
    if found is None:
        raise Http404
    return found


class JobStreams(OlakeView):
    """The streams of a job."""

    @extend_schema(operation_id="listJobStreams", tags=[schema.MILLRACE], responses=streams.Streams)
    def get(self, request: Request, job: str) -> Response:
        """List the streams, those that were loaded and left too; `limit` and `offset` page them."""
        page = self.paginate_queryset(Sliced(standings_of(self.job())))
        return self.get_paginated_response({"data": streams.StreamRow(page, many=True).data})


class StreamState(StreamView):
    """How far one stream was read."""

    @extend_schema(
        operation_id="getStreamState",
        tags=[schema.MILLRACE],
        parameters=[STREAM],
        responses=streams.StreamRow,
    )
    def get(self, request: Request, job: str) -> Response:
        """Tell how a stream stands."""
        return self.told(self.job(), self.named())

    @schema.errors(409)
    @extend_schema(
        operation_id="setStreamState",
        tags=[schema.MILLRACE],
        parameters=[STREAM],
        request=streams.StateInput,
        responses={200: streams.StreamRow},
    )
    def put(self, request: Request, job: str) -> Response:
        """Let the next load begin from a state, or go on from the one that is kept."""
        found, name = self.job(), self.named()
        asked = streams.StateInput(data=request.data)
        asked.is_valid(raise_exception=True)
        if asked.keeps:
            services.keep_state(job=found, stream=name, by=request.user)
        else:
            state = asked.validated_data["state"]
            services.set_state(job=found, stream=name, state=state, by=request.user)
        return self.told(found, name)

    @schema.errors(409)
    @extend_schema(
        operation_id="resetStreamState",
        tags=[schema.MILLRACE],
        parameters=[STREAM],
        responses={200: streams.StreamRow},
    )
    def delete(self, request: Request, job: str) -> Response:
        """Let the next load read everything anew, and replace the old rows when it is complete."""
        found, name = self.job(), self.named()
        services.reset_streams(job=found, streams=[name], is_reload=True, by=request.user)
        return self.told(found, name)


class StreamsReset(OlakeView):
    """Streams that begin anew."""

    @schema.errors(409)
    @extend_schema(
        operation_id="resetStreams",
        tags=[schema.MILLRACE],
        request=streams.ResetInput,
        responses={200: streams.Streams},
    )
    def post(self, request: Request, job: str) -> Response:
        """Let the next load read everything anew, and replace the old rows unless told not to.

        `?stream=` names one stream, `streams` in the body several; neither means all of them.
        """
        found = self.job()
        asked = streams.ResetInput(data=request.data)
        asked.is_valid(raise_exception=True)
        one = request.query_params.get("stream")
        names = [one] if one else asked.validated_data.get("streams")
        is_reload = asked.validated_data["reload"]
        services.reset_streams(job=found, streams=names, is_reload=is_reload, by=request.user)
        rows = [row for row in standings_of(found) if names is None or row.name in names]
        return Response({"data": streams.StreamRow(rows, many=True).data})


class JobPlan(OlakeView):
    """What a change of a sync job would do."""

    @schema.errors(409)
    @extend_schema(
        operation_id="planJob",
        tags=[schema.MILLRACE],
        request=olake.SyncInput(partial=True),
        responses={200: streams.Edits},
    )
    def post(self, request: Request, job: str) -> Response:
        """Tell for each stream what this change would do; without one, what the next run does."""
        found = self.job()
        if found.kind != Kind.SYNC:
            raise Conflict("Only sync jobs are planned; a task job does what its tasks say")
        asked = olake.SyncInput(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        fields = {name: value for name, value in asked.validated_data.items() if name != "project"}
        edits = services.plan_sync_job(job=found, **fields)
        rows = streams.EditRow(edits, many=True, context={"job": found}).data
        is_destructive = any(edit.verdict.is_destructive for edit in edits)
        return Response({"data": rows, "is_destructive": is_destructive})


class JobClear(OlakeView):
    """Emptying what a job has loaded."""

    @schema.errors(409)
    @extend_schema(
        operation_id="clearJob",
        tags=[schema.MILLRACE],
        request=streams.ClearInput,
        responses={200: orc.JobRun},
    )
    @idempotent
    def post(self, request: Request, job: str) -> Response:
        """Queue a run that empties the tables and forgets the states; the next run loads all."""
        found = self.job()
        asked = streams.ClearInput(data=request.data)
        asked.is_valid(raise_exception=True)
        names = asked.validated_data.get("streams")
        run = services.clear_job(job=found, streams=names, by=request.user)
        return Response(orc.JobRun(run).data)

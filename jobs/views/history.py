"""What became of a job's runs, and which jobs use a connection, as the Olake contract asks it."""

from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import TokenAuthentication
from config.api import schema
from config.api.routing import identity
from connectors.models import Connection, ConnectionRole
from jobs.models import Job, Part, Run, RunEvent
from jobs.models.history import EventKind
from jobs.models.runs import ENDED
from jobs.serializers import olake
from jobs.views.jobs import with_last_run
from jobs.views.opening import NEWER, JobView


class OlakeView(JobView):
    """A route of the Olake contract about jobs: unlike orc's it needs a token always."""

    authentication_classes = (TokenAuthentication,)


class RunsOfJob(OlakeView):
    """The runs of one job, with what each did with its streams."""

    def runs(self) -> QuerySet[Run]:
        """Return the job's runs, each with its parts and steps."""
        parts = Part.objects.order_by("position").prefetch_related("steps")
        found = Run.objects.filter(job=self.job()).defer("plan")
        return found.prefetch_related(Prefetch("parts", parts))

    def told(self, runs: QuerySet[Run]) -> Response:
        """Return one page of runs, the newest first."""
        page = self.paginate_queryset(runs)
        return self.get_paginated_response({"data": olake.HistoryRow(page, many=True).data})


class JobHistory(RunsOfJob):
    """The runs of a job that have ended."""

    @extend_schema(operation_id="getJobHistory", tags=[schema.OLAKE], responses=olake.History)
    def get(self, request: Request, job: str) -> Response:
        """List the runs that have ended, newest first; `limit` and `offset` page them."""
        return self.told(self.runs().filter(status__in=ENDED))


class JobTasks(RunsOfJob):
    """All runs of a job."""

    @extend_schema(operation_id="getJobTasks", tags=[schema.OLAKE], responses=olake.History)
    def get(self, request: Request, job: str) -> Response:
        """List all runs, those that wait and go on too, newest first."""
        return self.told(self.runs())


class JobTaskLog(OlakeView):
    """The log of one run of a job."""

    @extend_schema(
        operation_id="getJobTaskLog", tags=[schema.OLAKE], parameters=[NEWER], responses=olake.Log
    )
    def get(self, request: Request, job: str, task: str) -> Response:
        """List the lines of a run's log, the oldest first."""
        run = Run.objects.filter(job=self.job(), **identity(task)).only("pk").first()
        if run is None:
            raise Http404
        lines = RunEvent.objects.filter(run=run, seq__gt=self.after())
        page = self.paginate_queryset(lines.exclude(kind=EventKind.PROGRESS).order_by("seq"))
        return self.get_paginated_response({"data": olake.LogLine(page, many=True).data})


class JobsUsing(OlakeView):
    """The jobs that use a connection."""

    role: ClassVar[str]

    def told(self, id: str) -> Response:
        """Return the jobs of a connection that the caller may see."""
        roles = (self.role, ConnectionRole.BOTH)
        seen = Connection.objects.visible_to(self.request.user).filter(role__in=roles)
        connection = seen.filter(**identity(id)).first()
        if connection is None:
            raise Http404
        uses: dict[str, Any] = {self.role: connection}
        page = self.paginate_queryset(with_last_run(Job.objects.alive().filter(**uses)))
        return self.get_paginated_response({"jobs": olake.SyncRow(page, many=True).data})


class SourceJobs(JobsUsing):
    """The jobs that read a source."""

    role = ConnectionRole.SOURCE

    @extend_schema(operation_id="getSourceJobs", tags=[schema.OLAKE], responses=olake.Jobs)
    def get(self, request: Request, source: str) -> Response:
        """List the jobs that read this source, newest first."""
        return self.told(source)


class DestinationJobs(JobsUsing):
    """The jobs that write a destination."""

    role = ConnectionRole.DESTINATION

    @extend_schema(operation_id="getDestinationJobs", tags=[schema.OLAKE], responses=olake.Jobs)
    def get(self, request: Request, destination: str) -> Response:
        """List the jobs that write this destination, newest first."""
        return self.told(destination)

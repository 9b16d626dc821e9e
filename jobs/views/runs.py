"""The routes of runs, as the orc contract and ours have them."""

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from config.api import schema
from config.api.idempotency import idempotent
from config.api.routing import identity
from jobs import services
from jobs.models import Kind, Run, RunEvent
from jobs.serializers import orc
from jobs.views.opening import KIND, NEWER, JobView, OpenView


def runs_of(user: User, *, kinds: tuple[Kind, ...]) -> QuerySet[Run]:
    """Return the runs in the user's projects of jobs of these kinds."""
    return Run.objects.visible_to(user).filter(job__kind__in=kinds)


class JobStart(JobView):
    """Starting a job by hand."""

    @extend_schema(
        operation_id="startJob",
        tags=[schema.ORC],
        request=None,
        responses={200: orc.JobRun},
    )
    @idempotent
    def post(self, request: Request, job: str) -> Response:
        """Queue a run of the job, whether it is active or not."""
        run = services.start_run(job=self.job(), by=request.user)
        return Response(orc.JobRun(run).data)


class RunView(OpenView):
    """A route about runs that the caller may see."""

    serializer_class = orc.JobRun

    def get_queryset(self) -> QuerySet[Run]:
        """Return the runs of jobs in the caller's projects; a plan can be long and is not told."""
        visible = Run.objects.visible_to(self.request.user).filter(job__isnull=False)
        return visible.select_related("job").defer("plan", "job__config")

    def run(self) -> Run:
        """Return the run that the path names; Http404 if there is none."""
        found = self.get_queryset().filter(**identity(self.kwargs["run"])).first()
        if found is None:
            raise Http404
        self.check_object_permissions(self.request, found)
        return found


class Runs(RunView):
    """All runs."""

    @extend_schema(
        operation_id="listRuns",
        tags=[schema.ORC],
        parameters=[KIND],
        responses=orc.JobRun(many=True),
    )
    def get(self, request: Request) -> Response:
        """List the runs of task jobs (or `?kind=`), newest first."""
        return self.listed(runs_of, orc.JobRun, kinds=self.kinds(usual="tasks"))


class RunDetail(RunView):
    """One run."""

    @extend_schema(operation_id="getRun", tags=[schema.ORC])
    def get(self, request: Request, run: str) -> Response:
        """Tell where a run stands."""
        return Response(orc.JobRun(self.run()).data)


class RunCancel(RunView):
    """Stopping a run."""

    @schema.errors(409)
    @extend_schema(
        operation_id="cancelRun",
        tags=[schema.MILLRACE],
        request=None,
        responses={200: orc.JobRun},
    )
    def post(self, request: Request, run: str) -> Response:
        """Stop the run at once, or at the next batch of rows; 409 if it has ended."""
        cancelled = services.cancel_run(run=self.run(), by=request.user)
        return Response(orc.JobRun(cancelled).data)


class RunRetry(RunView):
    """Trying a run again."""

    @schema.errors(409)
    @extend_schema(
        operation_id="retryRun",
        tags=[schema.MILLRACE],
        request=None,
        responses={200: orc.JobRun},
    )
    @idempotent
    def post(self, request: Request, run: str) -> Response:
        """Try again what failed of the run; 409 if nothing did."""
        retried = services.retry_run(run=self.run(), by=request.user)
        return Response(orc.JobRun(retried).data)


class RunEvents(RunView):
    """What happened in a run."""

    @extend_schema(
        operation_id="listRunEvents",
        tags=[schema.MILLRACE],
        parameters=[NEWER],
        responses=orc.Event(many=True),
    )
    def get(self, request: Request, run: str) -> Response:
        """List what is newer than `?after=`, the oldest first."""
        rows = RunEvent.objects.filter(run=self.run(), seq__gt=self.after()).order_by("seq")
        return self.page(rows, orc.Event)

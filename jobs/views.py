"""The routes of jobs and runs, as the orc contract and ours have them."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Project, User
from accounts.permissions import OPEN_AUTHENTICATION, ORC, PROJECT_PERMISSIONS, project_for
from config.api import schema
from config.api.idempotency import idempotent
from config.api.lists import ListView
from config.api.paging import LimitOffset
from config.api.parsers import JSONParser
from config.api.routing import MOST_DIGITS, identity
from jobs import serializers, services
from jobs.models import Job, Kind, Run, RunEvent

ORC_FIELDS = ("job_name", "tasks")
OLAKE_FIELDS = ("source_id", "dest_id", "frequency")
KINDS = {"sync": (Kind.SYNC,), "tasks": (Kind.TASKS,), "all": (*Kind,)}
KIND = OpenApiParameter("kind", enum=list(KINDS), description="Which kind of jobs.")
NEWER = OpenApiParameter(
    "after",
    {"type": "integer", "minimum": 0, "maximum": 10**MOST_DIGITS - 1},
    description="Only what has a greater seq.",
)


def jobs_of(user: User, *, kinds: tuple[Kind, ...]) -> QuerySet[Job]:
    """Return the jobs of these kinds in the user's projects."""
    return Job.objects.visible_to(user).filter(kind__in=kinds)


def runs_of(user: User, *, kinds: tuple[Kind, ...]) -> QuerySet[Run]:
    """Return the runs in the user's projects of jobs of these kinds."""
    return Run.objects.visible_to(user).filter(job__kind__in=kinds)


class OpenView(ListView):
    """A route that in open mode needs no token."""

    authentication_classes = OPEN_AUTHENTICATION
    permission_classes = PROJECT_PERMISSIONS
    pagination_class = LimitOffset
    parser_classes = (JSONParser,)

    def kinds(self, *, usual: str) -> tuple[Kind, ...]:
        """Return the kinds of jobs that `?kind=` asks for."""
        asked = self.request.query_params.get("kind", usual)
        if asked not in KINDS:
            raise ValidationError({"kind": f"kind must be one of {', '.join(KINDS)}"})
        return KINDS[asked]


class JobView(OpenView):
    """A route about jobs that the caller may see."""

    serializer_class = serializers.JobWithTasks

    def get_queryset(self) -> QuerySet[Job]:
        """Return the jobs of the caller's projects."""
        return Job.objects.visible_to(self.request.user).select_related("source", "destination")

    def job(self) -> Job:
        """Return the job that the path names; Http404 if there is none."""
        found = self.get_queryset().filter(**identity(self.kwargs["job"])).first()
        if found is None:
            raise Http404
        self.check_object_permissions(self.request, found)
        return found


class Jobs(JobView):
    """All jobs, and new ones."""

    @extend_schema(
        operation_id="listJobs",
        tags=[schema.ORC],
        parameters=[KIND],
        responses=serializers.JobDefinition(many=True),
    )
    def get(self, request: Request) -> Response:
        """List the jobs of the kind that the token's log-in is for, newest first."""
        usual = "tasks" if request.auth.door == ORC else "sync"
        return self.listed(jobs_of, serializers.JobDefinition, kinds=self.kinds(usual=usual))

    @extend_schema(
        operation_id="createJob",
        tags=[schema.ORC],
        request=serializers.JobInput,
        responses={200: serializers.JobWithTasks},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Create a job with its tasks."""
        demand_orc_fields(request.data)
        asked = serializers.JobInput(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        project = project_for(request.user, fields.pop("project"))
        job = services.create_job(project=project, by=request.user, dialect=ORC, **fields)
        return Response(serializers.JobWithTasks(job).data)


def demand_orc_fields(body: Any) -> None:
    """Judge by its fields which contract a new job is of; 400 unless it is orc's."""
    if not isinstance(body, dict):
        raise ValidationError("The body must be a JSON object")
    is_orc = any(name in body for name in ORC_FIELDS)
    is_olake = any(name in body for name in OLAKE_FIELDS)
    if is_orc and not is_olake:
        return
    task_fields, sync_fields = " and ".join(ORC_FIELDS), ", ".join(OLAKE_FIELDS)
    if is_olake and not is_orc:
        raise ValidationError(
            f"A job with {sync_fields} is a sync job, which this server does not create yet; "
            f"send {task_fields} for a task job"
        )
    raise ValidationError(
        f"Send {task_fields} for a task job or {sync_fields} for a sync job, "
        + ("not both" if is_orc else "one of the two")
    )


def demand_same_project(job: Job, named: dict[str, Any] | None) -> None:
    """Refuse to move a job: who may read it, and whose secrets it holds, was settled before."""
    if named and not Project.objects.filter(jobs=job, **named).exists():
        raise ValidationError({"project_id": "A job stays in its project; create it anew there"})


class JobDetail(JobView):
    """One job."""

    @extend_schema(operation_id="getJob", tags=[schema.ORC])
    def get(self, request: Request, job: str) -> Response:
        """Tell of a job, its tasks included."""
        return Response(serializers.JobWithTasks(self.job()).data)

    @extend_schema(operation_id="replaceJob", tags=[schema.MILLRACE], request=serializers.JobInput)
    def put(self, request: Request, job: str) -> Response:
        """Say anew what a job is; `********` keeps a stored secret."""
        return self._update(request, partial=False)

    @extend_schema(
        operation_id="changeJob", tags=[schema.MILLRACE], request=serializers.JobInput(partial=True)
    )
    def patch(self, request: Request, job: str) -> Response:
        """Change what is sent and nothing else."""
        return self._update(request, partial=True)

    def _update(self, request: Request, *, partial: bool) -> Response:
        job = self.job()
        if job.kind != Kind.TASKS:
            raise ValidationError("A sync job cannot be changed here yet")
        asked = serializers.JobInput(data=request.data, partial=partial)
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        demand_same_project(job, fields.pop("project", None))
        changed = services.update_job(job=job, by=request.user, **fields)
        return Response(serializers.JobWithTasks(changed).data)

    @extend_schema(operation_id="deleteJob", tags=[schema.MILLRACE], responses={204: None})
    def delete(self, request: Request, job: str) -> Response:
        """Take a job away and cancel what goes on; its runs stay readable."""
        services.delete_job(job=self.job(), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class JobStart(JobView):
    """Starting a job by hand."""

    @extend_schema(
        operation_id="startJob",
        tags=[schema.ORC],
        request=None,
        responses={200: serializers.JobRun},
    )
    @idempotent
    def post(self, request: Request, job: str) -> Response:
        """Queue a run of the job, whether it is active or not."""
        run = services.start_run(job=self.job(), by=request.user)
        return Response(serializers.JobRun(run).data)


class RunView(OpenView):
    """A route about runs that the caller may see."""

    serializer_class = serializers.JobRun

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
        responses=serializers.JobRun(many=True),
    )
    def get(self, request: Request) -> Response:
        """List the runs of task jobs (or `?kind=`), newest first."""
        return self.listed(runs_of, serializers.JobRun, kinds=self.kinds(usual="tasks"))


class RunDetail(RunView):
    """One run."""

    @extend_schema(operation_id="getRun", tags=[schema.ORC])
    def get(self, request: Request, run: str) -> Response:
        """Tell where a run stands."""
        return Response(serializers.JobRun(self.run()).data)


class RunCancel(RunView):
    """Stopping a run."""

    @schema.errors(409)
    @extend_schema(
        operation_id="cancelRun",
        tags=[schema.MILLRACE],
        request=None,
        responses={200: serializers.JobRun},
    )
    def post(self, request: Request, run: str) -> Response:
        """Stop the run at once, or at the next batch of rows; 409 if it has ended."""
        cancelled = services.cancel_run(run=self.run(), by=request.user)
        return Response(serializers.JobRun(cancelled).data)


class RunRetry(RunView):
    """Trying a run again."""

    @schema.errors(409)
    @extend_schema(
        operation_id="retryRun",
        tags=[schema.MILLRACE],
        request=None,
        responses={200: serializers.JobRun},
    )
    @idempotent
    def post(self, request: Request, run: str) -> Response:
        """Try again what failed of the run; 409 if nothing did."""
        retried = services.retry_run(run=self.run(), by=request.user)
        return Response(serializers.JobRun(retried).data)


class RunEvents(RunView):
    """What happened in a run."""

    @extend_schema(
        operation_id="listRunEvents",
        tags=[schema.MILLRACE],
        parameters=[NEWER],
        responses=serializers.Event(many=True),
    )
    def get(self, request: Request, run: str) -> Response:
        """List what is newer than `?after=`, the oldest first."""
        after = request.query_params.get("after") or "0"
        if not (after.isascii() and after.isdecimal() and len(after) <= MOST_DIGITS):
            raise ValidationError({"after": "after must be the seq of an event, such as 12"})
        rows = RunEvent.objects.filter(run=self.run(), seq__gt=int(after)).order_by("seq")
        return self.page(rows, serializers.Event)

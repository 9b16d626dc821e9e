"""The routes of jobs: two contracts share them, and a row is in the shape of its kind."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from drf_spectacular.utils import OpenApiExample, PolymorphicProxySerializer, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotAuthenticated, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Project, User
from accounts.permissions import ORC, project_for
from config.api import schema
from config.api.idempotency import idempotent
from connectors.models import Connection
from jobs import samples, services
from jobs.models import Job, Kind, Run
from jobs.serializers import olake, orc
from jobs.views.opening import KIND, KINDS, JobView

ORC_FIELDS = ("job_name", "tasks")
OLAKE_FIELDS = ("source_id", "dest_id", "frequency")


def either(name: str, *serializers: Any, many: bool = False) -> PolymorphicProxySerializer:
    """Return what OpenAPI says where a body is in one of two contracts' words."""
    return PolymorphicProxySerializer(name, serializers, resource_type_field_name=None, many=many)


ANY_JOB = either("AnyJob", orc.JobWithTasks, olake.SyncRow)
TASKS = samples.JOB | {"tasks": [samples.TASK]}
SHOWN = [
    OpenApiExample("Task job", TASKS, response_only=True),
    OpenApiExample("Sync job", samples.SYNC, response_only=True),
]
CREATED = [
    OpenApiExample("New task job", samples.SENT, request_only=True),
    OpenApiExample("New sync job", samples.SYNC_SENT, request_only=True),
    OpenApiExample("Task job", TASKS, response_only=True, status_codes=["200"]),
    OpenApiExample("Sync job", samples.SYNC, response_only=True, status_codes=["201"]),
]
CHANGED = [OpenApiExample("Change", samples.SYNC_SENT, request_only=True)]


def jobs_of(user: User, *, kinds: tuple[Kind, ...]) -> QuerySet[Job]:
    """Return the jobs of these kinds in the user's projects."""
    return Job.objects.visible_to(user).filter(kind__in=kinds)


def with_last_run(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """Return the jobs with what a row in Olake's shape tells of people and the last run."""
    last = Run.objects.filter(job=OuterRef("pk")).order_by("-pk")
    return jobs.select_related("created_by", "updated_by").annotate(
        last_status=Subquery(last.values("status")[:1]),
        last_time=Subquery(last.values("created_at")[:1]),
        last_kind=Subquery(last.values("kind")[:1]),
    )


def told(job: Job) -> dict[str, Any]:
    """Return a job in the shape of its kind."""
    if job.kind == Kind.TASKS:
        return orc.JobWithTasks(job).data
    return olake.SyncRow(with_last_run(Job.objects.filter(pk=job.pk)).get()).data


class Jobs(JobView):
    """All jobs, and new ones."""

    @extend_schema(
        operation_id="listJobs",
        tags=[schema.ORC, schema.OLAKE],
        parameters=[KIND],
        responses=either("AnyJobRow", orc.JobDefinition, olake.SyncRow, many=True),
        examples=[
            OpenApiExample("Task job", samples.JOB, response_only=True),
            OpenApiExample("Sync job", samples.SYNC, response_only=True),
        ],
    )
    def get(self, request: Request) -> Response:
        """List the jobs of the kind that the token's log-in is for, newest first."""
        kinds = self.kinds(usual="tasks" if request.auth.door == ORC else "sync")
        if kinds == KINDS["tasks"]:
            return self.listed(jobs_of, orc.JobDefinition, kinds=kinds)
        rows = self.paginate_queryset(with_last_run(jobs_of(request.user, kinds=kinds)))
        shapes = {Kind.TASKS: orc.JobDefinition, Kind.SYNC: olake.SyncRow}
        return self.get_paginated_response([shapes[Kind(job.kind)](job).data for job in rows or ()])

    @schema.errors(409)
    @extend_schema(
        operation_id="createJob",
        tags=[schema.ORC, schema.OLAKE],
        request=either("AnyJobInput", orc.JobInput, olake.SyncInput),
        examples=CREATED,
        responses={200: orc.JobWithTasks, 201: olake.SyncRow},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Create a job: one with tasks answers 200, one that syncs streams answers 201."""
        kind = kind_of(request.data)
        if kind is Kind.TASKS:
            return Response(told(self._create_tasks(request)))
        return Response(told(self._create_sync(request)), status=status.HTTP_201_CREATED)

    def _create_tasks(self, request: Request) -> Job:
        asked = orc.JobInput(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        project = project_for(request.user, fields.pop("project"))
        return services.create_job(project=project, by=request.user, dialect=ORC, **fields)

    def _create_sync(self, request: Request) -> Job:
        if request.auth.is_open_mode:
            raise NotAuthenticated
        asked = olake.SyncInput(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        named = fields.pop("project", None) or _project_of(request.user, fields["source"])
        return services.create_sync_job(
            project=project_for(request.user, named), by=request.user, **fields
        )


def _project_of(user: User, source: int) -> dict[str, Any] | None:
    """Return the project of a source: where none is named, a job belongs with what it reads."""
    found = Connection.objects.visible_to(user).filter(pk=source).values_list("project", flat=True)
    project = found.first()
    return None if project is None else {"pk": project}


def kind_of(body: Any) -> Kind:
    """Judge by its fields which contract a new job is of; 400 unless it is one of the two."""
    if not isinstance(body, dict):
        raise ValidationError("The body must be a JSON object")
    is_orc = any(name in body for name in ORC_FIELDS)
    is_olake = any(name in body for name in OLAKE_FIELDS)
    if is_orc != is_olake:
        return Kind.TASKS if is_orc else Kind.SYNC
    raise ValidationError(
        f"Send {' and '.join(ORC_FIELDS)} for a task job or {', '.join(OLAKE_FIELDS)} for a sync "
        "job, " + ("not both" if is_orc else "one of the two")
    )


def demand_same_project(job: Job, named: dict[str, Any] | None) -> None:
    """Refuse to move a job: who may read it, and whose secrets it holds, was settled before."""
    if named and not Project.objects.filter(jobs=job, **named).exists():
        raise ValidationError({"project_id": "A job stays in its project; create it anew there"})


class JobDetail(JobView):
    """One job."""

    @extend_schema(
        operation_id="getJob",
        tags=[schema.ORC, schema.OLAKE],
        responses={200: ANY_JOB},
        examples=SHOWN,
    )
    def get(self, request: Request, job: str) -> Response:
        """Tell of a job, its tasks included."""
        return Response(told(self.job()))

    @schema.errors(409)
    @extend_schema(
        operation_id="replaceJob",
        tags=[schema.OLAKE, schema.MILLRACE],
        request=either("AnyJobChange", orc.JobInput, olake.SyncInput(partial=True)),
        responses={200: ANY_JOB},
        examples=[*CHANGED, *SHOWN],
    )
    def put(self, request: Request, job: str) -> Response:
        """Say anew what a job is; `********` keeps a stored secret. Of a sync job what is sent."""
        return self._update(request, partial=False)

    @schema.errors(409)
    @extend_schema(
        operation_id="changeJob",
        tags=[schema.MILLRACE],
        request=either("AnyJobPatch", orc.JobInput(partial=True), olake.SyncInput(partial=True)),
        responses={200: ANY_JOB},
        examples=[*CHANGED, *SHOWN],
    )
    def patch(self, request: Request, job: str) -> Response:
        """Change what is sent and nothing else."""
        return self._update(request, partial=True)

    def _update(self, request: Request, *, partial: bool) -> Response:
        job = self.job()
        if job.kind == Kind.SYNC:
            return Response(told(self._update_sync(job, request)))
        asked = orc.JobInput(data=request.data, partial=partial)
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        demand_same_project(job, fields.pop("project", None))
        return Response(told(services.update_job(job=job, by=request.user, **fields)))

    def _update_sync(self, job: Job, request: Request) -> Job:
        asked = olake.SyncInput(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        # A job stays in its project; the answer shows in which.
        fields = {name: value for name, value in asked.validated_data.items() if name != "project"}
        return services.update_sync_job(job=job, by=request.user, **fields)

    @extend_schema(
        operation_id="deleteJob", tags=[schema.OLAKE, schema.MILLRACE], responses={204: None}
    )
    def delete(self, request: Request, job: str) -> Response:
        """Take a job away and cancel what goes on; its runs stay readable."""
        services.delete_job(job=self.job(), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

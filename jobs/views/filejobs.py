"""The routes of file jobs, as the Karyaksham contract and ours have them."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Project
from accounts.permissions import PROJECT_PERMISSIONS, project_for
from config.api import schema
from config.api.idempotency import idempotent
from config.api.lists import ListView
from config.api.paging import LimitOffset, SkipLimit
from config.api.parsers import JSONParser
from config.api.routing import identity
from jobs.models import FileJob, RunEvent
from jobs.serializers import filejobs as serializers
from jobs.serializers.orc import Event
from jobs.services import filejobs as services
from jobs.views.opening import NEWER, after

TAGS = [schema.KARYAKSHAM]
BEYOND = [schema.KARYAKSHAM, schema.MILLRACE]


class FileJobView(ListView):
    """A route about file jobs; the job of a stranger is 403, as the contract says."""

    permission_classes = PROJECT_PERMISSIONS
    pagination_class = SkipLimit
    parser_classes = (JSONParser,)
    serializer_class = serializers.FileJobRow

    def get_queryset(self) -> QuerySet[FileJob]:
        """Return what was not deleted; a run's plan can be long and is not told."""
        alive = FileJob.objects.alive().select_related("run", "user", "project")
        return alive.defer("run__plan")

    def job(self) -> FileJob:
        """Return the job that the path names; Http404 if there is none."""
        found = self.get_queryset().filter(**identity(self.kwargs["file_job"])).first()
        if found is None:
            raise Http404
        seen = Project.objects.visible_to(self.request.user)
        if not seen.filter(pk=found.project_id).exists():
            raise PermissionDenied
        self.check_object_permissions(self.request, found)
        return found

    def sent(self, kind: type[Any]) -> dict[str, Any]:
        """Return the body as it should be."""
        asked = kind(data=self.request.data)
        asked.is_valid(raise_exception=True)
        found: dict[str, Any] = asked.validated_data
        return found

    def base(self) -> str:
        """Return the URL under which the client reached this server."""
        return settings.PUBLIC_URL or self.request.build_absolute_uri("/").rstrip("/")


class FileJobs(FileJobView):
    """One's own file jobs, and new ones."""

    @extend_schema(
        operation_id="listFileJobs", tags=TAGS, responses=serializers.FileJobRow(many=True)
    )
    def get(self, request: Request) -> Response:
        """List the caller's own file jobs, newest first; `skip` and `limit` page them."""
        seen = self.get_queryset().visible_to(request.user)  # type: ignore[attr-defined]
        rows = self.paginate_queryset(seen.filter(user=request.user))
        return self.get_paginated_response(serializers.FileJobRow(rows, many=True).data)

    @extend_schema(
        operation_id="createFileJob",
        tags=TAGS,
        request=serializers.FileJobInput,
        responses={201: serializers.FileJobRow},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Say which file will be sent and what is to be done with it; nothing is sent yet."""
        fields = self.sent(serializers.FileJobInput)
        project = project_for(request.user, fields.pop("project"))
        job = services.create_file_job(project=project, by=request.user, **fields)
        return Response(serializers.FileJobRow(job).data, status=status.HTTP_201_CREATED)


class FileJobDetail(FileJobView):
    """One file job."""

    @extend_schema(operation_id="getFileJob", tags=TAGS, responses={200: serializers.FileJobDetail})
    def get(self, request: Request, file_job: str) -> Response:
        """Tell where a file job stands, how far it is, and what became of its rows."""
        return Response(serializers.FileJobDetail(self.job()).data)

    @schema.errors(409)
    @extend_schema(operation_id="deleteFileJob", tags=BEYOND, responses={204: None})
    def delete(self, request: Request, file_job: str) -> Response:
        """Take a file job away, with its file and its result; 409 while it runs."""
        services.delete_file_job(job=self.job(), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class UploadUrl(FileJobView):
    """Where a file is sent."""

    @schema.errors(503)
    @extend_schema(
        operation_id="getUploadUrl",
        tags=TAGS,
        request=serializers.UploadInput,
        responses={200: serializers.Upload},
    )
    def post(self, request: Request, file_job: str) -> Response:
        """Issue a URL for the file, or one for each of `parts`; again only once it has expired."""
        job, asked = self.job(), self.sent(serializers.UploadInput)
        return Response(services.upload_url(job=job, by=request.user, base=self.base(), **asked))


class MarkUploaded(FileJobView):
    """The word that a file has arrived."""

    @schema.errors(503)
    @extend_schema(
        operation_id="markUploaded",
        tags=TAGS,
        request=serializers.UploadedInput,
        responses={200: serializers.FileJobRow},
    )
    def post(self, request: Request, file_job: str) -> Response:
        """Say that the file was sent: its job is queued."""
        job, asked = self.job(), self.sent(serializers.UploadedInput)
        return Response(
            serializers.FileJobRow(services.mark_uploaded(job=job, by=request.user, **asked)).data
        )


class DownloadUrl(FileJobView):
    """Where a result is fetched."""

    @schema.errors(503)
    @extend_schema(
        operation_id="getDownloadUrl",
        tags=TAGS,
        request=serializers.DownloadInput,
        responses={200: serializers.Download},
    )
    def post(self, request: Request, file_job: str) -> Response:
        """Issue a URL for the result, or for the rows that were left out of it."""
        job, asked = self.job(), self.sent(serializers.DownloadInput)
        return Response(services.download_url(job=job, base=self.base(), **asked))


class FileJobCancel(FileJobView):
    """Stopping a file job."""

    @extend_schema(
        operation_id="cancelFileJob",
        tags=TAGS,
        request=None,
        responses={200: serializers.FileJobRow},
    )
    def post(self, request: Request, file_job: str) -> Response:
        """Stop a file job, at once where it waits; 400 if it has ended."""
        cancelled = services.cancel_file_job(job=self.job(), by=request.user)
        return Response(serializers.FileJobRow(cancelled).data)


class FileJobRetry(FileJobView):
    """Trying a file job again."""

    @schema.errors(409, 503)
    @extend_schema(
        operation_id="retryFileJob",
        tags=BEYOND,
        request=None,
        responses={200: serializers.FileJobRow},
    )
    @idempotent
    def post(self, request: Request, file_job: str) -> Response:
        """Run a file job again that failed or was cancelled; 409 if it did not."""
        retried = services.retry_file_job(job=self.job(), by=request.user)
        return Response(serializers.FileJobRow(retried).data)


class FileJobPreview(FileJobView):
    """What the steps make of the first rows."""

    @schema.errors(503)
    @extend_schema(
        operation_id="previewFileJob",
        tags=BEYOND,
        request=serializers.PreviewInput,
        responses={200: serializers.Preview},
    )
    def post(self, request: Request, file_job: str) -> Response:
        """Show the first rows of the uploaded file, before and after the steps."""
        job, asked = self.job(), self.sent(serializers.PreviewInput)
        return Response(services.preview(job=job, **asked))


class FileJobEvents(FileJobView):
    """What happened in a file job."""

    pagination_class = LimitOffset

    @extend_schema(
        operation_id="listFileJobEvents",
        tags=BEYOND,
        parameters=[NEWER],
        responses=Event(many=True),
    )
    def get(self, request: Request, file_job: str) -> Response:
        """List what is newer than `?after=`, the oldest first."""
        job = self.job()
        events = RunEvent.objects.filter(run=job.run) if job.run else RunEvent.objects.none()
        return self.page(events.filter(seq__gt=after(request)).order_by("seq"), Event)

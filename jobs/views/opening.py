"""What the routes of jobs and runs share: who may ask, and in open mode nobody needs a token."""

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from accounts.permissions import OPEN_AUTHENTICATION, PROJECT_PERMISSIONS
from config.api.lists import ListView
from config.api.paging import LimitOffset
from config.api.parsers import JSONParser
from config.api.routing import MOST_DIGITS, identity
from jobs.models import Job, Kind
from jobs.serializers import orc

KINDS = {"sync": (Kind.SYNC,), "tasks": (Kind.TASKS,), "all": (*Kind,)}
KIND = OpenApiParameter("kind", enum=list(KINDS), description="Which kind of jobs.")
NEWER = OpenApiParameter(
    "after",
    {"type": "integer", "minimum": 0, "maximum": 10**MOST_DIGITS - 1},
    description="Only what has a greater seq.",
)


def after(request: Request) -> int:
    """Return the seq that `?after=` names, 0 without it."""
    found = request.query_params.get("after", "0")
    if not (found.isascii() and found.isdecimal() and len(found) <= MOST_DIGITS):
        raise ValidationError({"after": "after must be the seq of an event, such as 12"})
    return int(found)


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

    def after(self) -> int:
        """Return the seq that `?after=` names, 0 without it."""
        return after(self.request)


class JobView(OpenView):
    """A route about jobs that the caller may see."""

    serializer_class = orc.JobWithTasks

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

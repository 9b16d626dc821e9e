"""Routes that fail in every way, for the tests of the error body."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from pydantic import Field
from rest_framework import exceptions
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, IntegerField, ModelSerializer, Serializer
from rest_framework.views import APIView

from accounts.models import User
from config.api.errors import Conflict, TooLarge
from config.api.paging import LimitOffset
from config.api.routing import both
from connectors.base.options import Options


class Settings(Options):
    """Settings as a plug-in declares them."""

    host: str
    port: int = Field(ge=1)


class Task(Serializer):
    """One of several tasks in a body."""

    name = CharField()


class Body(Serializer):
    """A body with a list in it."""

    size = IntegerField()
    tasks = Task(many=True)


class PluginError(Exception):
    """An error as the plug-ins raise it: with a message and a field."""

    def __init__(self, message: str, *, field: str | None = None):
        super().__init__(message)
        self.message = message
        self.field = field


SENT = {"port": "secret-value"}
FAILURES = {
    "pydantic": lambda: Settings.model_validate(SENT),
    "django": lambda: fail(DjangoValidationError({"name": ["Too long."]})),
    "django-whole": lambda: fail(DjangoValidationError("These do not go together.")),
    "missing": lambda: fail(Http404("No Job matches the given query.")),
    "missing-job": lambda: fail(exceptions.NotFound("Job 7 not found")),
    "denied": lambda: fail(PermissionDenied("internal words")),
    "odd": lambda: fail(SuspiciousOperation("internal words")),
    "conflict": lambda: fail(Conflict("Table has been deleted", element_id="t1")),
    "coded": lambda: fail(Conflict("Name is taken", code="name_taken")),
    "large": lambda: fail(TooLarge()),
    "throttled": lambda: fail(exceptions.Throttled(wait=7)),
    "plugin": lambda: fail(PluginError("Unknown connector 'foo'; known: csv", field="type")),
    "full": lambda: fail(OperationalError("database or disk is full")),
    "database": lambda: fail(OperationalError("password authentication failed")),
    "bug": lambda: fail(RuntimeError("postgres://user:password@host")),
}


def fail(error: Exception):
    raise error


class Failing(APIView):
    """Fails as its path says."""

    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Request, how: str):
        """Fail."""
        return Response(FAILURES[how]())

    def post(self, request: Request, how: str):
        """Judge the body, then answer it."""
        body = Body(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(request.data)


class Upload(APIView):
    """Takes a file as browsers send it."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = (MultiPartParser,)

    def post(self, request: Request):
        """Tell the names of what came."""
        return Response(sorted(request.data))


class Named(ModelSerializer):
    """A row of the list."""

    class Meta:
        """Its columns."""

        model = User
        fields = ("username",)


class Listing(ListAPIView):
    """A list as the orc contract has it."""

    authentication_classes = ()
    permission_classes = ()
    pagination_class = LimitOffset
    serializer_class = Named
    queryset = User.objects.order_by()


def page(request: HttpRequest) -> HttpResponse:
    """Fail outside of DRF."""
    raise RuntimeError("postgres://user:password@host")


async def page_async(request: HttpRequest) -> HttpResponse:
    """Answer without DRF and without a thread."""
    return HttpResponse("fine")


urlpatterns = [
    *both("fail/<str:how>", Failing.as_view()),
    *both("jobs/<str:how>", Failing.as_view()),
    *both("api/v1/workspaces/<str:how>", Failing.as_view()),
    *both("users", Listing.as_view()),
    *both("upload", Upload.as_view()),
    path("page", page),
    path("app/page", page),
    path("page-async", page_async),
    path("", include("config.api.urls")),
]

"""Whether the platform lives, and whether it can work."""

import os
import shutil
import tempfile
from collections.abc import Callable
from time import perf_counter

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.api import schema
from config.celery import app
from config.objects import ObjectsError, object_store

# Below this a run would soon meet a full disk, and so would the database.
LEAST_FREE_BYTES = 50 * 1024 * 1024
BROKER_SECONDS = 2


@schema.shows({"status": "ok"})
class Life(serializers.Serializer[object]):
    """That a process answers."""

    status = serializers.ChoiceField(["ok"])


class Check(serializers.Serializer[object]):
    """Whether one thing works: how long it took, or what is wrong."""

    status = serializers.ChoiceField(["ok", "failed"])
    ms = serializers.FloatField(required=False)
    message = serializers.CharField(required=False)


class Checks(serializers.Serializer[object]):
    """What the platform stands on."""

    database = Check()
    cache = Check()
    broker = Check()
    disk = Check()
    objects = Check()


@schema.shows(
    {
        "status": "failed",
        "checks": {
            "database": {"status": "ok", "ms": 0.2},
            "cache": {"status": "ok", "ms": 1.3},
            "broker": {"status": "failed", "message": "OperationalError"},
            "disk": {"status": "ok", "ms": 0.1},
            "objects": {"status": "ok", "ms": 0.1},
        },
    }
)
class Readiness(serializers.Serializer[object]):
    """Whether the platform can work, thing by thing."""

    status = serializers.ChoiceField(["ok", "failed"])
    checks = Checks()


class HealthView(APIView):
    """A route for whoever watches over the platform; nobody needs a token for it."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()


class Health(HealthView):
    """Whether this process answers."""

    @extend_schema(tags=[schema.ORC, schema.MILLRACE], responses=Life)
    def get(self, _request: Request) -> Response:
        """Say that this process answers; it touches no database, disk or network."""
        return Response({"status": "ok"})


class Ready(HealthView):
    """Whether the platform can work."""

    @extend_schema(
        operation_id="getReadiness",
        tags=[schema.MILLRACE],
        responses={200: Readiness, 503: Readiness},
    )
    def get(self, _request: Request) -> Response:
        """Say for each thing that the platform stands on whether it works; 503 if one fails."""
        checks = {name: outcome(check) for name, check in CHECKS.items()}
        failed = any(check["status"] == "failed" for check in checks.values())
        body = {"status": "failed" if failed else "ok", "checks": checks}
        return Response(body, status=503 if failed else 200)


def outcome(check: Callable[[], None]) -> dict[str, str | float]:
    """Run one check; a failure is an answer, whatever the driver raised."""
    began = perf_counter()
    try:
        check()
    except Exception as error:  # noqa: BLE001 - whatever a driver raises is the answer
        # The text of a driver's error may hold an address with a password; its name does not.
        message = str(error) if isinstance(error, Unready) else type(error).__name__
        return {"status": "failed", "message": message}
    return {"status": "ok", "ms": round((perf_counter() - began) * 1000, 1)}


class Unready(Exception):
    """Something that the platform stands on does not work; the text says what."""


def check_database() -> None:
    """Ask the database for a row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_cache() -> None:
    """Write an entry and read it back."""
    key, value = f"health-{os.getpid()}", os.urandom(4).hex()
    cache.set(key, value, timeout=10)
    if cache.get(key) != value:
        raise Unready("The cache did not give back what was written to it.")


def check_broker() -> None:
    """Connect to the broker that Celery uses."""
    with app.connection_for_write(connect_timeout=BROKER_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_SECONDS)


def check_disk() -> None:
    """Write under DATA_DIR, and see that there is room left."""
    with tempfile.TemporaryFile(dir=settings.DATA_DIR) as file:
        file.write(b"ready")
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < LEAST_FREE_BYTES:
        raise Unready(f"DATA_DIR has {free} bytes left; {LEAST_FREE_BYTES} are needed.")


def check_objects() -> None:
    """See that the store of uploaded files can be used."""
    try:
        object_store().check()
    except ObjectsError as error:
        raise Unready(str(error)) from error


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "cache": check_cache,
    "broker": check_broker,
    "disk": check_disk,
    "objects": check_objects,
}

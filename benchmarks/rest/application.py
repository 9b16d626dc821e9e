"""The platform over WSGI, and beside it the yardsticks behind no more middleware than they need."""

from collections.abc import Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from config.wsgi import application as platform

# What `startproject` has and an API without cookies needs.
LEAN = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]
with override_settings(MIDDLEWARE=LEAN):
    yardsticks = WSGIHandler()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer a request by whom its path names."""
    chosen = yardsticks if environ["PATH_INFO"].startswith("/yardsticks/") else platform
    return chosen(environ, start_response)

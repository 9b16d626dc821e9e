"""The platform's settings, with the yardsticks' routes and a database connection for them."""

from config.settings import *  # noqa: F403
from config.settings import DATABASES

ROOT_URLCONF = "benchmarks.rest.urls"
# The same database through Django as it comes, without a check before each request.
DATABASES["stock"] = DATABASES["default"] | {
    "ENGINE": "django.db.backends.postgresql",
    "CONN_HEALTH_CHECKS": False,
}

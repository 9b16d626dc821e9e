"""How Django knows the jobs app."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """The jobs app."""

    name = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

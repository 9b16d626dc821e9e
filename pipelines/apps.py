"""How Django knows the pipelines app."""

from django.apps import AppConfig


class PipelinesConfig(AppConfig):
    """The pipelines app."""

    name = "pipelines"
    default_auto_field = "django.db.models.BigAutoField"

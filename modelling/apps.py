"""How Django knows the modelling app."""

from django.apps import AppConfig


class ModellingConfig(AppConfig):
    """The modelling app."""

    name = "modelling"
    default_auto_field = "django.db.models.BigAutoField"

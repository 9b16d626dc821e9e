"""How Django knows the connectors app."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    """The connectors app."""

    name = "connectors"
    default_auto_field = "django.db.models.BigAutoField"

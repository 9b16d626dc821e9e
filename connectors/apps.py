"""How Django knows the connectors app."""

from django.apps import AppConfig

from config.api import problems
from connectors.errors import ConfigError


class ConnectorsConfig(AppConfig):
    """The connectors app."""

    name = "connectors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the API answer what is wrong with a configuration as a bad request."""
        problems.register(ConfigError, status=400)

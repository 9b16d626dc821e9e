"""How Django knows the connectors app."""

from django.apps import AppConfig

from config.api import problems
from connectors.errors import ConfigError, DataError, TransientError


class ConnectorsConfig(AppConfig):
    """The connectors app."""

    name = "connectors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the API answer what plug-ins say, by who must act."""
        problems.register(ConfigError, status=400)
        problems.register(DataError, status=400)
        problems.register(TransientError, status=503)

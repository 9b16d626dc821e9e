"""How Django knows the connectors app."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    """The connectors app."""

    name = "connectors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the API answer what is wrong with a configuration as a bad request."""
        # The settings of the API can be read only now.
        from config.api import exceptions
        from connectors.errors import ConfigError

        exceptions.register(ConfigError, status=400)

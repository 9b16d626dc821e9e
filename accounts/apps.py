"""How Django knows the accounts app."""

from django.apps import AppConfig

from config.live import identity


class AccountsConfig(AppConfig):
    """The accounts app."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the sockets who knows their users."""
        identity.register("accounts.sockets.judge")

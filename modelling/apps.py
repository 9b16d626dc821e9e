"""How Django knows the modelling app."""

from django.apps import AppConfig


class ModellingConfig(AppConfig):
    """The modelling app."""

    name = "modelling"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let workspaces be watched."""
        # Models can be imported only now.
        from config.live import rooms
        from modelling.rooms import may_enter, read_after
        from modelling.services import ROOM

        rooms.register(ROOM, may_enter=may_enter, read_after=read_after)

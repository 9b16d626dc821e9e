"""How Django knows the jobs app."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """The jobs app."""

    name = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let runs be watched."""
        # Models can be imported only now.
        from config.live import rooms
        from jobs.lifecycle.events import ROOM
        from jobs.rooms import may_enter, read_after

        rooms.register(ROOM, may_enter=may_enter, read_after=read_after)

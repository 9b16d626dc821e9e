"""How Django knows the jobs app."""

from django.apps import AppConfig

from config.api import problems
from config.objects import ObjectsError


class JobsConfig(AppConfig):
    """The jobs app."""

    name = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let runs be watched, and the API answer what the object store says."""
        problems.register(ObjectsError, status=503)
        # Models can be imported only now.
        from config.live import rooms
        from jobs.lifecycle.events import ROOM
        from jobs.rooms import may_enter, read_after

        rooms.register(ROOM, may_enter=may_enter, read_after=read_after)

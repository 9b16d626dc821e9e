"""Where a step's settings come from.

An origin is `<scheme>:<reference>`, such as `connection:<uuid>`. Apps above register schemes of
their own in `AppConfig.ready()`.
"""

from collections.abc import Callable
from typing import Any

from connectors import sealing
from connectors.base import Access
from connectors.configuration import split
from connectors.errors import ConfigError
from connectors.models import Connection
from jobs.models import Run
from jobs.running import objects

# From a reference and the run that asks to the settings as they are stored, secrets sealed. It
# answers only what the run's project may use.
Resolver = Callable[[str, Run], dict[str, Any]]
# How origins begin that lead into the object store.
FILE = "file:"


def register(scheme: str, resolver: Resolver) -> None:
    """Let steps take their settings from a new kind of place."""
    if scheme in _resolvers:
        raise ValueError(f"the scheme {scheme!r} is taken")
    _resolvers[scheme] = resolver


def settings_of(origin: str, *, run: Run) -> dict[str, Any]:
    """Return the stored settings that an origin names; ConfigError when they have gone."""
    scheme, _, reference = origin.partition(":")
    return _resolvers[scheme](reference, run)


def access_of(origin: str, access: Access) -> Access:
    """Return what a connector of this origin may touch: for a file job the object store alone."""
    return objects.access_of(access) if origin.startswith(FILE) else access


def _of_connection(reference: str, run: Run) -> dict[str, Any]:
    found = Connection.objects.alive().filter(project=run.project_id, uuid=reference).first()
    if found is None:
        raise ConfigError("The connection that this run uses was deleted")
    settings: dict[str, Any] = found.settings
    return settings


def _of_task(reference: str, run: Run) -> dict[str, Any]:
    """Return the inline settings of `<job uuid>/<task id>/extractor` (or loader)."""
    _, task_id, end = reference.split("/")
    assert run.job is not None
    tasks = {task["task_id"]: task for task in run.job.config["tasks"]}
    if task_id not in tasks:
        raise ConfigError("The task that this run works on was removed from its job")
    stored = tasks[task_id][f"{end}_config"]
    opened = sealing.unseal(stored)
    settings = split(opened, "source" if end == "extractor" else "destination").settings
    if settings is None:
        raise ConfigError("The task was changed while its run went on; start it again")
    return {name: stored[name] for name in settings}


_resolvers: dict[str, Resolver] = {
    "connection": _of_connection,
    "task": _of_task,
    "file": objects.settings_of,
}

"""From a task job to its Plan: one part for each task, in order."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from connectors import access, registry, sealing
from connectors.base import Destination, WriteMode
from connectors.configuration import Configuration, Role, spellings, split, validate
from connectors.errors import ConfigError
from connectors.models import Connection
from jobs.models import Job
from jobs.plan import Extract, Load, Part, Plan

ENDS: dict[str, Role] = {"extractor": "source", "loader": "destination"}


def configuration(config: Mapping[str, Any], end: str) -> Configuration:
    """Split what a task says about one of its ends; its loader replaces unless it says otherwise."""
    return split(_with_mode(config) if end == "loader" else config, ENDS[end])


def _with_mode(config: Mapping[str, Any]) -> Mapping[str, Any]:
    name = config.get("type")
    if not isinstance(name, str):
        return config
    plugin = registry.destination(name)
    names = spellings(plugin.WriteOptions)
    says_mode = any(names.get(key) == "mode" for key in config)
    if says_mode or WriteMode.REPLACE not in plugin.write_modes:
        return config
    return {**config, "mode": WriteMode.REPLACE.value}


def check_end(config: Mapping[str, Any], end: str, *, project_id: int) -> None:
    """Judge what a task says about one of its ends, its secrets laid open, before it is saved.

    Raises ConfigError with the field: a wrong setting, a path or network that is closed here, a
    connection that is not there.
    """
    found = configuration(config, end)
    settings = found.settings
    if settings is None:
        settings = sealing.unseal(_connection(found, project_id=project_id).settings)
    plugin = found.connector
    opened = plugin(validate(plugin.Settings, settings), access.installation())
    try:
        opened.judge()
        if end == "loader":
            assert isinstance(opened, Destination)
            opened.target(validate(opened.WriteOptions, found.options), stream="check")
    finally:
        opened.close()


def _connection(found: Configuration, *, project_id: int) -> Connection:
    """Return the connection of the project that a configuration names by uuid or number."""
    reference = str(found.connection)
    by = {"pk": int(reference)} if reference.isdecimal() else {"uuid": _uuid(reference)}
    connection = Connection.objects.alive().filter(project=project_id, **by).first()
    if connection is None:
        raise ConfigError("There is no such connection in this project", field="connection_id")
    if registry.connector(connection.connector) is not found.connector:
        raise ConfigError(
            f"The connection is one of {connection.connector}, not of {found.connector.name}",
            field="connection_id",
        )
    return connection


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def compile_tasks(job: Job) -> Plan:
    """Return the plan of a task job; ConfigError names the field of what cannot be run."""
    tasks = job.config["tasks"]
    if not tasks:
        raise ConfigError("The job has no tasks", field="tasks")
    parts = [_task_part(job, task, order) for order, task in enumerate(tasks, 1)]
    return Plan(parts=tuple(parts), is_ordered=True)


def _task_part(job: Job, task: Mapping[str, Any], order: int) -> Part:
    key = task["task_id"]
    stored = {end: task[f"{end}_config"] for end in ENDS}
    ends = {end: configuration(sealing.unseal(config), end) for end, config in stored.items()}
    origins = {end: _origin(job, key, end, found) for end, found in ends.items()}
    read, write = ends["extractor"], ends["loader"]
    extract = Extract(
        id=f"{key}:extract",
        name=f"Extract from {read.connector.label}",
        connector=read.connector.name,
        origin=origins["extractor"],
        options=_sealed(read.options, stored["extractor"]),
    )
    load = Load(
        id=f"{key}:load",
        name=f"Load into {write.connector.label}",
        connector=write.connector.name,
        origin=origins["loader"],
        options=_sealed(write.options, stored["loader"]),
        stream=f"{job.uuid}/{key}",
        input=extract.id,
    )
    return Part(id=key, name=f"Task {order}", steps=(extract, load))


def _sealed(options: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options as they are stored: a plan is kept, so no secret lies open in it."""
    return {name: stored.get(name, value) for name, value in options.items()}


def _origin(job: Job, key: str, end: str, found: Configuration) -> str:
    if found.settings is not None:
        return f"task:{job.uuid}/{key}/{end}"
    return f"connection:{_connection(found, project_id=job.project_id).uuid}"

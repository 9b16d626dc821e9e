"""The tasks of a job as they are sent, stored and shown."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django.utils import timezone

from config.api.renderers import utc
from connectors import sealing
from connectors.errors import ConfigError
from jobs.compiling import ENDS, check_end
from jobs.models import Job

Task = Mapping[str, Any]


def stored_tasks(
    sent: Sequence[Task], *, before: Sequence[Task], project_id: int
) -> list[dict[str, Any]]:
    """Return tasks as a job keeps them: judged, with ids, their secrets sealed.

    A task is the stored one with its `task_id`, or without an id the one in its place; where
    `********` comes back the stored secret is kept. ConfigError names the field, as
    `tasks.0.loader_config.path`.
    """
    if not sent:
        raise ConfigError("A job needs one task or more", field="tasks")
    known = {task["task_id"]: task for task in before}
    return [
        _stored(task, _former(task, index, before, known), index, project_id=project_id)
        for index, task in enumerate(sent)
    ]


def shown_tasks(job: Job) -> list[dict[str, Any]]:
    """Return the tasks as the API shows them, their secrets masked."""
    return [
        {
            "task_id": task["task_id"],
            "job_id": job.uuid,
            "task_order": order,
            **{f"{end}_config": _shown(task[f"{end}_config"], end) for end in ENDS},
            "created_at": task["created_at"],
            "updated_at": task["updated_at"],
        }
        for order, task in enumerate(job.config.get("tasks", []), 1)
    ]


def _former(
    task: Task, index: int, before: Sequence[Task], known: Mapping[str, Task]
) -> Task | None:
    task_id = task.get("task_id")
    if task_id is None:
        return before[index] if index < len(before) else None
    if str(task_id) not in known:
        raise ConfigError(
            "There is no task with this id in the job; leave the id out for a new task",
            field=f"tasks.{index}.task_id",
        )
    return known[str(task_id)]


def _stored(task: Task, former: Task | None, index: int, *, project_id: int) -> dict[str, Any]:
    now = utc(timezone.now())
    configs = {}
    for end, role in ENDS.items():
        name = f"{end}_config"
        with _named(f"tasks.{index}.{name}"):
            opened = sealing.unmask(task[name], former and former[name], role)
            check_end(opened, end, project_id=project_id)
            configs[name] = _sealed(opened, former and former[name], end)
    if former and all(configs[name] == former[name] for name in configs):
        return dict(former)
    kept = {key: former[key] for key in ("task_id", "created_at")} if former else {}
    return {"task_id": str(uuid4()), "created_at": now, **kept, **configs, "updated_at": now}


def _sealed(opened: Mapping[str, Any], former: Mapping[str, Any] | None, end: str) -> Any:
    """Return what is stored; the very same seals where nothing was changed."""
    if former and sealing.unseal(former) == opened:
        return former
    return sealing.seal(opened, ENDS[end])


def _shown(config: Mapping[str, Any], end: str) -> Mapping[str, Any]:
    return sealing.mask(config, ENDS[end])


@contextmanager
def _named(prefix: str) -> Iterator[None]:
    """Let a ConfigError name its field from the body's root."""
    try:
        yield
    except ConfigError as error:
        field = f"{prefix}.{error.field}" if error.field else prefix
        raise ConfigError(error.message, field=field) from None

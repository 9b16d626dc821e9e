"""What path parameters name: each maker makes one of a user's own and returns its id."""

from collections.abc import Callable, Iterable
from typing import Any

from accounts.models import Project, Role, User
from accounts.services import (
    begin_desktop,
    create_key,
    create_project,
    open_session,
    register,
    set_member,
)
from connectors.errors import ConfigError
from connectors.services import create_connection
from jobs import lifecycle, services
from jobs.models import Job, Trigger
from jobs.tests.api import new_job


def make_job(owner: User) -> Job:
    """Make a task job; its runs need no worker here, for nothing rings."""
    body: dict[str, Any] = new_job()
    return services.create_job(
        project=owner.owned_projects.get(),
        by=owner,
        dialect="orc",
        name=body["job_name"],
        tasks=body["tasks"],
    )


def make_run(owner: User) -> str:
    """Make a run that waits."""
    return str(services.start_run(job=make_job(owner), by=owner).uuid)


def make_failed_run(owner: User) -> str:
    """Make a run that failed before it began."""
    error = ConfigError("The job cannot run")
    run = lifecycle.open_failed_run(job=make_job(owner), trigger=Trigger.SCHEDULER, error=error)
    return str(run.uuid)


def make_member(owner: User) -> str:
    """Let somebody take part in the user's own project."""
    user = register(username="bob", password="correct horse")
    project = Project.objects.personal_of(owner)
    set_member(project=project, user=user, role=Role.VIEWER, by=owner)
    return str(user.uuid)


def make_sign_in(owner: User) -> str:
    """Begin a sign-in with GitHub for an application that waits."""
    callback = "https://millrace.example.org/api/v1/auth/github/callback"
    return begin_desktop(state_id=None, callback=callback, is_bound=False)[0]


def make_connection(owner: User, role: str) -> str:
    """Save a source or destination in the user's own project."""
    made = create_connection(
        project=Project.objects.personal_of(owner),
        by=owner,
        name=f"A {role}",
        connector="duckdb",
        role=role,
        settings={"db_path": "shop.duckdb"},
    )
    return str(made.uuid)


# By the name that a path gives its parameter; a new name needs a maker (test_document.py says so).
MAKERS: dict[str, Callable[[User], str]] = {
    "job": lambda owner: str(make_job(owner).uuid),
    "run": make_run,
    "task": make_run,
    "source": lambda owner: make_connection(owner, "source"),
    "destination": lambda owner: make_connection(owner, "destination"),
    "connector": lambda _: "duckdb",
    "project": lambda owner: str(Project.objects.personal_of(owner).uuid),
    "user": make_member,
    "session": lambda owner: str(open_session(user=owner, door="etl").uuid),
    "state_id": make_sign_in,
    "key": lambda owner: str(create_key(user=owner, name="Nightly")[0].uuid),
}
# By the operation, where only some of them will do.
FOR_OPERATION: dict[str, dict[str, Callable[[User], str]]] = {
    "retryRun": {"run": make_failed_run},
    "deleteProject": {
        "project": lambda owner: str(create_project(name="Shop", owner=owner).uuid),
    },
}


def ids(operation_id: str, names: Iterable[str], *, owner: User) -> dict[str, str]:
    """Return an id for each parameter of an operation's path."""
    makers = {**MAKERS, **FOR_OPERATION.get(operation_id, {})}
    return {name: makers[name](owner) for name in names}

"""What path parameters name: each maker makes one of a user's own and returns its id."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import UUID

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
from modelling import services as modelling
from modelling.models import Workspace

# What a workspace is made of, by the names in its paths.
DRAWN = ("workspace", "domain", "table", "relationship", "diagram")


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


def make_file_job(owner: User) -> str:
    """Make a file job that waits for its file."""
    made = services.filejobs.create_file_job(
        project=Project.objects.personal_of(owner),
        by=owner,
        file_name="people.csv",
        original_file_size_bytes=10,
        processing_steps=[],
        input_options={},
        output_options={},
    )
    return str(made.uuid)


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


def draw(owner: User) -> dict[str, UUID]:
    """Return the ids of the user's workspace and of one of everything in it, made if missing."""
    actor = modelling.Actor(owner)
    project = Project.objects.personal_of(owner)
    found = Workspace.objects.filter(owner=owner).first()
    if found is not None:
        return {
            "workspace": found.uuid,
            "domain": found.domains.order_by("-pk")[0].uuid,
            "table": found.tables.get().uuid,
            "relationship": found.relationships.get().uuid,
            "diagram": found.diagrams.get().uuid,
        }
    shared = {"name": "Shop", "type": "shared"}
    uuid = modelling.create_workspace(actor=actor, project=project, data=shared)["id"]
    where: dict[str, Any] = {"actor": actor, "workspace": uuid}
    domain = modelling.create_domain(**where, data={"name": "Sales"})["id"]
    # One that can be deleted: no table is in it.
    modelling.create_domain(**where, data={"name": "Stock"})
    table = {"name": "orders", "primary_domain_id": domain}
    table = modelling.create_table(**where, data=table)["id"]
    ends = {"source_table_id": table, "target_table_id": table}
    modelling.create_relationship(**where, data=ends)
    modelling.create_diagram(**where, data={"name": "Nightly load"})
    return draw(owner)


def make_element(name: str, owner: User) -> str:
    """Return the id of the user's workspace or of an element of it."""
    return str(draw(owner)[name])


def make_participant(owner: User) -> str:
    """Let somebody take part in the user's workspace."""
    user = register(username="bob", password="correct horse")
    where: dict[str, Any] = {"actor": modelling.Actor(owner), "workspace": draw(owner)["workspace"]}
    modelling.invite(**where, wish=modelling.Wish("read", user_id=user.uuid))
    return str(user.uuid)


def make_invitation(owner: User) -> str:
    """Invite somebody who is no user yet to the user's workspace."""
    where: dict[str, Any] = {"actor": modelling.Actor(owner), "workspace": draw(owner)["workspace"]}
    wish = modelling.Wish("read", email="eve@example.com")
    return str(modelling.invite(**where, wish=wish)["id"])


# By the name that a path gives its parameter; a new name needs a maker (test_document.py says so).
MAKERS: dict[str, Callable[[User], str]] = {
    "job": lambda owner: str(make_job(owner).uuid),
    "file_job": make_file_job,
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
    **{name: partial(make_element, name) for name in DRAWN},
    "invitation": make_invitation,
}
# By the operation, where only some of them will do.
FOR_OPERATION: dict[str, dict[str, Callable[[User], str]]] = {
    "retryRun": {"run": make_failed_run},
    "changeParticipant": {"user": make_participant},
    "removeParticipant": {"user": make_participant},
    "deleteProject": {
        "project": lambda owner: str(create_project(name="Shop", owner=owner).uuid),
    },
}


def ids(operation_id: str, names: Iterable[str], *, owner: User) -> dict[str, str]:
    """Return an id for each parameter of an operation's path."""
    makers = {**MAKERS, **FOR_OPERATION.get(operation_id, {})}
    return {name: makers[name](owner) for name in names}

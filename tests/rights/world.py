"""A project with everything in it, and everybody who may ask for it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.test import Client

from accounts import cache, services
from accounts.models import Project, Role, Scope, User
from accounts.tests.tokens import token_of
from connectors.errors import ConfigError
from connectors.models import Connection, ConnectionRole
from connectors.services import create_connection
from jobs import lifecycle
from jobs.models import FileJob, Job, Run, Trigger
from jobs.services import create_job, start_run
from jobs.services.filejobs import create_file_job
from jobs.tests.api import extractor, loader
from modelling import services as modelling

NOBODY, STRANGER, VIEWER, DEVELOPER, OWNER, ADMIN = EVERYBODY = (
    "nobody",
    "stranger",
    "viewer",
    "developer",
    "owner",
    "admin",
)
PASSWORD = "correct horse"
# In the name of everything that belongs to the project; who may not see it never reads this.
MARK = "Vault"


@dataclass
class World:
    """The project and its people; `ids` are what the parameters of a path name."""

    people: dict[str, User]
    project: Project
    job: Job
    run: Run
    failed_run: Run
    ids: dict[str, str] = field(default_factory=dict)

    def client(self, who: str) -> Client:
        """Return a client with a token of this person; nobody has none."""
        user = self.people.get(who)
        token = {"Authorization": f"Bearer {token_of(user)}"} if user else {}
        return Client(headers=token, raise_request_exception=False)

    def client_with_key(self, *scopes: Scope) -> Client:
        """Return a client with an API key of the owner."""
        _, key = services.create_key(user=self.people[OWNER], name=MARK, scopes=scopes)
        return Client(headers={"X-API-Key": key}, raise_request_exception=False)


def make_world() -> World:
    """Store the project, a job, runs, a connection, members, a session and a key."""
    people = {who: make_user(who) for who in EVERYBODY[1:-1]}
    people[ADMIN] = User.objects.create_superuser(ADMIN, password=PASSWORD)
    services.ensure_personal_project(owner=people[ADMIN])
    owner = people[OWNER]
    owner.name = f"{MARK} keeper"
    owner.save()
    project = services.create_project(name=MARK, owner=owner)
    guest = make_user("guest")
    roles = {people[VIEWER]: Role.VIEWER, people[DEVELOPER]: Role.DEVELOPER, guest: Role.VIEWER}
    for user, role in roles.items():
        services.set_member(project=project, user=user, role=role, by=owner)
    ends = {
        role: make_connection(project, owner, role)
        for role in (ConnectionRole.SOURCE, ConnectionRole.DESTINATION)
    }
    job = make_job(project, owner)
    # Of another job: while a run goes on, no other of its job is tried again.
    failed = make_failed_run(make_job(project, owner))
    world = World(people, project, job, start_run(job=job, by=owner), failed)
    sessions = {who: services.open_session(user=people[who], door="etl") for who in people}
    world.ids = {
        "project": str(project.uuid),
        "user": str(guest.uuid),
        "job": str(job.uuid),
        "file_job": str(make_file_job(project, owner).uuid),
        "run": str(world.run.uuid),
        "session": str(sessions[OWNER].uuid),
        "task": str(world.run.uuid),
        "connector": "duckdb",
        **{role.value: str(made.uuid) for role, made in ends.items()},
        **{f"{role}_number": str(made.pk) for role, made in ends.items()},
        "key": str(services.create_key(user=owner, name=MARK)[0].uuid),
        "state_id": "8b0e6c0e-4a8e-4a57-9d0e-5f1c2b3a4d5e",
        **make_workspace(project, people, guest),
    }
    return world


def make_workspace(project: Project, people: dict[str, User], guest: User) -> dict[str, str]:
    """Store a shared workspace with one of everything; return the ids by their names in paths."""
    actor = modelling.Actor(people[OWNER])
    shared = {"name": MARK, "type": "shared"}
    uuid = modelling.create_workspace(actor=actor, project=project, data=shared)["id"]
    where: dict[str, Any] = {"actor": actor, "workspace": uuid}
    domain = modelling.create_domain(**where, data={"name": MARK})["id"]
    table = {"name": MARK, "primary_domain_id": domain}
    table = modelling.create_table(**where, data=table)["id"]
    edge = {"source_table_id": table, "target_table_id": table, "name": MARK}
    made = {
        "workspace": uuid,
        "domain": domain,
        "table": table,
        "relationship": modelling.create_relationship(**where, data=edge)["id"],
        "diagram": modelling.create_diagram(**where, data={"name": MARK})["id"],
    }
    for user, level in (
        (people[VIEWER], "read"),
        (people[DEVELOPER], "edit"),
        (guest, "read"),
    ):
        modelling.invite(**where, wish=modelling.Wish(level, user_id=user.uuid))
    wish = modelling.Wish("read", email=f"{MARK}@example.com")
    made["invitation"] = modelling.invite(**where, wish=wish)["id"]
    return {name: str(value) for name, value in made.items()}


def make_user(name: str) -> User:
    """Store a user without a sign-up, of which there may not be many from one address."""
    user = User.objects.create_user(name, email=f"{name}@example.com", password=PASSWORD)
    services.ensure_personal_project(owner=user)
    return user


def make_job(project: Project, owner: User) -> Job:
    """Store a job of the project."""
    tasks = [{"extractor_config": extractor(), "loader_config": loader()}]
    return create_job(project=project, by=owner, name=f"{MARK} job", tasks=tasks, dialect="orc")


def make_file_job(project: Project, owner: User) -> FileJob:
    """Store a file job of the project that waits for its file."""
    return create_file_job(
        project=project,
        by=owner,
        file_name=f"{MARK}.csv",
        original_file_size_bytes=1,
        processing_steps=[],
        input_options={},
        output_options={},
    )


def make_connection(project: Project, owner: User, role: ConnectionRole) -> Connection:
    """Store a source or destination of the project."""
    config = {"db_path": "in.duckdb"}
    return create_connection(
        project=project, by=owner, name=MARK, connector="duckdb", role=role, settings=config
    )


def make_failed_run(job: Job) -> Run:
    """Store a run that failed before it began."""
    error = ConfigError("It cannot run")
    return lifecycle.open_failed_run(job=job, trigger=Trigger.SCHEDULER, error=error)


@contextmanager
def undone() -> Iterator[None]:
    """Undo what is done to the rows, so that everybody meets the same ones."""
    work = transaction.atomic()
    # As Django's own test cases do it: what must be durable may be done inside.
    work._from_testcase = True
    with work:
        yield
        transaction.set_rollback(True)
    cache.forget_all()


def send(client: Client, method: str, path: str, body: Any = None) -> Any:
    """Return the answer to a request; what is sent is JSON, or a form that is written out."""
    if body is None:
        sent = {}
    elif isinstance(body, str):
        sent = {"data": body, "content_type": "application/x-www-form-urlencoded"}
    else:
        sent = {"data": json.dumps(body), "content_type": "application/json"}
    return getattr(client, method.lower())(path, **sent)

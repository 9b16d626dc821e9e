"""Some rows of every model that has a page in the admin."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from accounts import audit, services
from accounts.models import GitHubAccount, Membership, Session, User
from connectors import sealing
from connectors.models import Connection
from jobs.models import (
    Checkpoint,
    FileJob,
    Job,
    Kind,
    Part,
    PartStatus,
    Run,
    RunEvent,
    Status,
    StepRun,
    TargetLease,
)
from modelling.services import Actor, Wish, create_domain, create_table, create_workspace, invite

SECRET = "hunter22-and-more"
ERROR = "connection refused\nis the server there?"


def make_rows(number: int) -> None:
    """Store so many rows of each model, each of another user, project, job and run."""
    for index in range(User.objects.count(), User.objects.count() + number):
        make_row(index)


def make_row(index: int) -> None:
    """Store one row of each model."""
    user = make_user(f"user{index}", email=f"u{index}@example.org")
    project = services.create_project(name=f"Project {index}", owner=user)
    guest = make_user(f"guest{index}")
    Membership.objects.create(project=project, user=guest)
    make_entries(user, index)
    job = make_job(project, index)
    make_run(job, index)
    audit.record("job.started", by=user, target=job, project=project, trigger="manual")
    make_workspace(user, guest, project)


def make_user(username: str, **fields: str) -> User:
    """Store a user without a sign-up, of which there may not be many from one address."""
    user = User.objects.create_user(username, password="mypassword", **fields)
    services.ensure_personal_project(owner=user)
    audit.record("user.created", by=user, target=user)
    return user


def make_entries(user: User, index: int) -> None:
    """Store what lets the user in."""
    Session.objects.create(
        user=user,
        door="orc",
        address="203.0.113.7",
        agent="curl/8",
        expires_at=timezone.now() + timedelta(days=7),
    )
    services.create_key(user=user, name=f"Key {index}")
    emails = [{"email": user.email, "verified": True, "primary": True}]
    GitHubAccount.objects.create(user=user, github_id=index, login=user.username, emails=emails)


def make_job(project, index: int) -> Job:
    """Store a connection with a secret and a job with one."""
    sealed = sealing.seal(
        {
            "type": "postgres",
            "host": "db.example.org",
            "database": "shop",
            "username": "ada",
            "password": SECRET,
        },
        "source",
    )
    Connection.objects.create(
        project=project,
        name=f"Shop {index}",
        connector="postgres",
        settings={key: value for key, value in sealed.items() if key != "type"},
        created_by=project.owner,
    )
    task = {
        "task_id": "00000000-0000-4000-8000-00000000000a",
        "extractor_config": sealed,
        "loader_config": {"type": "duckdb", "db_path": "out.duckdb", "table": "numbers"},
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
    }
    return Job.objects.create(
        project=project,
        kind=Kind.TASKS,
        name=f"Copy {index}",
        schedule="0 6 * * *",
        next_run_at=timezone.now() + timedelta(minutes=index),
        config={"tasks": [task]},
        created_by=project.owner,
    )


def make_run(job: Job, index: int) -> Run:
    """Store a run that failed, with its part, step, events, checkpoint, lease and file job."""
    start = datetime(2026, 11, 20, 12, tzinfo=UTC)
    plan = {
        "is_ordered": True,
        "parts": [{"id": "1", "steps": [{"settings": {"password": {"$sealed": "gAAA"}}}]}],
    }
    status = (Status.FAILED, Status.RUNNING, Status.SUCCEEDED)[index % 3]
    run = Run.objects.create(
        project=job.project,
        job=job,
        status=status,
        plan=plan,
        rows=1_234_567,
        bytes=45_600_000,
        memory_peak=150_000_000,
        error_code="config" if status == Status.FAILED else "",
        error_message=ERROR if status == Status.FAILED else "",
        last_seq=2,
        started_by=job.created_by,
        started_at=start,
        finished_at=None if status == Status.RUNNING else start + timedelta(seconds=75),
    )
    make_details(job, run, index)
    FileJob.objects.create(
        project=job.project,
        user=job.created_by,
        run=run,
        file_name=f"people{index}.csv",
        original_file_size_bytes=48,
        processing_steps=[{"type": "trim", "params": {}}],
        input_key=f"input/{index}/people.csv",
        output_key=f"output/{index}/people_processed.csv",
    )
    return run


def make_workspace(owner: User, guest: User, project) -> None:
    """Store a shared workspace with a table and a participant, and so its events."""
    actor = Actor(owner)
    shared = {"name": f"Shop of {owner}", "type": "shared"}
    where = create_workspace(actor=actor, project=project, data=shared)["id"]
    domain = create_domain(actor=actor, workspace=where, data={"name": "Sales"})
    table = {"name": "orders", "primary_domain_id": domain["id"], "columns": [{"name": "id"}]}
    create_table(actor=actor, workspace=where, data=table)
    invite(actor=actor, workspace=where, wish=Wish("edit", user_id=guest.uuid))


def make_details(job: Job, run: Run, index: int) -> None:
    """Store the part, step, events, checkpoint and lease of a run."""
    start = run.started_at
    part = Part.objects.create(
        run=run,
        position=1,
        key="task:1",
        name="Task 1",
        status=PartStatus(run.status),
        worker_host=f"worker-{index}",
        worker_pid=4000 + index,
        lease_expires_at=timezone.now() + timedelta(seconds=10),
        result={"commits": {"1": {"rows": 5, "location": "out.duckdb"}}},
        started_at=start,
    )
    StepRun.objects.create(
        part=part, step="1:extract", name="Read numbers", kind="extract", seconds=0.85
    )
    RunEvent.objects.bulk_create(
        RunEvent(run=run, seq=seq, at=start, message=text, level=level, data={"attempt": 1})
        for seq, level, text in ((1, "info", "Task 1 began"), (2, "error", "Task 1 failed"))
    )
    Checkpoint.objects.create(
        job=job, run=run, stream=f"{job.uuid}/numbers", state={"cursor": index}
    )
    TargetLease.objects.create(
        place=f"duckdb:/data/out{index}.duckdb#numbers",
        place_digest=f"{index}",
        fence=1,
        holder=part,
    )

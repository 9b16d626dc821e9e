"""The admin pages of jobs, runs and connections."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Project, User
from connectors import sealing
from connectors.models import Connection
from jobs import lifecycle
from jobs.models import Part, Run
from jobs.tests.rows import open_job, task, task_job, work

LISTS = [
    *("connectors_connection", "jobs_job", "jobs_run", "jobs_part", "jobs_steprun"),
    *("jobs_runevent", "jobs_checkpoint", "jobs_targetlease"),
]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin():
    user = User.objects.create_superuser("root", "root@example.com", "correct horse")
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def job(admin, input_file):
    project = Project.objects.create(name="Shop", owner=User.objects.get())
    job = task_job(project, task(input_file / "in.duckdb", input_file / "out.duckdb"))
    work(open_job(job)[1])
    return job


def page(client, name, *arguments):
    answer = client.get(reverse(f"admin:{name}", args=arguments))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_every_table_has_a_list_that_can_be_searched(admin, job, name):
    page(admin, f"{name}_changelist")
    address = reverse(f"admin:{name}_changelist")
    assert admin.get(address, {"q": "anything"}).status_code == 200


def test_a_runs_page_shows_its_parts_and_links_to_its_events(admin, job):
    run = Run.objects.get()
    text = page(admin, "jobs_run_change", run.pk)
    assert "Succeeded" in text
    assert "Task 1" in text
    assert f"runevent/?run__id__exact={run.pk}" in text


def test_a_jobs_page_masks_secrets(admin, job):
    extractor = {"type": "api", "url": "https://api.example.com", "token": "tok-12345"}
    config = job.config
    config["tasks"][0]["extractor_config"] = sealing.seal(extractor | {"auth": "bearer"}, "source")
    job.save()
    text = page(admin, "jobs_job_change", job.pk)
    assert "********" in text
    assert not re.search(r"tok-12345|\$sealed", text)


def test_a_connections_page_masks_secrets(admin):
    project = Project.objects.create(name="Shop", owner=User.objects.get())
    values = {"host": "db", "database": "shop", "username": "ada", "password": "hunter22"}
    sealed = sealing.seal({"type": "postgres", **values}, "source")
    settings = {key: value for key, value in sealed.items() if key != "type"}
    connection = Connection.objects.create(
        project=project, name="Shop", connector="postgres", settings=settings
    )
    text = page(admin, "connectors_connection_change", connection.pk)
    assert "********" in text
    assert "hunter22" not in text


def act(client, name, action, *rows):
    body = {"action": action, "_selected_action": [row.pk for row in rows]}
    answer = client.post(reverse(f"admin:{name}_changelist"), body, follow=True)
    return answer.content.decode()


def test_actions_start_cancel_and_retry(admin, job):
    assert "was queued" in act(admin, "jobs_job", "start", job)
    run = Run.objects.latest("pk")
    assert (run.status, run.started_by.username) == ("queued", "root")
    assert "is cancelled now" in act(admin, "jobs_run", "cancel", run)
    assert "has ended already" in act(admin, "jobs_run", "cancel", run)
    assert "is queued now" in act(admin, "jobs_run", "retry", run)
    part = lifecycle.claim_part(Part.objects.get(run=run).pk, host="here", pid=1)
    assert part is not None


def test_actions_pause_and_resume_a_schedule(admin, job):
    act(admin, "jobs_job", "pause", job)
    job.refresh_from_db()
    assert not job.is_active
    act(admin, "jobs_job", "resume", job)
    job.refresh_from_db()
    assert job.is_active


def test_what_the_platform_writes_cannot_be_changed_by_hand(admin, job):
    run = Run.objects.get()
    address = reverse("admin:jobs_run_change", args=[run.pk])
    assert admin.post(address, {"status": "failed"}).status_code == 403
    assert admin.get(reverse("admin:jobs_run_add")).status_code == 403

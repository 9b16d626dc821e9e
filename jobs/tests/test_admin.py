"""The admin pages of jobs, runs and connections."""

import re

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, Project, User
from config.administration import verbs
from config.tests.browsers import admin_browser
from connectors import sealing
from connectors.models import Connection
from jobs import lifecycle, services
from jobs.models import Part, Run
from jobs.tests.rows import open_job, task, task_job, work

LISTS = [
    *("connectors_connection", "jobs_job", "jobs_run", "jobs_part", "jobs_steprun"),
    *("jobs_runevent", "jobs_checkpoint", "jobs_targetlease", "jobs_filejob"),
]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin():
    return admin_browser()


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


def act(client, name, action, *rows, confirmed="yes", where=""):
    body = {
        "action": action,
        "_selected_action": [row.pk for row in rows],
        **({"confirmed": confirmed} if confirmed else {}),
    }
    answer = client.post(reverse(f"admin:{name}_changelist") + where, body, follow=True)
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


def test_what_is_dangerous_is_asked_about(admin, job):
    run = services.start_run(job=job)
    text = act(admin, "jobs_run", "cancel", run, confirmed=None)
    assert "Cancel these runs?" in text
    assert str(run.uuid) in text
    run.refresh_from_db()
    assert run.status == "queued"


def button(client, row, action, method="post", **data):
    name = f"{row._meta.app_label}_{row._meta.model_name}"
    address = reverse(f"admin:{name}_change", args=[row.pk]).replace("/change/", f"/{action}/")
    return getattr(client, method)(address, data, follow=True)


def test_a_button_of_a_page_asks_first_and_changes_nothing_by_a_mere_link(admin, job):
    run = services.start_run(job=job)
    assert "Cancel these runs?" in button(admin, run, "cancel", "get").content.decode()
    assert "Cancel these runs?" in button(admin, run, "cancel").content.decode()
    run.refresh_from_db()
    assert run.status == "queued"
    answer = button(admin, run, "cancel", confirmed="yes")
    assert "is cancelled now" in answer.content.decode()
    assert answer.request["PATH_INFO"] == f"/admin/jobs/run/{run.pk}/change/"


def test_a_page_offers_what_fits_its_row(admin, job):
    run = Run.objects.get()
    assert "/retry/" not in page(admin, "jobs_run_change", run.pk)
    Run.objects.update(status="failed")
    text = page(admin, "jobs_run_change", run.pk)
    assert "/retry/" in text
    assert "/cancel/" not in text


def test_actions_are_written_down_with_who_and_from_where(admin, job):
    act(admin, "jobs_job", "start", job)
    act(admin, "jobs_run", "cancel", Run.objects.latest("pk"))
    act(admin, "jobs_job", "pause", job)
    events = AuditEvent.objects.filter(object_type__in=["job", "run"]).order_by("id")
    assert [event.action for event in events][-3:] == [
        "run.started",
        "run.cancelled",
        "job.changed",
    ]
    done = events.filter(actor_name="root")
    assert done.count() == 3
    assert {event.address for event in done} == {"127.0.0.1"}
    assert done[0].project_uuid == job.project.uuid


def test_a_job_that_cannot_run_says_why(admin, job):
    job.config["tasks"][0]["extractor_config"]["type"] = "nothing"
    job.save()
    assert "nothing" in act(admin, "jobs_job", "start", job)
    assert Run.objects.count() == 1


def test_a_job_whose_connector_is_gone_has_a_page(admin, job):
    job.config["tasks"][0]["extractor_config"] |= {"type": "gone", "key": {"$sealed": "gAAAsecret"}}
    job.save()
    text = page(admin, "jobs_job_change", job.pk)
    assert "gAAAsecret" not in text
    assert "********" in text


def test_a_job_is_deleted_as_the_api_does(admin, job):
    assert "is deleted" in act(admin, "jobs_job", "delete_job", job)
    job.refresh_from_db()
    assert job.deleted_at is not None
    assert "deleted already" in act(admin, "jobs_job", "delete_job", job, where="?deleted=yes")
    assert "The job is deleted" in act(admin, "jobs_job", "start", job, where="?deleted=yes")
    listed = admin.get(reverse("admin:jobs_job_changelist"))
    assert listed.context["cl"].result_count == 0
    deleted = admin.get(reverse("admin:jobs_job_changelist"), {"deleted": "yes"})
    assert deleted.context["cl"].result_count == 1


def test_a_new_name_changes_nothing_else_of_a_job(admin, job):
    config = job.config
    form = {"name": "Numbers", "description": "Every night"}
    address = reverse("admin:jobs_job_change", args=[job.pk])
    assert admin.post(address, form).status_code == 302
    job.refresh_from_db()
    assert (job.name, job.description, job.config) == ("Numbers", "Every night", config)
    assert AuditEvent.objects.filter(action="job.changed").count() == 1


def test_too_many_rows_at_once_are_refused(admin, job, monkeypatch):
    monkeypatch.setattr(verbs, "MOST_AT_ONCE", 1)
    runs = [services.start_run(job=job), services.start_run(job=job)]
    assert "Choose 1 rows at most" in act(admin, "jobs_run", "cancel", *runs)
    assert Run.objects.filter(status="cancelled").count() == 0


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

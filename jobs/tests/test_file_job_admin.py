"""The admin page of file jobs."""

import pytest
from django.urls import reverse

from accounts.models import Project, User
from config.tests.browsers import admin_browser
from jobs.models import FileJob, Run
from jobs.services.filejobs import create_file_job, mark_uploaded
from jobs.tests.files import FILTER, PEOPLE, upload

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "admin:jobs_filejob_changelist"


@pytest.fixture
def admin():
    return admin_browser()


@pytest.fixture
def job(admin):
    owner = User.objects.get()
    return create_file_job(
        project=Project.objects.create(name="Shop", owner=owner),
        by=owner,
        file_name="people.csv",
        original_file_size_bytes=len(PEOPLE),
        processing_steps=[FILTER],
        input_options={},
        output_options={},
    )


def act(client, action, job):
    body = {"action": action, "_selected_action": [job.pk], "confirmed": "yes"}
    return client.post(reverse(LIST), body, follow=True).content.decode()


def test_a_file_jobs_page_shows_its_steps_and_links_to_its_run(admin, job):
    upload(job, PEOPLE)
    run = mark_uploaded(job=job, by=job.user, object_key=job.input_key).run
    text = admin.get(reverse("admin:jobs_filejob_change", args=[job.pk])).content.decode()
    assert "New York" in text
    assert "Queued" in text
    assert reverse("admin:jobs_run_change", args=[run.pk]) in text


def test_file_jobs_are_found_by_name_and_status(admin, job):
    for query, is_found in (
        ({"q": "people"}, True),
        ({"q": "nothing"}, False),
        ({"status": "PENDING"}, True),
        ({"status": "RUNNING"}, False),
        ({"status": "CANCELLED"}, False),
    ):
        text = admin.get(reverse(LIST), query).content.decode()
        assert ("people.csv" in text) is is_found, query


def test_actions_cancel_and_try_again(admin, job):
    upload(job, PEOPLE)
    mark_uploaded(job=job, by=job.user, object_key=job.input_key)
    assert "is CANCELLED now" in act(admin, "cancel", job)
    assert "nothing to cancel" in act(admin, "cancel", FileJob.objects.get())
    assert "is QUEUED now" in act(admin, "retry", FileJob.objects.get())
    assert Run.objects.get().status == "queued"

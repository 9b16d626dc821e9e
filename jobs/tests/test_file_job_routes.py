"""The routes of file jobs: the Karyaksham contract's bodies, and who may do what when."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.models import AuditEvent, Project, Role, User
from accounts.services import create_project, set_member
from config.api.examples import example
from config.objects import object_store
from jobs import lifecycle
from jobs.models import FileJob, RunEvent
from jobs.tests.api import NOBODY, Api
from jobs.tests.files import FILTER, PEOPLE, made, mark, new_file_job, upload

pytestmark = pytest.mark.django_db
VERBS = ("upload-url", "mark-uploaded", "download-url", "cancel", "retry", "preview")


def path(job, verb=""):
    return f"/api/v1/jobs/{job.uuid}/{verb}".rstrip("/")


def shape(value):
    """Return the keys of a printed answer."""
    return set(value[0] if isinstance(value, list) else value)


def test_a_job_is_made_with_the_printed_body_and_answers_the_printed_one(ada):
    sent, shown = (example("karyaksham", "POST /jobs", side) for side in ("request", "response"))
    answer = ada("post", "/api/v1/jobs", sent)
    told = answer.json()
    assert answer.status_code == 201
    assert shape(shown) <= shape(told)
    assert {key: told[key] for key in sent} == sent
    assert (told["status"], told["error_message"]) == ("PENDING", None)
    assert (told["input_object_key"], told["output_object_key"]) == (None, None)
    assert UUID(told["user_id"]) == User.objects.get().uuid
    assert told["created_at"].endswith("Z")
    assert AuditEvent.objects.filter(action="file_job.created").count() == 1


def test_a_list_has_ones_own_jobs_newest_first_by_skip_and_limit(ada, django_user_model):
    jobs = [made(ada, file_name=f"{name}.csv") for name in "abc"]
    made(Api("bob"))
    told = ada("get", "/api/v1/jobs").json()
    assert [row["id"] for row in told] == [str(job.uuid) for job in reversed(jobs)]
    assert shape(example("karyaksham", "GET /jobs", "response")) <= shape(told)
    page = ada("get", "/api/v1/jobs?skip=1&limit=1")
    assert [row["file_name"] for row in page.json()] == ["b.csv"]
    assert page.headers["X-Total-Count"] == "3"


@pytest.mark.parametrize("query", ["skip=-1", "limit=-1", "limit=0", "limit=1001", "skip=x"])
def test_a_page_that_cannot_be_is_refused(ada, query):
    answer = ada("get", f"/api/v1/jobs?{query}")
    assert answer.status_code == 400
    assert answer.json()["details"]["field"] == query.partition("=")[0]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"file_name": "a/b.csv"}, "file_name", "not a path"),
        ({"file_name": "..\\b.csv"}, "file_name", "not a path"),
        ({"file_name": ".."}, "file_name", "dot"),
        ({"file_name": "a\nb.csv"}, "file_name", "control characters"),
        ({"file_name": "ü" * 126 + ".csv"}, "file_name", "255 bytes"),
        ({"file_name": ""}, "file_name", "required"),
        ({"file_name": 7}, "file_name", "text"),
        ({"file_name": "a.bin"}, "file_name", "input_options.format"),
        ({"original_file_size_bytes": -1}, "original_file_size_bytes", "0"),
        ({"original_file_size_bytes": 10**12}, "original_file_size_bytes", "OBJECT_MAX_BYTES"),
        ({"processing_steps": {}}, "processing_steps", "list"),
        ({"processing_steps": [7]}, "processing_steps[0]", "object"),
        ({"processing_steps": [{"params": {}}]}, "processing_steps[0].type", "name"),
        ({"processing_steps": [{"type": "x"}]}, "processing_steps[0].type", "filter"),
        (
            {"processing_steps": [{"type": "trim", "params": 7}]},
            "processing_steps[0].params",
            "obj",
        ),
        ({"processing_steps": [FILTER | {"why": 1}]}, "processing_steps[0].why", "params"),
        (
            {"processing_steps": [FILTER, {"type": "filter", "params": {"column": 7}}]},
            "processing_steps[1].params.column",
            "processing_steps[1].params.column",
        ),
        (
            {"processing_steps": [{"type": "convert_format", "params": {"to_format": "x"}}]},
            "processing_steps[0].params.to_format",
            "parquet",
        ),
        (
            {"processing_steps": [{"type": "convert_format", "params": {}}]},
            "processing_steps[0].params.to_format",
            "missing",
        ),
        (
            {
                "processing_steps": [
                    {"type": "convert_format", "params": {"to_format": "csv", "mode": "append"}}
                ]
            },
            "processing_steps[0].params.mode",
            "known: ",
        ),
        ({"input_options": {"table": "x"}}, "input_options.table", "delimiter"),
        ({"input_options": {"delimiter": "ab"}}, "input_options.delimiter", "one ASCII character"),
        ({"input_options": {"format": "docx"}}, "input_options.format", "parquet"),
        ({"output_options": {"format": "x"}}, "output_options.format", "parquet"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(ada, change, field, words):
    answer = ada("post", "/api/v1/jobs", new_file_job(**change))
    told = answer.json()
    assert answer.status_code == 400, told
    assert told["details"]["field"] == field, told
    assert words in told["message"]
    assert not FileJob.objects.exists()


@pytest.mark.parametrize("body", ["{", "[]", "7", '{"file_name": "a.csv"}'])
def test_a_broken_body_is_400(ada, body):
    assert ada("post", "/api/v1/jobs", body).status_code == 400


def test_without_a_token_nothing_is_told(db):
    nobody = Api()
    assert nobody("get", "/api/v1/jobs").status_code == 401
    assert nobody("post", "/api/v1/jobs", new_file_job()).status_code == 401


def test_another_users_job_is_403_and_an_unknown_one_404_whatever_is_asked(ada):
    job, bob = made(ada), Api("bob")
    for verb in VERBS:
        assert bob("post", path(job, verb), {}).status_code == 403, verb
        assert ada("post", f"/api/v1/jobs/{NOBODY}/{verb}", {}).status_code == 404, verb
        assert ada("post", f"/api/v1/jobs/no-id/{verb}", {}).status_code == 400, verb
    for verb in ("", "events"):
        assert bob("get", path(job, verb)).status_code == 403
        assert ada("get", f"/api/v1/jobs/{NOBODY}/{verb}").status_code == 404
    assert bob("delete", path(job)).status_code == 403
    assert FileJob.objects.get().status == "PENDING"


def test_members_of_a_project_share_its_file_jobs_as_their_roles_say(ada):
    owner = User.objects.get()
    project = create_project(name="Shop", owner=owner)
    job = made(ada, project_id=project.pk)
    people = {role: Api(role.value) for role in (Role.VIEWER, Role.DEVELOPER)}
    for role in people:
        user = User.objects.get(username=role.value)
        set_member(project=project, user=user, role=role, by=owner)
    assert people[Role.VIEWER]("get", path(job)).json()["file_name"] == "sample_data.csv"
    assert people[Role.VIEWER]("post", path(job, "cancel")).status_code == 403
    assert people[Role.VIEWER]("get", "/api/v1/jobs").json() == []
    assert people[Role.DEVELOPER]("post", path(job, "cancel")).json()["status"] == "CANCELLED"


def test_an_upload_url_is_issued_once_until_it_has_expired(ada):
    job = made(ada)
    told = ada("post", path(job, "upload-url"), {}).json()
    assert shape(example("karyaksham", "POST /jobs/{job_id}/upload-url", "response")) <= shape(told)
    assert (
        f"/karyaksham-data/{job.input_key}?X-Amz-Algorithm=AWS4-HMAC-SHA256" in told["upload_url"]
    )
    again = ada("post", path(job, "upload-url"), {})
    assert again.status_code == 400
    assert "has an upload URL already" in again.json()["message"]
    FileJob.objects.update(upload_expires_at=timezone.now() - timedelta(seconds=1))
    assert ada("post", path(job, "upload-url"), {}).status_code == 200


def test_a_file_may_be_sent_in_parts(ada):
    job = made(ada)
    told = ada("post", path(job, "upload-url"), {"parts": 3}).json()
    assert len(told["upload_urls"]) == 3
    assert told["upload_id"] == FileJob.objects.get().upload_id
    answer = mark(ada, job)
    assert answer.status_code == 400
    assert "1–3" in answer.json()["message"]
    assert ada("post", path(job, "upload-url"), {"parts": 0}).status_code == 400


def test_a_file_is_marked_when_it_is_there_and_by_its_own_key(ada):
    job = made(ada)
    early = mark(ada, job)
    assert early.status_code == 400
    assert "no object" in early.json()["message"]
    upload(job, PEOPLE)
    for key in ("", "input/x.csv", job.output_key, f"../{job.input_key}"):
        wrong = ada("post", path(job, "mark-uploaded"), {"object_key": key})
        assert wrong.status_code == 400, key
    answer = mark(ada, job)
    shown = example("karyaksham", "POST /jobs/{job_id}/mark-uploaded", "response")
    assert (answer.status_code, answer.json()["status"]) == (200, shown["status"])
    assert shape(shown) <= shape(answer.json())
    assert answer.json()["input_object_key"] == job.input_key
    again = mark(ada, job)
    assert (again.status_code, again.json()["message"]) == (
        400,
        "The job is QUEUED; only a PENDING job takes its file",
    )
    assert ada("post", path(job, "upload-url"), {}).status_code == 400


def test_a_job_that_waits_is_cancelled_at_once(ada):
    pending, queued = made(ada), made(ada)
    upload(queued, PEOPLE)
    mark(ada, queued)
    for job in (pending, queued):
        answer = ada("post", path(job, "cancel"), {})
        assert (answer.status_code, answer.json()["status"]) == (200, "CANCELLED")
        assert answer.json()["error_message"] is None
        again = ada("post", path(job, "cancel"), {})
        assert again.status_code == 400
        assert "CANCELLED" in again.json()["message"]
    assert ada("post", path(pending, "retry")).status_code == 409
    assert ada("post", path(queued, "retry")).json()["status"] == "QUEUED"


def test_a_job_that_runs_is_asked_to_stop_and_not_deleted(ada):
    job = made(ada)
    upload(job, PEOPLE)
    mark(ada, job)
    job.refresh_from_db()
    assert lifecycle.claim_part(job.run.parts.get().pk, host="here", pid=1)
    assert ada("get", path(job)).json()["status"] == "RUNNING"
    refused = ada("delete", path(job))
    assert refused.status_code == 409
    assert "cancel it first" in refused.json()["message"]
    told = ada("post", path(job, "cancel")).json()
    shown = example("karyaksham", "POST /jobs/{job_id}/cancel", "response")
    assert told["status"] == shown["status"] == "CANCELLATION_REQUESTED"
    assert shape(shown) <= shape(told)


def test_a_result_is_fetched_when_it_is_there(ada):
    job = made(ada)
    answer = ada("post", path(job, "download-url"), {})
    assert answer.status_code == 400
    assert "PENDING" in answer.json()["message"]


def test_a_retry_wants_the_file_still_there(ada):
    job = made(ada)
    upload(job, PEOPLE)
    mark(ada, job)
    ada("post", path(job, "cancel"))
    object_store().delete(f"input/{job.uuid}/")
    answer = ada("post", path(job, "retry"))
    assert answer.status_code == 409
    assert "not there any more" in answer.json()["message"]


def test_progress_never_goes_back(ada):
    job = made(ada, original_file_size_bytes=len(PEOPLE))
    assert ada("get", path(job)).json()["progress"]["percent"] == 0
    upload(job, PEOPLE)
    mark(ada, job)
    job.refresh_from_db()
    part = lifecycle.claim_part(job.run.parts.get().pk, host="here", pid=1)
    seen = []
    for rows, attempt in ((100, 1), (400, 1), (200, 2), (900, 2), (2000, 2)):
        part.attempt = attempt
        part.save()
        measure = {"rows": rows, "bytes": 8, "seconds": 2.0, "about_rows": 1000}
        data = {"part": part.key, "steps": {"input": measure}}
        with lifecycle.changing(part.run_id) as run:
            run.progress_at = None
            lifecycle.show_progress(run, part, rows=rows, size=8, data=data)
        seen.append(ada("get", path(job)).json()["progress"])
    assert [one["percent"] for one in seen] == [10.0, 40.0, 40.0, 90.0, 99.0]
    assert [one["rows"] for one in seen] == [100, 400, 400, 900, 2000]
    assert seen[0]["eta_seconds"] == 18.0
    events = ada("get", path(job, "events")).json()
    assert [event["seq"] for event in events] == list(range(1, RunEvent.objects.count() + 1))
    assert ada("get", path(job, "events?after=3")).json() == events[3:]


def test_two_contracts_jobs_have_paths_of_their_own(ada):
    job = made(ada)
    assert ada("get", f"/jobs/{job.uuid}").status_code == 404
    assert ada("get", f"/api/v1/jobs/{job.pk}").json()["id"] == str(job.uuid)
    assert Project.objects.get().file_jobs.get() == job

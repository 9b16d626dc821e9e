"""A request that is sent again with its Idempotency-Key creates and starts nothing twice."""

import json

import pytest
from celery.signals import after_task_publish

from jobs.models import Job, Run
from jobs.tests.api import Api, new_job
from jobs.tests.racing import at_once

pytestmark = pytest.mark.usefixtures("database", "input_file")


@pytest.fixture
def rings():
    """The ids of the parts for which the bell was rung."""
    heard = []

    def hear(body, **_):
        arguments, *_ = body
        heard.extend(arguments)

    after_task_publish.connect(hear)
    yield heard
    after_task_publish.disconnect(hear)


def send(api, path, body=None, key="k"):
    text = "" if body is None else json.dumps(body)
    headers = {"Idempotency-Key": key}
    return api.client.post(path, text, content_type="application/json", headers=headers)


def test_a_job_that_is_sent_twice_is_there_once(ada):
    first, second = (send(ada, "/jobs", new_job()) for _ in range(2))
    assert first.json() == second.json()
    assert (first.status_code, second.headers["Idempotent-Replayed"]) == (200, "true")
    assert Job.objects.count() == 1


def test_many_starts_with_one_key_start_one_run_and_ring_for_it_once(ada, rings):
    job = ada("post", "/jobs", new_job()).json()
    answers = at_once(8, lambda _: send(ada, f"/jobs/{job['job_id']}/run"))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    run = Run.objects.get()
    assert answers[0].json()["run_id"] == str(run.uuid)
    assert rings == list(run.parts.values_list("pk", flat=True))


def test_a_start_that_fails_may_be_tried_with_its_key_again(ada, rings):
    path = f"/jobs/{ada('post', '/jobs', new_job()).json()['job_id']}/run"
    Job.objects.update(config={"tasks": []})
    assert send(ada, path).status_code >= 400
    assert not Run.objects.exists()
    assert rings == []


def test_a_run_that_is_tried_again_twice_has_one_more_attempt(ada):
    job = ada("post", "/jobs", new_job()).json()
    run = ada("post", f"/jobs/{job['job_id']}/run").json()
    ada("post", f"/runs/{run['run_id']}/cancel")
    answers = [send(ada, f"/runs/{run['run_id']}/retry") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert Run.objects.get().status == "queued"


def test_a_key_of_another_user_is_another_key(ada, database):
    bob = Api("bob")
    assert [send(api, "/jobs", new_job()).status_code for api in (ada, bob)] == [200, 200]
    assert Job.objects.count() == 2

"""The lists of jobs and runs: fast ones, of one's own rows, as the serializers say."""

from datetime import UTC, datetime

import pytest

from accounts import cache
from accounts.models import Membership, Project, Role, User
from config.api.renderers import dump
from jobs.models import Job, Kind, Run, Status
from jobs.serializers import orc as serializers
from jobs.tests.api import Api

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 20, 10, 30, tzinfo=UTC)


@pytest.fixture
def jobs(ada):
    """Thirty jobs of ada's, two of which stand out."""
    project = Project.objects.get()
    made = Job.objects.bulk_create(
        Job(project=project, kind=Kind.TASKS, name=f"Copy {number}", schedule="@manual")
        for number in range(30)
    )
    Job.objects.filter(pk=made[0].pk).update(created_at=AT, next_run_at=AT, max_attempts=7)
    Job.objects.filter(pk=made[1].pk).update(name='Öl "süß"', description="", is_active=False)
    return made


@pytest.fixture
def runs(jobs):
    """A run in every status, one of them with an error."""
    made = Run.objects.bulk_create(
        Run(project=job.project, job=job, plan={}, status=status)
        for job, status in zip(jobs, Status, strict=False)
    )
    Run.objects.filter(status="failed").update(error_message="No such file", memory_peak=2**40)
    return made


def test_jobs_are_byte_for_byte_what_their_serializer_answers(ada, jobs):
    answer = ada("get", "/jobs?limit=1000")
    assert answer.content == dump(serializers.JobDefinition(Job.objects.all(), many=True).data)
    assert len(answer.json()) == 30


def test_runs_are_byte_for_byte_what_their_serializer_answers(ada, runs):
    answer = ada("get", "/runs")
    assert answer.content == dump(serializers.JobRun(Run.objects.all(), many=True).data)
    assert {row["status"] for row in answer.json()} == {"queued", "running", "success", "failed"}
    assert {row["error_message"] for row in answer.json()} == {None, "No such file"}


@pytest.mark.parametrize("path", ["/jobs", "/runs"])
# The row of a user is kept between requests only outside of a transaction.
@pytest.mark.django_db(transaction=True)
def test_a_page_of_any_size_takes_one_query(ada, runs, django_assert_num_queries, path):
    ada("get", path)
    for limit in (1, 5):
        with django_assert_num_queries(1):
            answer = ada("get", f"{path}?limit={limit}")
        assert len(answer.json()) == limit
        assert answer.headers["X-Total-Count"] == {"/jobs": "30", "/runs": "8"}[path]


@pytest.mark.parametrize("path", ["/jobs", "/runs"])
def test_everybody_sees_their_own_projects_by_the_same_statement(ada, runs, path):
    bob = Api("bob")
    total = ada("get", path).headers["X-Total-Count"]
    assert bob("get", path).json() == []
    bobs = Membership.objects.create(project=runs[0].project, user=User.objects.get(username="bob"))
    assert bob("get", path).headers["X-Total-Count"] == total
    bobs.delete()
    assert bob("get", path).json() == []
    assert ada("get", path).headers["X-Total-Count"] == total


@pytest.mark.parametrize("path", ["/jobs", "/runs"])
def test_an_admin_sees_every_project(ada, runs, path):
    bob = Api("bob")
    User.objects.filter(username="bob").update(role=Role.ADMIN)
    cache.forget_all()
    assert bob("get", path).content == ada("get", path).content != b"[]"
    User.objects.filter(username="bob").update(role=Role.VIEWER)
    cache.forget_all()
    assert bob("get", path).json() == []


def test_an_offset_leaves_out_the_newest(ada, jobs):
    names = [row["job_name"] for row in ada("get", "/jobs?limit=2&offset=1").json()]
    assert names == ["Copy 28", "Copy 27"]

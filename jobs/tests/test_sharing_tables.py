"""Two jobs and one table: what replaces its rows for one of them would take those of the other."""

import pytest

from jobs.tests.api import Api
from jobs.tests.syncs import Sync

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sync(transactional_db, files):
    """A job that adds what is new."""
    return Sync(Api("ada", door="olake"), files).make()


def other(sync, *streams):
    return sync.api("post", "/jobs", sync.sent(*streams, name="Other"))


def test_two_jobs_that_add_may_share_a_table(sync):
    assert other(sync, sync.incremental()).status_code == 201


def test_a_job_that_replaces_the_rows_of_another_is_refused(sync):
    answer = other(sync, sync.full())
    assert answer.status_code == 409
    assert (
        "Job 'Copy' loads into the same table as stream 'main.orders'" in answer.json()["message"]
    )


def test_a_job_beside_one_that_replaces_is_refused(sync):
    sync.change(sync.full())
    assert other(sync, sync.incremental()).status_code == 409


def test_an_edit_that_would_replace_the_rows_of_another_is_refused_and_changes_nothing(sync):
    assert other(sync, sync.incremental()).status_code == 201
    before = sync.call("get", "")
    answer = sync.api("put", f"/jobs/{sync.job}", sync.sent(sync.full()))
    assert answer.status_code == 409
    assert sync.call("get", "") == before


def test_another_table_of_the_same_destination_is_nobody_elses(sync):
    assert other(sync, sync.full(destination_table="mine")).status_code == 201


def test_a_table_is_not_loaded_into_itself(sync):
    sync.copy = sync.connect("again", "destinations", "dest", file="shop")
    answer = other(sync, sync.incremental())
    assert answer.status_code == 400
    assert "the very table that it is read from" in answer.json()["message"]
    assert other(sync, sync.incremental(destination_table="copied")).status_code == 201

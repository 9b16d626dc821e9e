"""Tables that come to a source: noted or added at the start of a run, cheaply, and never fatal."""

import sqlite3

import pytest
from django.utils import timezone

from connectors import access
from connectors.errors import TransientError
from connectors.library.sqlite import Sqlite
from jobs import lifecycle, services
from jobs.models import Job, Part, Run, Trigger
from jobs.plan import Part as PlannedPart
from jobs.running import survey
from jobs.running.host import DatabaseHost
from jobs.tests.drift.changing import log_of, make_job, remake, run, things
from jobs.tests.rows import rows_of, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(files):
    """A SQLite database with one table."""
    path = files / "shop.sqlite"
    path.unlink(missing_ok=True)
    remake(path, "id INTEGER", (1,), (2,))
    return path


@pytest.fixture
def ends(ada, shop):
    """A source and a destination, by their numbers."""
    source = {"name": "shop", "source_type": "sqlite", "config": {"path": "shop.sqlite"}}
    copy = {"name": "copy", "dest_type": "duckdb", "config": {"db_path": "copy.duckdb"}}
    return {
        "source_id": ada("post", "/sources", source).json()["source_id"],
        "dest_id": ada("post", "/destinations", copy).json()["dest_id"],
    }


def test_a_new_table_is_noted_once(ada, ends, shop):
    job = make_job(ada, ends, things())
    assert run(ada, job)["new_streams"] == []
    remake(shop, "id INTEGER", table="late")
    told = run(ada, job)
    assert (told["status"], told["new_streams"]) == ("success", ["late"])
    assert [one["stream"] for one in told["streams"]] == ["things"]
    assert [level for level, text in log_of(ada, job, told) if "late" in text] == ["warning"]
    assert run(ada, job)["new_streams"] == []
    remake(shop, None, table="late")
    run(ada, job)
    remake(shop, "id INTEGER", table="late")
    assert run(ada, job)["new_streams"] == ["late"]


def test_streams_that_are_described_and_not_chosen_are_not_new(ada, ends, shop):
    remake(shop, "id INTEGER", table="other")
    config = {
        "streams": [things(), {"stream": {"name": "other"}}],
        "selected_streams": {"": [{"stream_name": "things"}]},
    }
    sent = {"name": "Copy", **ends, "frequency": "", "config": config}
    told = run(ada, ada("post", "/jobs", sent).json()["job_id"])
    assert told["new_streams"] == []


@pytest.mark.parametrize("halves", [1, 2])
def test_a_new_table_is_added_and_loaded_in_the_same_run(ada, ends, shop, files, halves):
    job = make_job(ada, ends, things(), new_streams="add")
    if halves == 2:
        config = Job.objects.get(pk=job).config
        config["selected_streams"] = {"": [{"stream_name": "things"}]}
        Job.objects.filter(pk=job).update(config=config)
    run(ada, job)
    remake(shop, "id INTEGER", (7,), (8,), (9,), table="late")
    told = run(ada, job)
    assert (told["status"], told["new_streams"]) == ("success", ["late"])
    assert [(one["stream"], one["rows_written"]) for one in told["streams"]] == [
        ("things", 2),
        ("late", 3),
    ]
    assert rows_of(files / "copy.duckdb", "SELECT count(*) FROM late") == [(3,)]
    again = run(ada, job)
    assert [one["stream"] for one in again["streams"]] == ["things", "late"]
    assert again["new_streams"] == []
    (shown,) = ada("get", "/jobs").json()
    assert shown["config"]["streams"][1]["stream"]["name"] == "late"


def test_a_table_that_fits_nowhere_is_told_and_the_rest_goes_on(ada, ends, shop):
    job = make_job(ada, ends, things(destination_table="late"), new_streams="add")
    remake(shop, "id INTEGER", (7,), table="late")
    told = run(ada, job)
    assert told["status"] == "success"
    assert any("cannot be added" in text for _, text in log_of(ada, job, told))
    assert len(told["streams"]) == 1


def test_a_job_may_not_care(ada, ends, shop):
    job = make_job(ada, ends, things(), new_streams="ignore")
    remake(shop, "id INTEGER", table="late")
    assert run(ada, job)["new_streams"] == []
    assert Job.objects.get(pk=job).surveyed_at is None


@pytest.mark.parametrize("error", [TransientError("The network is down"), RuntimeError("a bug")])
def test_a_source_that_does_not_answer_costs_a_warning(ada, ends, monkeypatch, error):
    def fail(_self):
        raise error

    monkeypatch.setattr(Sqlite, "discover", fail)
    job = make_job(ada, ends, things())
    told = run(ada, job)
    assert (told["status"], told["rows"]) == ("success", 2)
    said = [text for level, text in log_of(ada, job, told) if level == "warning"]
    assert len(said) == 1
    assert "were not looked for" in said[0]
    assert "a bug" not in said[0]


def test_a_source_that_hangs_is_interrupted(ada, ends, monkeypatch, settings):
    def hang(self):
        assert self.stopping.wait(30)
        raise TransientError("interrupted")

    settings.DISCOVER_SECONDS = 0.2
    monkeypatch.setattr(Sqlite, "discover", hang)
    job = make_job(ada, ends, things())
    told = run(ada, job)
    assert told["status"] == "success"
    assert any("no answer within" in text for _, text in log_of(ada, job, told))


def test_one_run_asks_once_and_a_schedule_not_at_each_run(ada, ends, shop, monkeypatch):
    asked = []
    discover = Sqlite.discover
    monkeypatch.setattr(Sqlite, "discover", lambda self: asked.append(1) or discover(self))
    remake(shop, "id INTEGER", (1,), table="more")
    job = Job.objects.get(pk=make_job(ada, ends, things(), {"stream": {"name": "more"}}))

    def run_by_schedule():
        started = services.start_scheduled_run(job=job)
        work(Part.objects.filter(run=started).values_list("pk", flat=True))
        assert Run.objects.get(pk=started.pk, trigger=Trigger.SCHEDULER).status == "succeeded"

    run_by_schedule()
    assert len(asked) == 1
    run_by_schedule()
    assert len(asked) == 1
    Job.objects.filter(pk=job.pk).update(surveyed_at=timezone.now() - 2 * survey.EVERY)
    run_by_schedule()
    assert len(asked) == 2


def test_a_thousand_new_tables_join_at_once(ada, ends, shop):
    with sqlite3.connect(shop) as db:
        for number in range(1000):
            db.execute(f"CREATE TABLE t{number} (id INTEGER)")
    db.close()
    job = make_job(ada, ends, things(), new_streams="add")
    started = ada("post", f"/jobs/{job}/run").json()["run_id"]
    (part,) = Part.objects.filter(run__uuid=started)
    joined = survey_of(part)
    assert len(joined) == 1000
    assert Part.objects.filter(run=part.run).count() == 1001


def survey_of(part):
    """Be the worker that takes a part, until it has asked for new streams."""
    host = DatabaseHost(lifecycle.claim_part(part.pk, host="here", pid=1))
    host.access = access.installation()
    return survey.Survey(host, PlannedPart.model_validate(host.stored)).run()

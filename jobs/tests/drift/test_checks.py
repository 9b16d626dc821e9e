"""After a load the target holds what was sent, and the history says how that was seen."""

import contextlib
import sqlite3

import psycopg
import pytest

from connectors.tests.postgres.conftest import settings_of
from jobs import services
from jobs.models import Checkpoint, Job, Part, Run
from jobs.tests.drift.changing import make_job, remake, run, things
from jobs.tests.rows import work

pytestmark = pytest.mark.django_db(transaction=True)

COLUMNS = (
    "id INTEGER, name TEXT, price DECIMAL_TEXT(10,2), day DATE, at TIMESTAMP, raw BLOB, ok BOOLEAN"
)
ROWS = [
    (1, "a", "1.50", "2026-01-01", "2026-01-01 10:00:00.000001", b"\x00", 1),
    (2, None, "0.00", None, None, b"", 0),
    (3, "é", None, "1999-12-31", "1999-12-31 23:59:59.000000", None, None),
]


@pytest.fixture
def shop(files):
    """A SQLite database with one table of many types."""
    path = files / "shop.sqlite"
    path.unlink(missing_ok=True)
    remake(path, COLUMNS, *ROWS)
    return path


@pytest.fixture
def make_ends(ada, shop, files, tmp_path_factory, request):
    """Make the source, and a destination of a kind."""

    def make(kind):
        fresh = tmp_path_factory.mktemp("copy").name
        settings = {
            "duckdb": lambda: {"db_path": "copy.duckdb"},
            "sqlite": lambda: {"path": f"{fresh}.sqlite"},
            "parquet": lambda: {"path": fresh},
            "delta": lambda: {"path": fresh},
            "csv": lambda: {"path": fresh},
            "iceberg": lambda: {"uri": f"{fresh}/catalog.sqlite3", "warehouse": f"{fresh}/w"},
            "postgres": lambda: settings_of(request.getfixturevalue("postgres_url")),
            "mysql": lambda: settings_of(request.getfixturevalue("mysql_url")),
        }[kind]()
        source = {"name": "shop", "source_type": "sqlite", "config": {"path": "shop.sqlite"}}
        copy = {"name": "copy", "dest_type": kind, "config": settings}
        return {
            "source_id": ada("post", "/sources", source).json()["source_id"],
            "dest_id": ada("post", "/destinations", copy).json()["dest_id"],
        }

    return make


def checks_of(told):
    """Return the checks of the one stream, by name."""
    (stream,) = told["streams"]
    return {check["name"]: check for check in stream["checks"]}


def test_rows_are_counted_always(ada, make_ends):
    job = make_job(ada, make_ends("duckdb"), things())
    expected = {"name": "rows", "passed": True, "expected": "3", "found": "3"}
    assert checks_of(run(ada, job)) == {"rows": expected}


@pytest.mark.parametrize(
    "kind", ["duckdb", "sqlite", "parquet", "delta", "iceberg", "postgres", "mysql"]
)
def test_checksums_of_a_full_refresh_are_compared(ada, make_ends, kind):
    job = make_job(ada, make_ends(kind), things(), checksums=True)
    for _ in range(2):
        told = run(ada, job)
        assert told["status"] == "success", told["error"]
        checks = checks_of(told)
        assert checks["checksums"]["passed"] is True, checks
        assert checks["checksums"]["expected"] == checks["checksums"]["found"]
        assert list(checks) == ["rows", "checksums"]


@pytest.mark.parametrize("kind", ["duckdb", "sqlite", "parquet", "postgres"])
def test_checksums_of_what_is_added_include_what_was_there(ada, make_ends, shop, kind):
    stream = things(sync_mode="incremental", cursor_field="id", append_mode=True, checksums=True)
    job = make_job(ada, make_ends(kind), stream)
    run(ada, job)
    with contextlib.closing(sqlite3.connect(shop)) as db:
        db.execute("INSERT INTO things (id, name) VALUES (4, 'd')")
        db.commit()
    told = run(ada, job)
    assert (told["status"], told["rows"]) == ("success", 1)
    checks = checks_of(told)
    assert checks["checksums"]["passed"] is True, checks
    assert checks["checksums"]["expected"].startswith("4 rows")


SPOIL = """
CREATE FUNCTION spoil() RETURNS trigger AS
    'BEGIN NEW.name := upper(NEW.name); RETURN NEW; END' LANGUAGE plpgsql;
CREATE TRIGGER spoil BEFORE INSERT ON things FOR EACH ROW EXECUTE FUNCTION spoil();
"""


def test_a_target_that_holds_something_else_fails_loudly_each_time(
    ada, make_ends, shop, postgres_url
):
    stream = things(sync_mode="incremental", cursor_field="id", append_mode=True, checksums=True)
    job = make_job(ada, make_ends("postgres"), stream)
    run(ada, job)
    with psycopg.connect(postgres_url, autocommit=True) as db:
        db.execute(SPOIL)
    with contextlib.closing(sqlite3.connect(shop)) as db:
        db.execute("INSERT INTO things (id, name) VALUES (4, 'd')")
        db.commit()
    told = run(ada, job)
    for _ in range(2):
        assert told["status"] == "failed"
        (found,) = told["streams"]
        assert "does not hold what was sent" in found["error"]
        assert "checksum of 'name'" in found["error"]
        checks = checks_of(told)
        assert checks["checksums"]["passed"] is False
        assert checks["checksum of 'name'"]["passed"] is False
        assert not {"checksum of 'id'", "checksum of 'price'"} & set(checks)
        # Tried again, the rows are not loaded twice and the difference is told once more.
        again = services.retry_run(
            run=Run.objects.get(pk=told["id"]), by=Job.objects.get().created_by
        )
        work(again.parts.values_list("pk", flat=True))
        told = ada("get", f"/jobs/{job}/history").json()["data"][0]
    with psycopg.connect(postgres_url) as db:
        assert db.execute("SELECT count(*) FROM things").fetchone() == (4,)


def test_an_upsert_tells_that_its_rows_are_not_compared(ada, make_ends):
    stream = things(write_mode="upsert", primary_key=["id"])
    job = make_job(ada, make_ends("duckdb"), stream, checksums=True)
    checks = checks_of(run(ada, job))
    assert checks["checksums"]["passed"] is None
    assert "upsert merges rows" in checks["checksums"]["found"]


@pytest.mark.parametrize(
    ("kind", "stream", "told"),
    [
        ("csv", things(checksums=True), "reading csv back"),
        ("duckdb", things(checksums=True, write_mode="upsert", primary_key=["id"]), "merges"),
    ],
)
def test_checksums_that_nobody_could_compare_are_refused(ada, make_ends, kind, stream, told):
    config = {"streams": [stream]}
    sent = {"name": "Copy", **make_ends(kind), "frequency": "", "config": config}
    answer = ada("post", "/jobs", sent)
    assert answer.status_code == 400
    assert told in answer.json()["message"]
    assert "leave checksums out" in answer.json()["message"]
    assert not Part.objects.exists()


def test_a_checkpoint_tells_of_neither_columns_nor_sums_in_its_state(ada, make_ends):
    job = make_job(ada, make_ends("duckdb"), things(), checksums=True)
    run(ada, job)
    assert not {"columns", "sums"} & set(Checkpoint.objects.get().state)

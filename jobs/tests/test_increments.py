"""Incremental streams of sync jobs: cursors, windows and filters from the request to the rows."""

import pytest

from jobs.compiling import compile_job
from jobs.models import Job
from jobs.tests.rows import make_table, rows_of
from jobs.tests.test_sync_jobs import ada, body, ends, run, shop, stream  # noqa: F401 -- fixtures

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = """SELECT * FROM (VALUES
    (1, TIMESTAMP '2026-01-01 12:00:00', 10, 'kept'), (2, NULL, 20, 'kept'),
    (3, TIMESTAMP '2026-01-01 12:00:00', 30, 'left'), (4, NULL, NULL, 'kept')
) AS t (id, seen, number, kind)"""
LATER = f"""{FIRST} UNION ALL SELECT * FROM (VALUES
    (5, TIMESTAMP '2026-01-01 11:30:00', 1, 'kept'), (6, TIMESTAMP '2026-01-01 10:00:00', 1, 'kept'),
    (7, NULL, 20, 'kept'), (8, NULL, 19, 'kept'), (9, NULL, NULL, 'kept'), (10, NULL, 99, 'left')
)"""


def chosen(**said):
    return stream(
        sync_mode="incremental",
        cursor_field="seen:number",
        look_back="1h",
        filter_config={
            "logical_operator": "AND",
            "conditions": [{"column": "kind", "operator": "=", "value": "kept"}],
        },
        **said,
    )


def test_an_appending_stream_loses_and_doubles_nothing(ada, ends, shop, files):  # noqa: F811
    make_table(shop, "orders", FIRST)
    job = ada("post", "/jobs", body(ends, chosen())).json()["job_id"]
    assert run(ada, job).rows == 3
    make_table(shop, "orders", LATER)
    assert run(ada, job).rows == 3
    assert run(ada, job).rows == 0
    found = rows_of(files / "copy.duckdb", "SELECT id FROM orders ORDER BY id")
    assert found == [(1,), (2,), (4,), (5,), (7,), (9,)]
    # What does not fit is not even read.
    told = ada("get", f"/jobs/{job}/history").json()["data"]
    assert sorted(one["streams"][0]["rows_read"] for one in told) == [0, 3, 3]


def test_rows_may_repeat_only_where_they_are_merged(ada, ends):  # noqa: F811
    for said, repeats in (({"primary_key": ["id"]}, True), ({}, None)):
        config = {"streams": [chosen(**said)]}
        sent = body(ends, config=config, name=f"repeats {repeats}")
        job = Job.objects.get(pk=ada("post", "/jobs", sent).json()["job_id"])
        (extract,) = compile_job(job).parts[0].of_kind("extract")
        assert extract.options.get("may_repeat") is repeats
        assert extract.options["second_cursor"] == "number"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"look_back": "soon"}, "'soon' is no window to look back"),
        ({"null_cursors": "perhaps"}, "null_cursors: Input should be 'read', 'skip' or 'refuse'"),
        ({"filter": {"column": "id", "operator": "almost", "value": 1}}, "operator"),
    ],
)
def test_what_cannot_be_meant_is_refused_when_it_is_saved(ada, ends, said, told):  # noqa: F811
    wrong = stream(sync_mode="incremental", cursor_field="seen", **said)
    answer = ada("post", "/jobs", body(ends, wrong))
    assert answer.status_code == 400
    assert told in answer.json()["message"]


def test_a_source_that_knows_no_window_says_so(ada, ends, files):  # noqa: F811
    (files / "p.csv").write_text("id\n1\n")
    source = {"name": "files", "source_type": "csv", "config": {"path": "p.csv"}}
    number = ada("post", "/sources", source).json()["source_id"]
    said = {"sync_mode": "incremental", "cursor_field": "_last_modified_time", "look_back": "2h"}
    wrong = {"stream": {"name": "p.csv", "options": {}, **said}}
    answer = ada("post", "/jobs", body({**ends, "source_id": number}, wrong))
    assert answer.status_code == 400
    assert "csv does not offer look_back" in answer.json()["message"]
    wrong["stream"] = {"name": "p.csv", "sync_mode": "incremental", "cursor_field": "id"}
    answer = ada("post", "/jobs", body({**ends, "source_id": number}, wrong))
    assert "stream 'p.csv': cursor: Input should be '_last_modified" in answer.json()["message"]

"""How the api connector is checked, discovered and read from where it ended."""

import json
import threading
import time

import polars as pl
import pytest

from connectors.errors import ConfigError, DataError
from connectors.tests.api.answers import PEOPLE, as_json, in_pages
from tests.servers.http import Reply, replies


def test_a_check_tells_what_works_and_what_does_not(opened, server):
    server.routes["/"] = replies(as_json(PEOPLE))
    report = opened()[0].check()
    assert report.passed
    assert report.details["status"] == 200
    server.routes["/"] = replies(Reply(b"<html>"))
    report = opened()[0].check()
    assert [(check.name, check.passed) for check in report.checks] == [
        ("request", True),
        ("json", False),
    ]
    server.routes["/"] = replies(Reply(b"", 401))
    (failed,) = opened()[0].check().checks
    assert "401" in failed.message
    assert failed.hint
    server.routes["/ping"] = replies(Reply(b"{}"))
    assert opened({"check_path": "ping"})[0].check().passed


def test_a_check_ends_in_time_when_the_server_does_not_answer(opened, server):
    gate = threading.Event()
    server.routes["/"] = lambda _request: gate.wait(90) and Reply()
    began = time.monotonic()
    report = opened()[0].check()
    assert not report.passed
    assert time.monotonic() - began < 30
    gate.set()


def test_the_one_stream_of_a_url_is_discovered_with_its_columns(opened, server):
    server.routes["/v1/people"] = replies(as_json({"data": PEOPLE}))
    (stream,) = opened({"url": "/v1/people"})[0].discover()
    assert (stream.name, stream.schema) == ("people", {"id": pl.Int64, "name": pl.String})


def test_an_increment_begins_at_the_greatest_value_that_was_loaded(opened, server):
    def answer(request):
        since = int(request.params.get("since", 0))
        return as_json([person for person in PEOPLE if person["id"] > since])

    server.routes["/"] = answer
    config = {"cursor_field": "id", "cursor_param": "since"}
    api, options = opened(config)
    first = api.scan(options)
    assert first.frame.collect().height == 3
    state = json.loads(json.dumps(first.state()))
    assert state["cursor"] == 3
    second = api.scan(options, state)
    frame = second.frame.collect()
    assert (frame.height, frame.schema) == (0, {"id": pl.Int64, "name": pl.String})
    assert second.state() == state
    assert server.requests[-1].params["since"] == "3"


@pytest.mark.parametrize(
    ("values", "greatest"),
    [
        ([1, 10, 9, None], 10),
        (["9", "10"], "10"),
        (["2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00Z"], "2026-01-01T00:00:00.5Z"),
        (["2026-01-01T01:00:00+02:00", "2026-01-01T00:00:00Z"], "2026-01-01T00:00:00Z"),
        (["b", "a"], "b"),
        ([1.5, 1], 1.5),
    ],
)
def test_the_greatest_value_is_found_by_meaning(opened, server, values, greatest):
    server.routes["/"] = replies(as_json([{"at": value} for value in values]))
    api, options = opened({"cursor_field": "at", "cursor_param": "since"})
    extraction = api.scan(options)
    extraction.frame.collect()
    assert extraction.state()["cursor"] == greatest


def test_values_without_one_order_cannot_lead_an_increment(opened, server):
    server.routes["/"] = replies(as_json([{"at": "2026-01-01"}, {"at": "soon"}]))
    api, options = opened({"cursor_field": "at", "cursor_param": "since"})
    with pytest.raises(DataError, match="cannot be put in one order"):
        api.scan(options).frame.collect()
    api, options = opened({"cursor_field": "when", "cursor_param": "since"})
    with pytest.raises(ConfigError, match="No record has 'when'"):
        api.scan(options)


def test_the_state_does_not_move_before_everything_was_read(opened, server):
    server.routes["/"] = in_pages(PEOPLE, 1)
    config = {"cursor_field": "id", "cursor_param": "since", "pagination": "page"}
    api, options = opened({**config, "sample_records": 1})
    before = {"cursor": 0, "types": {"id": "int64", "name": "string"}}
    extraction = api.scan(options, before)
    assert extraction.state() == before
    extraction.frame.head(1).collect(engine="streaming")
    assert extraction.state() == before
    api, options = opened({**config, "max_records": 2})
    limited = api.scan(options, before)
    assert limited.frame.collect().height == 2
    assert limited.state() == before, "what lies behind the limit may be older"

"""What a log line looks like when a program reads it."""

import json
import logging

from config.logs import JSONFormatter, Secrets, logging_settings


def test_a_line_is_one_json_object_with_its_extras():
    record = logging.makeLogRecord(
        {"name": "jobs", "levelname": "INFO", "msg": "run %s ended", "args": (7,), "run": 7}
    )
    line = json.loads(JSONFormatter().format(record))
    assert line.pop("time").endswith("+00:00")
    assert line == {"level": "INFO", "logger": "jobs", "message": "run 7 ended", "run": 7}


def test_a_traceback_stays_in_its_line():
    try:
        raise ValueError("no such column")
    except ValueError as error:
        record = logging.makeLogRecord({"exc_info": (type(error), error, error.__traceback__)})
    text = JSONFormatter().format(record)
    assert "\n" not in text
    assert "no such column" in json.loads(text)["traceback"]


def test_the_level_and_the_style_are_the_operators_choice():
    chosen = logging_settings(level="ERROR", style="json")
    assert chosen["root"]["level"] == "ERROR"
    assert chosen["handlers"]["stderr"]["formatter"] == "json"


def test_no_line_tells_the_id_of_a_poll_or_the_query_of_a_request():
    record = logging.makeLogRecord(
        {
            "msg": "%s: %s",
            "args": ("Not Found", "/api/v1/auth/poll/6a3c1c8e-9a61?x=1"),
            "request": "<WSGIRequest: GET '/api/v1/auth/github/callback?code=secret'>",
        }
    )
    assert Secrets().filter(record)
    line = JSONFormatter().format(record)
    assert json.loads(line)["message"] == "Not Found: /api/v1/auth/poll/…?x=1"
    assert "secret" not in line
    chosen = logging_settings(level="INFO", style="json")
    assert "secrets" in chosen["handlers"]["stderr"]["filters"]

"""Lists and rendering: bare arrays, limits, totals, times."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import orjson
import pytest
from django.test import Client
from django.utils.functional import lazystr

from accounts.models import User
from config.api.renderers import JSONRenderer, dump, utc

pytestmark = pytest.mark.urls("config.api.tests.routes")


@pytest.fixture
def users(db):
    for name in "abcde":
        User.objects.create_user(name)


def names(query: str) -> tuple[str, str]:
    answer = Client().get(f"/users{query}")
    assert answer.status_code == 200, answer.content
    return "".join(row["username"] for row in answer.json()), answer.headers["X-Total-Count"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "edcba"),
        ("?limit=2", "ed"),
        ("?limit=2&offset=2", "cb"),
        ("?offset=4", "a"),
        ("?limit=5", "edcba"),
        ("?offset=5", ""),
        ("?offset=99&limit=1", ""),
    ],
)
def test_a_list_is_a_bare_array_newest_first_with_its_total(users, query, found):
    assert names(query) == (found, "5")


def test_an_empty_list_is_an_empty_array(db):
    assert names("") == ("", "0")


def test_a_page_that_is_the_last_needs_no_count(users, django_assert_num_queries):
    with django_assert_num_queries(1):
        names("?limit=6")
    with django_assert_num_queries(2):
        names("?limit=1")


@pytest.mark.parametrize("name", ["limit", "offset"])
@pytest.mark.parametrize("value", ["-1", "x", "1.5", "1_0", "%201", "²", "1" * 30])
def test_a_bad_number_is_400_and_named(db, name, value):
    answer = Client().get(f"/users?{name}={value}")
    assert answer.status_code == 400
    assert answer.json()["details"]["field"] == name
    assert "whole number" in answer.json()["message"]


@pytest.mark.parametrize("value", ["0", "1001"])
def test_a_limit_has_limits(db, value):
    assert Client().get(f"/users?limit={value}").status_code == 400


def test_times_are_sent_in_utc_with_a_z():
    moment = datetime(2026, 1, 20, 10, 30, tzinfo=UTC)
    assert dump({"at": moment}) == b'{"at":"2026-01-20T10:30:00Z"}'
    assert utc(moment.astimezone(timezone(timedelta(hours=2)))) == "2026-01-20T10:30:00Z"
    assert utc(datetime(2026, 1, 20, 10, 30)) == "2026-01-20T10:30:00Z"


def test_what_json_does_not_know_is_sent_as_text_or_list():
    data = {
        "id": UUID(int=1),
        "price": Decimal("1.10"),
        "day": date(2026, 1, 20),
        "took": timedelta(seconds=1.5),
        "lazy": lazystr("text"),
        "names": (name for name in "ab"),
        "set": {1},
        7: None,
    }
    assert orjson.loads(dump(data)) == {
        "id": "00000000-0000-0000-0000-000000000001",
        "price": "1.10",
        "day": "2026-01-20",
        "took": 1.5,
        "lazy": "text",
        "names": ["a", "b"],
        "set": [1],
        "7": None,
    }


def test_an_integer_of_more_than_64_bits_keeps_its_value():
    assert dump([2**70]) == f"[{2**70}]".encode()


def test_an_object_without_a_form_is_an_error_and_not_its_address():
    with pytest.raises(TypeError, match="object has no JSON form"):
        dump(object())


def test_nothing_is_rendered_as_nothing():
    assert JSONRenderer().render(None) == b""

"""One's own sessions and API keys over the API."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey, AuditEvent, Session, User
from accounts.services import create_key, open_session, register
from jobs.tests.api import Api

# What ends is forgotten when the transaction ends.
pytestmark = pytest.mark.django_db(transaction=True)
SESSIONS, KEYS = "/api/v1/sessions", "/api/v1/api-keys"


@pytest.fixture
def ada(db):
    return Api("ada")


@pytest.fixture
def user(ada):
    return User.objects.get()


def with_key(key):
    """Return a client of the API that brings a key."""
    api = Api()
    api.client = Client(headers={"X-API-Key": key})
    return api


def soon(**distance):
    return (timezone.now() + timedelta(**distance)).isoformat()


def test_ones_sessions_are_listed_newest_first_and_nobody_elses(ada, user):
    other = open_session(user=user, door="etl")
    over = open_session(user=user, door="etl")
    Session.objects.filter(pk=over.pk).update(ended_at=timezone.now())
    open_session(user=register(username="bob", password="correct horse"), door="orc")
    answer = ada("get", SESSIONS)
    assert [(row["door"], row["is_current"]) for row in answer.json()] == [
        ("etl", False),
        ("orc", True),
    ]
    assert answer.json()[0]["id"] == str(other.uuid)
    assert answer.headers["X-Total-Count"] == "2"


def test_a_session_tells_no_secret_of_its_tokens(ada):
    assert ada("get", SESSIONS).json()[0].keys() == {
        *("id", "door", "address", "agent", "created_at", "last_used_at", "expires_at"),
        "is_current",
    }


def test_a_session_that_is_ended_lets_nobody_in(ada, user):
    (mine,) = ada("get", SESSIONS).json()
    other = open_session(user=user, door="etl")
    assert ada("delete", f"{SESSIONS}/{other.uuid}").status_code == 204
    assert ada("delete", f"{SESSIONS}/{other.uuid}").status_code == 404
    assert ada("delete", f"{SESSIONS}/{mine['id']}").status_code == 204
    assert ada("get", SESSIONS).status_code == 401


def test_nobody_ends_a_session_of_somebody_else(ada):
    theirs = open_session(user=register(username="bob", password="correct horse"), door="orc")
    assert ada("delete", f"{SESSIONS}/{theirs.uuid}").status_code == 404
    theirs.refresh_from_db()
    assert theirs.is_live


def test_all_other_sessions_end_at_once(ada, user):
    for _ in range(3):
        open_session(user=user, door="etl")
    assert ada("delete", SESSIONS).status_code == 204
    assert [row["is_current"] for row in ada("get", SESSIONS).json()] == [True]
    assert AuditEvent.objects.filter(action="session.ended", actor_name="ada").count() == 3


def test_a_key_is_shown_once_and_lets_in(ada):
    answer = ada("post", KEYS, {"name": "CI"})
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    made = answer.json()
    key = made.pop("key")
    assert key.startswith(made["prefix"])
    assert made["scopes"] == ["read", "write"]
    assert with_key(key)("get", "/jobs").status_code == 200
    for path in (KEYS, f"{KEYS}/{made['id']}"):
        shown = ada("get", path)
        assert key.encode() not in shown.content
        assert ApiKey.objects.get().digest.encode() not in shown.content
    assert ada("get", KEYS).json() == [ada("get", f"{KEYS}/{made['id']}").json()]
    assert ada("get", KEYS).json()[0] | {"last_used_at": None} == made


def test_a_key_that_is_deleted_lets_nobody_in(ada):
    made = ada("post", KEYS, {"name": "CI"}).json()
    path = f"{KEYS}/{made['id']}"
    assert with_key(made["key"])("get", "/jobs").status_code == 200
    assert ada("delete", path).status_code == 204
    assert with_key(made["key"])("get", "/jobs").status_code == 401
    assert ada("get", path).status_code == ada("delete", path).status_code == 404
    assert ada("get", KEYS).json() == []


def test_an_unknown_scope_is_refused_with_the_known_ones(ada):
    answer = ada("post", KEYS, {"name": "CI", "scopes": ["read", "everything"]})
    assert answer.status_code == 400
    assert "everything is no scope; the scopes are read, write, account" in answer.json()["message"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": "read"}, "scopes"),
        ({"scopes": None}, "scopes"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "tomorrow"}, "expires_at"),
    ],
)
def test_a_wrong_key_is_refused_by_its_field(ada, changes, field):
    answer = ada("post", KEYS, {"name": "CI", **changes})
    assert answer.status_code == 400
    assert answer.json()["details"]["field"].startswith(field)
    assert not ApiKey.objects.exists()


def test_a_key_makes_no_key_that_may_do_more(ada, user):
    _, key = create_key(user=user, name="CI", scopes=["read", "account"])
    api = with_key(key)
    answer = api("post", KEYS, {"name": "More", "scopes": ["read", "write"]})
    assert (answer.status_code, answer.json()["message"]) == (
        403,
        "This API key lacks the scope write, so it cannot give it",
    )
    assert api("post", KEYS, {"name": "More"}).status_code == 403
    assert api("post", KEYS, {"name": "Same", "scopes": ["account", "read"]}).status_code == 201


def test_a_key_makes_no_key_that_outlives_it(ada, user):
    end = timezone.now() + timedelta(days=1)
    _, key = create_key(user=user, name="CI", scopes=["account"], expires_at=end)
    api, sent = with_key(key), {"name": "Next", "scopes": ["account"]}
    for late in (None, soon(days=2)):
        answer = api("post", KEYS, {**sent, "expires_at": late})
        assert (answer.status_code, "outlives" in answer.json()["message"]) == (403, True)
    assert api("post", KEYS, {**sent, "expires_at": soon(hours=2)}).status_code == 201


def test_a_key_is_nobody_elses_business(ada):
    theirs, _ = create_key(user=register(username="bob", password="correct horse"), name="Theirs")
    for method in ("get", "delete"):
        answer = ada(method, f"{KEYS}/{theirs.uuid}")
        assert answer.status_code == 404
        assert b"Theirs" not in answer.content
    assert ada("get", KEYS).json() == []


def test_making_and_ending_a_key_is_written_down_without_the_key(ada):
    made = ada("post", KEYS, {"name": "CI", "scopes": ["read"]}).json()
    ada("delete", f"{KEYS}/{made['id']}")
    events = AuditEvent.objects.filter(object_type="apikey").order_by("id")
    assert [(event.action, event.data) for event in events] == [
        ("api_key.created", {"scopes": ["read"]}),
        ("api_key.revoked", {}),
    ]
    assert made["key"] not in str(list(events.values()))

"""Who one is, and what one may change about that."""

import pytest

from accounts import cache, services
from accounts.models import AuditEvent, Ending, Session, User
from accounts.tests.doors import PASSWORD, get, post, send
from accounts.tests.tokens import token_of
from config.api.examples import example

JOHN = example("etl-builder", "POST /auth/register", "request")
NEW = "another password"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def john():
    return services.register(
        username=JOHN["username"],
        email=JOHN["email"],
        password=JOHN["password"],
        name=JOHN["full_name"],
    )


@pytest.fixture
def token(john):
    return token_of(john, door="etl")


@pytest.mark.parametrize("path", ["/api/v1/auth/me", "/api/v1/auth/me/"])
def test_me_is_the_etl_builders_object_and_the_same_for_the_modelling_client(john, token, path):
    services.change_profile(user=john, by=john, role="developer")
    answer = get(path, token=token)
    assert answer.status_code == 200
    shown = answer.json()
    expected = example("etl-builder", "GET /auth/me", "response") | {"id": str(john.uuid)}
    nested = shown.pop("user")
    assert shown == expected
    assert nested == expected | {"name": "John Doe"}


@pytest.mark.parametrize("path", ["/api/v1/users/me", "/api/v1/users/me/"])
def test_karyaksham_finds_id_and_email(john, token, path):
    shown = get(path, token=token).json()
    expected = example("karyaksham", "GET /users/me", "response")
    assert shown.keys() >= expected.keys()
    assert (shown["id"], shown["email"]) == (str(john.uuid), JOHN["email"])


def test_who_has_no_full_name_is_called_as_they_log_in():
    token = token_of(services.register(username="ada", password=PASSWORD))
    shown = get("/api/v1/auth/me", token=token).json()
    assert (shown["full_name"], shown["email"], shown["user"]["name"]) == ("", None, "ada")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/api/v1/auth/me"),
        ("get", "/api/v1/users/me"),
        ("patch", "/api/v1/users/me"),
        ("put", "/api/v1/users/me"),
        ("post", "/api/v1/auth/password"),
    ],
)
@pytest.mark.parametrize("token", ["", "x.y.z"])
def test_nobody_is_told_and_changes_nothing(method, path, token, settings):
    settings.OPEN_ACCESS = True
    body = None if method == "get" else {}
    assert send(method, path, body, token=token).status_code == 401


# --- Changing oneself ------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["patch", "put"])
def test_one_changes_what_one_sends_and_nothing_else(john, token, method):
    answer = send(method, "/api/v1/users/me", {"full_name": "Johnny"}, token=token)
    assert answer.status_code == 200
    assert answer.json()["full_name"] == "Johnny"
    john.refresh_from_db()
    assert (john.username, john.email, john.name) == ("john_doe", "john@example.com", "Johnny")
    assert get("/api/v1/auth/me", token=token).json()["user"]["name"] == "Johnny"
    event = AuditEvent.objects.get(action="user.changed")
    assert (event.actor_name, event.data) == ("john_doe", {"fields": ["name"]})


@pytest.mark.parametrize(
    ("body", "field", "value"),
    [
        ({"name": "J"}, "name", "J"),
        ({"full_name": ""}, "name", ""),
        ({"email": " J@Example.ORG "}, "email", "J@example.org"),
        ({"email": None}, "email", None),
        ({"email": ""}, "email", None),
        ({"username": "ﬁn"}, "username", "fin"),
        ({"username": None}, "username", None),
        ({"username": "JOHN_DOE"}, "username", "JOHN_DOE"),
        ({"role": "admin"}, "role", "viewer"),
        ({"is_active": False}, "is_active", True),
    ],
)
def test_a_change_is_stored_as_a_sign_up_would_store_it(john, token, body, field, value):
    assert send("patch", "/api/v1/users/me", body, token=token).status_code == 200
    john.refresh_from_db()
    assert getattr(john, field) == value


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "ADA"}, "username"),
        ({"username": "ada@example.org"}, "username"),
        ({"email": "Ada@example.org"}, "email"),
        ({"email": "no email"}, "email"),
        ({"username": "local"}, "username"),
        ({"username": "a\tb"}, "username"),
        ({"full_name": 5}, "full_name"),
    ],
)
def test_what_is_taken_or_unfit_is_400_and_changes_nothing(john, token, body, field):
    services.register(username="ada", email="ada@example.org", password=PASSWORD)
    answer = send("patch", "/api/v1/users/me", body, token=token)
    assert answer.status_code == 400
    john.refresh_from_db()
    assert (john.username, john.email) == ("john_doe", "john@example.com")
    # The constraint on the name of the built-in user speaks of no field.
    if body != {"username": "local"}:
        assert [fault["field"] for fault in answer.json()["errors"]] == [field]


def test_one_keeps_a_name_or_an_email(token):
    body = {"username": None, "email": None}
    answer = send("patch", "/api/v1/users/me", body, token=token)
    assert answer.status_code == 400
    assert answer.json()["message"] == "A user needs a username or an email."


def test_a_key_that_may_write_may_not_change_the_account(john):
    _, key = services.create_key(user=john, name="robot")
    assert get("/api/v1/users/me", token=key).status_code == 200
    body = {"email": "thief@example.org"}
    assert send("patch", "/api/v1/users/me", body, token=key).status_code == 403
    passwords = {"current_password": JOHN["password"], "new_password": NEW}
    assert post("/api/v1/auth/password", passwords, token=key).status_code == 403
    _, key = services.create_key(user=john, name="robot", scopes=["account"])
    assert send("patch", "/api/v1/users/me", body, token=key).status_code == 200


# --- The password ----------------------------------------------------------------------------


def change(token: str, current: str = JOHN["password"], new: str = NEW):
    body = {"current_password": current, "new_password": new}
    return post("/api/v1/auth/password", body, token=token)


def test_a_new_password_ends_every_other_session(john, token):
    other = token_of(john)
    assert change(token).status_code == 204
    assert get("/api/v1/auth/me", token=token).status_code == 200
    assert get("/api/v1/auth/me", token=other).status_code == 401
    assert Session.objects.exclude(ended_at=None).get().ended_why == Ending.PASSWORD
    assert services.log_in(identifier="john_doe", password=NEW, door="etl")
    actions = AuditEvent.objects.values_list("action", flat=True)
    assert "user.password_changed" in actions
    assert NEW not in str(list(AuditEvent.objects.values()))


def test_a_key_for_the_account_ends_every_session(john, token):
    _, key = services.create_key(user=john, name="robot", scopes=["account"])
    assert change(key).status_code == 204
    assert get("/api/v1/auth/me", token=token).status_code == 401


def test_a_wrong_current_password_is_400_and_written_down(john, token):
    answer = change(token, current="not the password")
    assert answer.status_code == 400
    assert answer.json()["details"] == {
        "field": "current_password",
        "reason": "This is not your password",
    }
    assert User.objects.get().check_password(JOHN["password"])
    assert AuditEvent.objects.filter(action="user.password_refused").count() == 1


@pytest.mark.parametrize("new", ["short", "", None, 12345678, "x" * 4097])
def test_a_new_password_that_is_unfit_is_400(john, token, new):
    answer = change(token, new=new)
    assert answer.status_code == 400
    assert answer.json()["details"]["field"] == "new_password"
    assert User.objects.get().check_password(JOHN["password"])


def test_guesses_at_the_current_password_are_held_up_as_log_ins_are(token, settings):
    settings.LOGIN_FAILURES = "3/15min"
    assert [change(token, current="wrong").status_code for _ in range(4)] == [400, 400, 400, 429]
    answer = change(token)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert User.objects.get().check_password(JOHN["password"])


def test_who_has_no_password_cannot_set_one_with_an_open_session(john, token):
    john.set_unusable_password()
    john.save()
    cache.forget_all()
    assert change(token, current="!").status_code == 400

"""Sign up, log in and the check of who is logged in, by the examples of the Olake contract."""

import jwt
import pytest

from accounts import services
from accounts.models import AuditEvent, Project, User
from accounts.tests.doors import PASSWORD, get, post
from accounts.tests.tokens import token_of
from config.api.examples import example

SIGN_UP, LOG_IN = (example("olake", f"POST {path}", "request") for path in ("/signup", "/login"))
# The contract prints types; these are values of them.
ADA = {"name": "Ada Lovelace", "email": "ada@example.org", "password": PASSWORD}

pytestmark = pytest.mark.django_db


def keys(value):
    """Return the keys of an answer, those below it included."""
    if isinstance(value, dict):
        return {key: keys(inner) for key, inner in value.items()}
    return None


@pytest.fixture
def ada():
    assert ADA.keys() == SIGN_UP.keys()
    answer = post("/signup", ADA)
    assert answer.status_code == 201
    return User.objects.get()


@pytest.fixture
def answer(ada):
    body = {key: ADA[key] for key in LOG_IN}
    return post("/login", body)


def test_the_contracts_sign_up_makes_a_user(ada):
    answer = post("/signup", ADA | {"email": "bob@example.org", "name": "Bob"})
    assert answer.status_code == 201
    shown = answer.json()
    assert shown.keys() == example("olake", "POST /signup", "response").keys()
    assert shown == {"id": ada.pk + 1, "name": "Bob", "email": "bob@example.org"}
    assert isinstance(shown["id"], int)
    assert answer.headers["Cache-Control"] == "no-store"
    assert Project.objects.personal_of(User.objects.get(pk=shown["id"]))


def test_the_contracts_log_in_answers_a_token_and_the_user(ada, answer):
    assert answer.status_code == 200
    shown = answer.json()
    printed = example("olake", "POST /login", "response")
    assert shown["user"] == {"id": ada.pk, "email": ADA["email"], "name": ADA["name"]}
    assert keys(shown).items() >= keys(printed).items()
    assert shown["project_id"] == Project.objects.personal_of(ada).pk
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_token_lives_a_day_and_can_be_refreshed_all_the_same(answer):
    shown = answer.json()
    claims = jwt.decode(shown["token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == shown["expires_in"] == 24 * 3600
    assert claims["door"] == "olake"
    refreshed = post("/api/v1/auth/refresh", {"refresh_token": shown["refresh_token"]}).json()
    assert refreshed["expires_in"] == 24 * 3600
    assert get("/auth/check", token=refreshed["access_token"]).status_code == 200


def test_the_check_tells_who_is_logged_in(ada, answer):
    checked = get("/auth/check", token=answer.json()["token"])
    assert checked.status_code == 200
    shown = checked.json()
    assert keys(shown).items() >= keys(example("olake", "GET /auth/check", "response")).items()
    assert shown == {
        "authenticated": True,
        "user": {"id": ada.pk, "email": ADA["email"], "name": ADA["name"]},
        "project_id": Project.objects.personal_of(ada).pk,
    }


@pytest.mark.parametrize("headers", [{}, {"token": "x.y.z"}, {"token": "mr_12345678_x"}])
@pytest.mark.parametrize("is_open", [True, False])
def test_the_check_of_nobody_is_401_in_the_contracts_words(headers, is_open, settings):
    settings.OPEN_ACCESS = is_open
    checked = get("/auth/check", **headers)
    assert checked.status_code == 401
    assert checked.json()["message"] == example("olake", "401", "response")["message"]
    assert checked.json()["error"] == "unauthorized"


@pytest.mark.parametrize("path", ["/signup/", "/login/", "/auth/check/"])
def test_a_trailing_slash_changes_nothing(ada, path):
    if path == "/auth/check/":
        answer = get(path, token=token_of(ada))
    else:
        answer = post(path, ADA | ({"email": "b@example.org"} if "signup" in path else {}))
    assert answer.status_code == (201 if "signup" in path else 200)


def test_signing_up_twice_is_a_conflict(ada):
    answer = post("/signup", ADA | {"email": "ADA@example.org"})
    assert answer.status_code == 409
    assert answer.json()["error"] == "conflict"
    assert answer.json()["message"] == "This email is registered already."
    assert User.objects.count() == 1


def test_a_conflict_in_a_body_that_is_bad_anyway_is_400(ada):
    assert post("/signup", ADA | {"password": "short"}).status_code == 400


@pytest.mark.parametrize(("path", "body"), [("/signup", SIGN_UP), ("/login", LOG_IN)])
@pytest.mark.parametrize("value", [None, "", ..., 5, ["a"], {"$ne": ""}])
def test_a_field_that_is_missing_or_no_text_is_named(path, body, value):
    for field in body:
        sent = {key: ADA[key] for key in body} | {field: value}
        if value is ...:
            del sent[field]
        answer = post(path, sent)
        assert answer.status_code == 400, (field, answer.json())
        assert [fault["field"] for fault in answer.json()["errors"]] == [field]
        if value in (None, "", ...):
            assert answer.json()["message"] == f"{field} is required"


@pytest.mark.parametrize(
    "email", ["ada", "ada@", "@example.org", "a b@example.org", "a@" + "b" * 250]
)
def test_what_is_no_email_cannot_sign_up(email):
    answer = post("/signup", ADA | {"email": email})
    assert answer.status_code == 400
    assert answer.json()["details"]["field"] == "email"


@pytest.mark.parametrize("email", [ADA["email"], "nobody@example.org"])
def test_a_wrong_pair_is_401_in_the_same_words(ada, email):
    answer = post("/login", {"email": email, "password": "not the password"})
    assert answer.status_code == 401
    assert answer.json()["message"] == "Wrong username or password"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("email", ["ADA@example.org", "ada@EXAMPLE.org", "  ada@example.org "])
def test_an_email_logs_in_in_any_case(ada, email):
    assert post("/login", {"email": email, "password": PASSWORD}).status_code == 200


@pytest.mark.parametrize("field", ["email", "username"])
def test_a_user_without_an_email_logs_in_by_name_in_either_field(field):
    services.register(username="bob", password=PASSWORD)
    answer = post("/login", {field: "bob", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["user"] == {"id": User.objects.get().pk, "email": None, "name": "bob"}


def test_the_field_that_the_contract_names_wins_where_both_are_sent(ada):
    body = {"username": "nobody", "email": ADA["email"], "password": PASSWORD}
    assert post("/login", body).status_code == 200


def test_a_user_without_a_project_gets_one(db):
    user = User.objects.create_user("olaf", password=PASSWORD)
    shown = post("/login", {"username": "olaf", "password": PASSWORD}).json()
    assert shown["project_id"] == Project.objects.personal_of(user).pk


def test_where_sign_up_is_closed_one_is_told_who_makes_accounts(settings):
    settings.SIGNUP = "closed"
    answer = post("/signup", ADA)
    assert answer.status_code == 403
    assert answer.json()["error"] == "forbidden"
    assert "an admin makes the accounts" in answer.json()["message"]
    assert "manage.py createsuperuser" in answer.json()["message"]
    assert not User.objects.exists()


def test_a_role_in_the_body_is_passed_over():
    post("/signup", ADA | {"role": "admin", "is_active": False, "is_superuser": True, "id": 7})
    user = User.objects.get()
    assert (user.role, user.is_active, user.is_superuser) == ("viewer", True, False)


def test_who_signed_up_and_logged_in_is_written_down(answer):
    assert list(AuditEvent.objects.order_by("id").values_list("action", "actor_name")) == [
        ("user.created", ADA["email"]),
        ("session.opened", ADA["email"]),
    ]
    assert AuditEvent.objects.filter(address="127.0.0.1").count() == 2

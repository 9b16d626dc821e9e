"""Register and log in, by the examples of the orc contract word for word."""

import json
import re
from uuid import UUID

import pytest
from django.test import Client

from accounts.models import Project, User
from config.api.examples import FOLDER

# What the contract says of authentication, which stands before its jobs.
CONTRACT = (FOLDER / "orc-rust-ator.md").read_text().partition("### 3. ")[0]
REGISTER, LOG_IN, ANSWER = re.findall(r"```json\n(.*?)```", CONTRACT, re.DOTALL)

pytestmark = pytest.mark.django_db


def post(path: str, body: str | dict, **headers: str):
    text = body if isinstance(body, str) else json.dumps(body)
    return Client(headers=headers).post(path, text, content_type="application/json")


@pytest.fixture
def registered():
    return post("/auth/register", REGISTER)


def test_the_contracts_register_example_makes_a_user(registered):
    assert registered.status_code == 200
    answer = registered.json()
    assert answer.keys() == {"user_id", "username", "created_at", "updated_at"}
    assert UUID(answer["user_id"]).version == 4
    assert answer["username"] == "myuser"
    assert answer["created_at"].endswith("Z")


def test_the_contracts_login_example_answers_a_token(registered):
    answer = post("/auth/login", LOG_IN)
    assert answer.status_code == 200
    assert next(iter(answer.json())) == next(iter(json.loads(ANSWER))) == "token"
    assert answer.json()["token"].split(".")[0] == json.loads(ANSWER)["token"].split(".")[0]


def test_a_user_who_registers_owns_a_personal_project_and_is_a_viewer(registered):
    user = User.objects.get()
    assert (user.role, user.is_active) == ("viewer", True)
    assert Project.objects.get().owner == user
    assert Project.objects.personal_of(user).name == "Project of myuser"


@pytest.mark.parametrize("path", ["/auth/register/", "/auth/login/"])
def test_a_trailing_slash_changes_nothing(path):
    post("/auth/register", {"username": "other", "password": "mypassword"})
    body = {"username": "other" if "login" in path else "myuser", "password": "mypassword"}
    assert post(path, body).status_code == 200


@pytest.mark.parametrize("name", ["myuser", "MyUser", "  myuser "])
def test_a_name_that_is_taken_is_refused_whatever_its_case(registered, name):
    answer = post("/auth/register", {"username": name, "password": "mypassword"})
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"field": "username", "reason": "This username is taken."}]
    assert User.objects.count() == 1


def test_the_name_of_the_built_in_user_is_taken_before_there_is_one():
    answer = post("/auth/register", {"username": "Local", "password": "mypassword"})
    assert answer.status_code == 400
    assert "taken" in answer.json()["message"]


def test_a_name_that_is_somebodys_email_is_refused():
    User.objects.create_user(email="ada@example.org", password="mypassword")
    answer = post("/auth/register", {"username": "Ada@example.org", "password": "mypassword"})
    assert answer.status_code == 400
    assert answer.json()["details"]["field"] == "username"


@pytest.mark.parametrize("path", ["/auth/register", "/auth/login"])
@pytest.mark.parametrize("field", ["username", "password"])
@pytest.mark.parametrize("value", [None, "", ...])
def test_a_missing_field_is_named(path, field, value):
    body = json.loads(REGISTER) | {field: value}
    if value is ...:
        del body[field]
    answer = post(path, body)
    assert answer.status_code == 400
    assert answer.json()["message"] == f"{field} is required"
    assert answer.json()["details"] == {"field": field, "reason": f"{field} is required"}


@pytest.mark.parametrize(("password", "status"), [("1234567", 400), ("12345678", 200)])
def test_eight_characters_are_the_only_rule_of_a_password(password, status):
    answer = post("/auth/register", {"username": "12345678", "password": password})
    assert answer.status_code == status
    assert status == 200 or answer.json()["details"]["field"] == "password"


def test_a_password_keeps_its_spaces():
    post("/auth/register", {"username": "ada", "password": " my password "})
    assert post("/auth/login", {"username": "ada", "password": "my password"}).status_code == 401
    assert post("/auth/login", {"username": "ada", "password": " my password "}).status_code == 200


@pytest.mark.parametrize("name", ["myuser", "nobody"])
def test_a_wrong_pair_is_401_and_does_not_say_which_half_is_wrong(registered, name):
    answer = post("/auth/login", {"username": name, "password": "not the password"})
    assert answer.status_code == 401
    assert answer.json()["message"] == "Wrong username or password"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_unknown_name_costs_as_many_hashes_as_a_known_one(registered, monkeypatch):
    hashed = []
    encode = "django.contrib.auth.hashers.MD5PasswordHasher.encode"
    from django.contrib.auth.hashers import MD5PasswordHasher

    real = MD5PasswordHasher.encode
    monkeypatch.setattr(encode, lambda *args, **kwargs: hashed.append(1) or real(*args, **kwargs))
    counts = []
    for name in ("myuser", "nobody"):
        hashed.clear()
        post("/auth/login", {"username": name, "password": "not the password"})
        counts.append(len(hashed))
    assert counts == [1, 1]


def test_a_user_who_was_shut_out_cannot_log_in(registered):
    User.objects.update(is_active=False)
    assert post("/auth/login", LOG_IN).status_code == 401


def test_one_logs_in_with_the_email_too():
    User.objects.create_user(username="ada", email="ada@Example.org", password="mypassword")
    answer = post("/auth/login", {"username": "ADA@example.org", "password": "mypassword"})
    assert answer.status_code == 200


def test_an_old_token_does_not_keep_anybody_from_logging_in(registered):
    assert post("/auth/login", LOG_IN, authorization="Bearer expired").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        '{"username": "a\\u0000b", "password": "mypassword"}',
        '{"username": "\\ud800", "password": "mypassword"}',
        '["myuser", "mypassword"]',
        '"myuser"',
        "null",
        "",
        json.dumps({"username": "a" * 255, "password": "mypassword"}),
        '{"username": {"$ne": ""}, "password": "mypassword"}',
    ],
)
@pytest.mark.parametrize("path", ["/auth/register", "/auth/login"])
def test_no_body_is_so_odd_that_it_breaks_the_server(path, body):
    answer = post(path, body)
    assert answer.status_code == 400
    assert answer.json()["error_code"] in {"VALIDATION_ERROR", "INVALID_JSON"}

"""The doors under /api/v1/auth, by the examples of Karyaksham, the ETL Builder and modelling."""

from uuid import UUID

import jwt
import pytest
from django.test import Client

from accounts.models import Project, User
from accounts.tests.doors import PASSWORD, post, submit
from config.api.examples import example, printed

JOHN = example("etl-builder", "POST /auth/register", "request")
DEV = example("karyaksham", "POST /auth/register", "request")
# The forms as they are printed, without a change.
JOHNS_FORM = printed("etl-builder")["POST /api/v1/auth/login", "request"]
DEVS_FORM = printed("karyaksham")["POST /api/v1/auth/login", "request"]

pytestmark = pytest.mark.django_db(transaction=True)


def claims_of(token: str) -> dict:
    return jwt.decode(token, options={"verify_signature": False})


@pytest.fixture
def john():
    assert post("/api/v1/auth/register", JOHN).status_code == 201
    return User.objects.get(username=JOHN["username"])


@pytest.fixture
def dev():
    assert post("/api/v1/auth/register", DEV).status_code == 201
    return User.objects.get(email=DEV["email"])


def log_in(username: str, password: str):
    return submit("/api/v1/auth/login", {"username": username, "password": password})


# --- Registering -----------------------------------------------------------------------------


def test_etl_builders_example_registers_a_user_of_that_shape():
    answer = post("/api/v1/auth/register", JOHN)
    assert answer.status_code == 201
    shown = answer.json()
    expected = example("etl-builder", "POST /auth/register", "response")
    assert UUID(shown.pop("id")).version == 4
    assert shown == {key: value for key, value in expected.items() if key != "id"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert Project.objects.personal_of(User.objects.get())


def test_karyakshams_example_registers_a_user_of_exactly_its_shape():
    answer = post("/api/v1/auth/register", DEV)
    assert answer.status_code == 201
    shown = answer.json()
    assert shown.keys() == example("karyaksham", "POST /auth/register", "response").keys()
    assert (UUID(shown["id"]).version, shown["email"]) == (4, DEV["email"])


def test_a_form_registers_too():
    assert submit("/api/v1/auth/register/", DEV).status_code == 201


def test_nobody_chooses_a_role():
    body = JOHN | {"role": "admin", "is_active": False, "is_superuser": True, "x": [1]}
    assert post("/api/v1/auth/register", body).json()["role"] == "viewer"
    user = User.objects.get()
    assert (user.role, user.is_staff, user.is_active) == ("viewer", False, True)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (JOHN | {"email": "other@example.com"}, "username"),
        (JOHN | {"username": "JOHN_DOE", "email": None}, "username"),
        (JOHN | {"username": "other"}, "email"),
        ({"email": "JOHN@example.com", "password": PASSWORD}, "email"),
        ({"username": "john@example.com", "password": PASSWORD}, "username"),
    ],
)
def test_a_name_or_email_that_is_taken_is_400(john, body, field):
    answer = post("/api/v1/auth/register", body)
    assert answer.status_code == 400
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "password"),
        ({"password": PASSWORD}, "email"),
        ({"username": "", "password": PASSWORD}, "username"),
        ({"username": "  ", "email": "a@example.org", "password": PASSWORD}, "username"),
        ({"email": "", "password": PASSWORD}, "email"),
        ({"email": "no email", "password": PASSWORD}, "email"),
        ({"email": "a@example.org"}, "password"),
        ({"email": "a@example.org", "password": "1234567"}, "password"),
        ({"email": "a@example.org", "password": 12345678}, "password"),
        ({"username": ["x"], "password": PASSWORD}, "username"),
        ({"username": "x" * 151, "password": PASSWORD}, "username"),
        ({"username": "x", "full_name": "x" * 256, "password": PASSWORD}, "full_name"),
    ],
)
def test_bad_input_is_400_and_names_the_field(body, field):
    answer = post("/api/v1/auth/register", body)
    assert answer.status_code == 400
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]
    assert not User.objects.exists()


@pytest.mark.parametrize("path", ["/auth/register", "/api/v1/auth/register", "/signup"])
def test_where_sign_up_is_closed_no_door_makes_an_account(settings, path):
    settings.SIGNUP = "closed"
    answer = post(path, {"username": "a", "email": "a@b.org", "name": "A", "password": PASSWORD})
    assert answer.status_code == 403
    assert "an admin makes the accounts" in answer.json()["detail"]
    # Not even a body that is bad anyway is judged.
    assert post(path, {}).status_code == 403
    assert not User.objects.exists()


# --- Logging in ------------------------------------------------------------------------------


def test_etl_builders_form_logs_in(john):
    User.objects.create_user("your_username", password="your_password")
    answer = submit("/api/v1/auth/login", JOHNS_FORM.strip())
    assert answer.status_code == 200
    shown = answer.json()
    expected = example("etl-builder", "POST /auth/login", "response")
    assert shown.keys() >= expected.keys()
    assert shown["token_type"] == expected["token_type"] == "bearer"
    assert answer.headers["Cache-Control"] == "no-store"


def test_karyakshams_form_logs_in(dev):
    answer = submit("/api/v1/auth/login", DEVS_FORM.strip())
    assert answer.status_code == 200
    expected = example("karyaksham", "POST /auth/login", "response")
    assert answer.json().keys() >= expected.keys()
    assert answer.json()["token_type"] == expected["token_type"]


def test_the_answer_of_a_log_in_is_what_oauth2_says(john):
    shown = log_in("john_doe", JOHN["password"]).json()
    assert shown.keys() == {"access_token", "refresh_token", "token_type", "expires_in"}
    claims = claims_of(shown["access_token"])
    assert shown["expires_in"] == claims["exp"] - claims["iat"] == 15 * 60


@pytest.mark.parametrize(
    ("identifier", "door"), [("john_doe", "etl"), ("john@example.com", "kary")]
)
def test_who_logs_in_by_email_is_a_client_of_karyaksham(john, identifier, door):
    token = log_in(identifier, JOHN["password"]).json()["access_token"]
    assert claims_of(token)["door"] == door


@pytest.mark.parametrize("field", ["username", "email"])
@pytest.mark.parametrize("identifier", ["john_doe", "John@Example.com"])
def test_json_logs_in_with_either_field(john, field, identifier):
    answer = post("/api/v1/auth/login/", {field: identifier, "password": JOHN["password"]})
    assert answer.status_code == 200


def test_a_form_in_parts_logs_in_and_a_file_in_it_is_passed_over(john):
    from django.core.files.uploadedfile import SimpleUploadedFile

    fields = {"username": "john_doe", "password": JOHN["password"]}
    assert Client().post("/api/v1/auth/login", fields).status_code == 200
    fields["password"] = SimpleUploadedFile("password", JOHN["password"].encode())
    answer = Client().post("/api/v1/auth/login", fields)
    assert answer.status_code == 400
    assert answer.json()["message"] == "password is required"


@pytest.mark.parametrize("kind", ["multipart", "form"])
def test_a_form_that_is_too_long_is_413(settings, kind):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    fields = {"username": "x" * 1000, "password": PASSWORD}
    answer = (
        Client().post("/api/v1/auth/login", fields)
        if kind == "multipart"
        else submit("/api/v1/auth/login", fields)
    )
    assert answer.status_code == 413


def test_the_extras_of_oauth2_are_passed_over(john):
    extras = {"grant_type": "password", "scope": "a b", "client_id": "x", "client_secret": "y"}
    fields = extras | {"username": "john_doe", "password": JOHN["password"]}
    assert submit("/api/v1/auth/login", fields).status_code == 200


@pytest.mark.parametrize("identifier", ["john_doe", "john@example.com", "nobody", "no@body.org"])
def test_a_wrong_pair_is_400_in_the_same_words(john, identifier):
    answer = log_in(identifier, "not the password")
    assert answer.status_code == 400
    body = answer.json()
    assert body["message"] == body["detail"] == "Wrong username or password"
    # RFC 6749, 5.2.
    assert (body["error"], body["error_code"]) == ("invalid_grant", "INVALID_GRANT")


@pytest.mark.parametrize(("missing", "other"), [("username", "password"), ("password", "username")])
def test_a_missing_field_is_400_and_named(missing, other):
    for answer in (
        submit("/api/v1/auth/login", {other: "something"}),
        post("/api/v1/auth/login", {other: "something"}),
    ):
        assert answer.status_code == 400
        assert answer.json()["message"] == f"{missing} is required"

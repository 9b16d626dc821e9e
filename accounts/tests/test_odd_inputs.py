"""Names and passwords as nobody should type them, by every door."""

import json

import pytest
from django.test import Client

from accounts import services
from accounts.models import User
from accounts.passwords import LONGEST
from accounts.tests.doors import PASSWORD, post, submit

pytestmark = pytest.mark.django_db

REGISTER = [
    ("/auth/register", "username"),
    ("/api/v1/auth/register", "username"),
    ("/api/v1/auth/register", "email"),
    ("/signup", "email"),
]
LOG_IN = [("/auth/login", "username"), ("/api/v1/auth/login", "username"), ("/login", "email")]
MEGABYTE = "x" * 1_000_000


def body(field: str, name: str, password: str = PASSWORD) -> dict[str, str]:
    return {field: name, "name": "Somebody", "password": password}


@pytest.mark.parametrize(("path", "field"), REGISTER + LOG_IN)
@pytest.mark.parametrize("text", ['"a\\u0000b@example.org"', '"\\ud800@example.org"'])
@pytest.mark.parametrize("is_password", [True, False])
def test_what_no_database_can_hold_is_400(path, field, text, is_password):
    known = json.dumps(body(field, "NAME", "PASSWORD"))
    known = known.replace('"PASSWORD"', text if is_password else f'"{PASSWORD}"')
    answer = post(path, known.replace('"NAME"', '"a@example.org"' if is_password else text))
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "INVALID_JSON"


@pytest.mark.parametrize(("path", "field"), REGISTER + LOG_IN)
@pytest.mark.parametrize("text", ["a%00b", "%ED%A0%80", "%FF%FE"])
def test_a_form_is_as_odd_as_json_can_be(path, field, text):
    sent = submit(path, f"{field}={text}&name=A&password={text}{text}{text}")
    # Bytes that are no UTF-8 are read as the sign for that, as in every form.
    assert sent.status_code in ((400,) if "%00" in text else (200, 201, 400, 401))


def test_a_form_in_parts_with_a_nul_is_400():
    answer = Client().post("/api/v1/auth/login", {"username": "a\x00b", "password": PASSWORD})
    assert answer.status_code == 400


@pytest.mark.parametrize(("path", "field"), REGISTER + LOG_IN)
def test_a_password_of_a_megabyte_is_refused_before_it_is_hashed(path, field, monkeypatch):
    from django.contrib.auth.hashers import MD5PasswordHasher

    def hashed(*_):
        raise AssertionError("It was hashed")

    monkeypatch.setattr(MD5PasswordHasher, "encode", hashed)
    answer = post(path, body(field, "a@example.org", MEGABYTE))
    assert answer.status_code == 400
    assert answer.json()["details"]["field"] == "password"
    assert len(answer.content) < 1000


def test_the_longest_password_logs_in():
    password = "x" * LONGEST
    services.register(username="ada", password=password)
    answer = post("/auth/login", body("username", "ada", password))
    assert answer.status_code == 200
    assert post("/auth/login", body("username", "ada", password[:-1])).status_code == 401


def test_no_other_way_in_hashes_a_password_that_is_too_long(monkeypatch):
    services.register(username="ada", password=PASSWORD)
    from rest_framework.exceptions import AuthenticationFailed

    with pytest.raises(AuthenticationFailed):
        services.log_in(identifier="ada", password=MEGABYTE, door="orc")


@pytest.mark.parametrize(
    "name", ["🦉", "👩‍🔬 Ada", "Ärger", "名前", "o'brien", "a b", '<b>"', "%s{}"]
)
def test_a_name_of_any_letters_registers_and_logs_in(name):
    assert post("/auth/register", body("username", name)).json()["username"] == name
    for path, field in LOG_IN:
        assert post(path, body(field, name)).status_code == 200
    assert submit("/api/v1/auth/login", body("username", name)).status_code == 200


@pytest.mark.parametrize(
    "typed", ["ada", " ada ", "\tada\n", "ADA", "\uff41\uff44\uff41", "\u2003ada"]
)
def test_blanks_capitals_and_look_alikes_are_the_same_name(typed):
    services.register(username="ada", password=PASSWORD)
    assert post("/auth/register", body("username", typed)).status_code == 400
    for path, field in LOG_IN:
        assert post(path, body(field, typed)).status_code == 200
    assert User.objects.count() == 1


@pytest.mark.parametrize("name", ["a\tb", "a\nb", "a\x7fb", "a\x1b[31mb"])
def test_a_name_with_control_characters_is_refused(name):
    assert post("/auth/register", body("username", name)).status_code == 400


def test_the_blanks_of_a_password_count():
    services.register(username="ada", password="  my password  ")
    for path, field in LOG_IN:
        assert post(path, body(field, "ada", "my password")).status_code in (400, 401)
        assert post(path, body(field, "ada", "  my password  ")).status_code == 200


def test_an_email_with_a_look_alike_domain_is_the_same_email():
    assert post("/signup", body("email", "ada@\uff45xample.org")).status_code == 201
    assert User.objects.get().email == "ada@example.org"
    assert post("/signup", body("email", "ada@example.org")).status_code == 409


@pytest.mark.parametrize(("path", "field"), REGISTER + LOG_IN)
@pytest.mark.parametrize("text", ["", "null", "[]", "5", '"x"', "{", '{"a"', "[[[[", "{}{}", "NaN"])
def test_a_body_that_is_no_object_is_400(path, field, text):
    assert post(path, text).status_code == 400


@pytest.mark.parametrize(("path", "field"), REGISTER + LOG_IN)
def test_a_body_of_another_type_is_415(path, field):
    answer = Client().post(path, "<a/>", content_type="application/xml")
    assert answer.status_code == 415
    assert answer.json()["error_code"] == "UNSUPPORTED_MEDIA_TYPE"

"""Guesses at passwords, by every door, from several addresses, one after another and at once."""

import pytest

from accounts import services
from accounts.models import AuditEvent, Session
from accounts.tests.doors import PASSWORD, post, submit
from config.api.tests.racing import at_once

PROXY = "127.0.0.1/32"
HERE, THERE = "203.0.113.7", "198.51.100.9"

pytestmark = pytest.mark.django_db(transaction=True)


def olake(name, password, **headers):
    return post("/login", {"email": name, "password": password}, **headers)


def orc(name, password, **headers):
    return post("/auth/login", {"username": name, "password": password}, **headers)


def platform(name, password, **headers):
    return submit("/api/v1/auth/login", {"username": name, "password": password}, **headers)


DOORS = [(olake, 401), (orc, 401), (platform, 400)]


@pytest.fixture(autouse=True)
def ada():
    return services.register(username="ada", email="ada@example.org", password=PASSWORD)


@pytest.fixture
def proxied(settings):
    settings.TRUSTED_PROXIES = [PROXY]


def come_from(address: str) -> dict[str, str]:
    return {"x-forwarded-for": address}


@pytest.mark.parametrize(("door", "wrong"), DOORS)
def test_after_ten_wrong_passwords_even_the_right_one_waits(door, wrong):
    assert [door("ada", f"guess {n}").status_code for n in range(10)] == [wrong] * 10
    answer = door("ada", PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    body = answer.json()
    assert (body["error"], body["error_code"]) == ("rate_limit_exceeded", "RATE_LIMIT_EXCEEDED")
    assert body["message"] == body["detail"]
    assert "Too many log-ins have failed" in body["message"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert not Session.objects.exists()


def test_the_doors_count_together():
    for number in range(10):
        DOORS[number % 3][0]("ada", "wrong password")
    assert [door("ada", PASSWORD).status_code for door, _ in DOORS] == [429, 429, 429]


@pytest.mark.parametrize("name", ["ADA", " ada ", "\uff41da", "\uff21\uff24\uff21"])
def test_another_spelling_of_a_name_is_the_same_account(name):
    for _ in range(10):
        orc("ada", "wrong password")
    assert orc(name, PASSWORD).status_code == 429


def test_name_and_email_are_one_account():
    for number in range(10):
        orc(("ada", "ada@example.org")[number % 2], "wrong password")
    assert orc("ada", PASSWORD).status_code == orc("ada@example.org", PASSWORD).status_code == 429


@pytest.mark.usefixtures("proxied")
def test_who_guesses_does_not_lock_the_owner_out_elsewhere():
    for _ in range(20):
        olake("ada", "wrong password", **come_from(HERE))
    assert olake("ada", PASSWORD, **come_from(HERE)).status_code == 429
    assert olake("ada", PASSWORD, **come_from(THERE)).status_code == 200


@pytest.mark.usefixtures("proxied")
def test_an_account_is_guarded_against_guesses_from_everywhere(settings):
    settings.LOGIN_FAILURES_ACCOUNT = "12/15min"
    statuses = [
        platform("ada", "wrong password", **come_from(address)).status_code
        for address in (HERE, THERE)
        for _ in range(6)
    ]
    assert statuses == [400] * 12
    assert platform("ada", PASSWORD, **come_from("192.0.2.1")).status_code == 429


@pytest.mark.usefixtures("proxied")
def test_an_address_is_held_up_whatever_accounts_it_tries(settings):
    settings.LOGIN_FAILURES_ADDRESS = "5/15min"
    for number in range(5):
        orc(f"user{number}", "wrong password", **come_from(HERE))
    assert orc("ada", PASSWORD, **come_from(HERE)).status_code == 429
    assert orc("ada", PASSWORD, **come_from(THERE)).status_code == 200


def test_an_address_that_anybody_can_write_down_is_not_believed(settings):
    settings.TRUSTED_PROXIES = []
    for number in range(10):
        orc("ada", "wrong password", **come_from(f"203.0.113.{number}"))
    assert orc("ada", PASSWORD, **come_from(THERE)).status_code == 429
    assert set(AuditEvent.objects.exclude(address=None).values_list("address", flat=True)) == {
        "127.0.0.1"
    }


@pytest.mark.usefixtures("proxied")
def test_of_many_guesses_at_once_no_more_than_the_limit_are_judged():
    def guess(number):
        address = HERE if number % 2 else THERE
        return orc("ada", f"guess {number}", **come_from(address)).status_code

    statuses = at_once(40, guess)
    assert sorted(statuses) == [401] * 20 + [429] * 20
    assert AuditEvent.objects.filter(action="session.refused").count() == 20


def test_right_passwords_use_nothing_up(settings):
    settings.LOGIN_FAILURES = settings.LOGIN_FAILURES_ACCOUNT = "3/15min"
    assert {orc("ada", PASSWORD).status_code for _ in range(8)} == {200}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/signup", {"name": "A", "email": "{}@example.org", "password": PASSWORD}),
        ("/auth/register", {"username": "{}", "password": PASSWORD}),
        ("/api/v1/auth/register", {"email": "{}@example.org", "password": PASSWORD}),
    ],
)
def test_one_address_makes_only_so_many_accounts(path, body, settings):
    settings.SIGNUP_RATE = "2/h"
    statuses = []
    for number in range(3):
        sent = {name: text.format(f"user{number}") for name, text in body.items()}
        statuses.append(post(path, sent).status_code)
    assert statuses[:2] == [statuses[0]] * 2
    assert statuses[0] in (200, 201)
    assert statuses[2] == 429

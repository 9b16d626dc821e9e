"""The guard against guessing: how many wrong log-ins get through, and who is held up."""

from threading import Lock

import pytest

from config.api import attempts, counting
from config.api.errors import TooMany
from config.api.tests.racing import at_once
from config.models import Counter

pytestmark = pytest.mark.django_db(transaction=True)

HERE, THERE = "203.0.113.7", "198.51.100.9"


def guess(account="ada", address=HERE):
    attempts.demand_calm(account, address)
    attempts.failed(account, address)


def is_refused(account="ada", address=HERE) -> bool:
    try:
        guess(account, address)
    except TooMany:
        return True
    return False


def test_after_ten_failures_the_pair_is_told_when_to_come_back(counters):
    for _ in range(10):
        guess()
    with pytest.raises(TooMany) as refused:
        guess()
    assert 890 < refused.value.wait <= 900
    assert str(refused.value).startswith(
        "Too many log-ins have failed; try again in 15 minutes, at "
    )
    assert refused.value.status_code == 429
    assert not is_refused(address=THERE)
    assert not is_refused(account="bob")


def test_of_fifty_guesses_at_once_no_more_than_the_limit_are_judged(counters):
    judged, lock = [], Lock()

    def wrong(number):
        try:
            attempts.demand_calm("ada", HERE)
        except TooMany:
            return
        with lock:
            judged.append(number)
        attempts.failed("ada", HERE)

    at_once(50, wrong)
    assert len(judged) == 10


def test_a_right_password_forgets_the_failures_before_it(counters):
    for _ in range(9):
        guess()
    attempts.demand_calm("ada", HERE)
    attempts.succeeded("ada", HERE)
    assert not any(is_refused() for _ in range(10))
    assert is_refused()


def test_log_ins_that_succeed_use_nothing_up(counters, settings):
    settings.LOGIN_FAILURES_ACCOUNT = settings.LOGIN_FAILURES_ADDRESS = "3/15min"
    for _ in range(10):
        attempts.demand_calm("ada", HERE)
        attempts.succeeded("ada", HERE)
    assert not any(is_refused() for _ in range(3))


def test_an_account_is_guarded_against_guesses_from_everywhere(counters, settings):
    settings.LOGIN_FAILURES_ACCOUNT = "5/15min"
    for number in range(5):
        guess(address=f"203.0.113.{number}")
    assert is_refused(address=THERE)
    assert not is_refused(account="bob", address=THERE)


def test_an_address_is_held_up_whatever_accounts_it_tries(counters, settings):
    settings.LOGIN_FAILURES_ADDRESS = "5/15min"
    for number in range(5):
        guess(account=f"user{number}")
    assert is_refused(account="somebody")
    assert not is_refused(account="somebody", address=THERE)


def test_who_is_held_up_does_not_lock_the_owner_out_elsewhere(counters, settings):
    settings.LOGIN_FAILURES_ACCOUNT = "12/15min"
    for _ in range(10):
        guess()
    assert all(is_refused() for _ in range(50))
    assert not is_refused(address=THERE)


def test_who_is_held_up_by_one_limit_uses_up_no_other(counters, settings):
    settings.LOGIN_FAILURES_ACCOUNT = "1/15min"
    guess(address=THERE)
    assert all(is_refused() for _ in range(20))
    pair, _, place = (key for key, _ in attempts._limits("ada", HERE))
    assert counting.peek(pair)[0] == counting.peek(place)[0] == 0


def test_an_account_is_the_same_in_capitals(counters):
    for name in ["Ada", "ADA", " ada "] * 3 + ["ada"]:
        guess(account=name)
    assert is_refused(account="aDa")


def test_one_ipv6_subscriber_is_one_address(counters):
    for number in range(10):
        guess(address=f"2001:db8:1:2::{number}")
    assert is_refused(address="2001:db8:1:2:ffff::1")
    assert not is_refused(address="2001:db8:1:3::1")


def test_without_an_address_only_the_account_is_held_up(counters, settings):
    settings.LOGIN_FAILURES_ADDRESS = "1/15min"
    assert not any(is_refused(account=name, address="") for name in ("ada", "bob", "eve"))


def test_a_limit_of_zero_is_none(counters, settings):
    settings.LOGIN_FAILURES = "0"
    assert not any(is_refused() for _ in range(50))


def test_neither_the_keys_nor_the_log_tell_the_account(transactional_db, settings, caplog):
    settings.REDIS_URL = ""
    guess(account="ada.lovelace@example.com")
    keys = [row.key for row in Counter.objects.all()]
    assert len(keys) == 3
    assert not any("lovelace" in key or HERE in key for key in keys)
    assert HERE in caplog.text
    assert "lovelace" not in caplog.text


def test_sign_ups_have_room_for_so_many_from_one_address(counters, settings):
    settings.SIGNUP_RATE = "3/h"
    for _ in range(3):
        attempts.demand_room("signup", HERE)
    with pytest.raises(TooMany, match="try again in 60 minutes"):
        attempts.demand_room("signup", HERE)
    attempts.demand_room("signup", THERE)
    attempts.demand_room("other", HERE)

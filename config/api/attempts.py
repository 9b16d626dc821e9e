"""The guard against guessing passwords, which every log-in asks, and against endless sign-ups.

An attempt is counted before its password is looked at, as if it failed, and taken back when it did
not: of many guesses at the same moment no more than the limit get through.
"""

import logging

from django.conf import settings
from django.utils.crypto import salted_hmac

from config.api import addresses, counting, rates
from config.api.errors import TooMany

log = logging.getLogger(__name__)

FAILED = "Too many log-ins have failed"


def demand_calm(account: str, address: str) -> None:
    """Count an attempt to log in; TooMany, which says when to try again, if too many failed.

    `account` is what somebody types, in any case; `address` is the client's. Call it before the
    password is looked at and outside of a transaction, and then `succeeded` or `failed`.
    """
    passed: list[str] = []
    for key, text in _limits(account, address):
        try:
            _demand(key, text, FAILED)
        except TooMany:
            # Who is held up by one limit must not use up the others.
            for earlier in passed:
                counting.take_back(earlier)
            raise
        passed.append(key)


def failed(account: str, address: str) -> None:
    """Leave the attempt counted, and let the log say where it came from and by which digest."""
    digest = _key("account", account.strip().lower())[-12:]
    log.warning("A log-in to %s from %s failed", digest, address or "an unknown address")


def succeeded(account: str, address: str) -> None:
    """Forget the failures of the pair, and that the account and the address tried once more."""
    pair, *others = (key for key, _ in _limits(account, address))
    counting.forget(pair)
    for key in others:
        counting.take_back(key)


def demand_room(kind: str, address: str) -> None:
    """Count a new account of a kind (`signup`) from an address; TooMany if there were too many."""
    if address:
        key = _key(kind, addresses.subscriber(address))
        _demand(key, settings.SIGNUP_RATE, "Too many accounts were made from this address")


def demand_pace(kind: str, address: str, *, rate: str, what: str) -> None:
    """Count something that costs little, of a kind, from an address; TooMany names what it is."""
    if address:
        _demand(_key(kind, addresses.subscriber(address)), rate, what)


def _limits(account: str, address: str) -> list[tuple[str, str]]:
    """Return the keys to count, each with its rate; the pair of account and address is the first."""
    account, place = account.strip().lower(), addresses.subscriber(address)
    limits = [
        (_key("pair", account, place), settings.LOGIN_FAILURES),
        (_key("account", account), settings.LOGIN_FAILURES_ACCOUNT),
    ]
    # Behind a socket of the file system nobody has an address: that is no one place.
    if address:
        limits.append((_key("address", place), settings.LOGIN_FAILURES_ADDRESS))
    return limits


def _demand(key: str, text: str, what: str) -> None:
    rate = rates.read(text)
    if rate is None:
        return
    number, left = counting.count(key, seconds=rate.seconds)
    if number > rate.number:
        raise TooMany(what, wait=left)


def _key(kind: str, *values: str) -> str:
    """Return a key that tells nobody whose it is."""
    digest = salted_hmac("config.api.attempts", "\0".join(values), algorithm="sha256").hexdigest()
    return f"{kind}:{digest}"

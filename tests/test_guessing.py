"""Passwords guessed over the wire, many at once: the real servers let no more than the limit through."""

import json
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

pytestmark = pytest.mark.slow
PASSWORD = "correct horse battery"


def post(url: str, body: dict, **headers: str):
    """Send JSON; returns the status, the headers and the body of whatever comes back."""
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, error.headers, json.load(error)


def test_of_fifty_wrong_passwords_at_once_ten_are_judged(platform):
    ada = {"username": "ada", "password": PASSWORD}
    assert post(f"{platform.url}/auth/register", ada)[0] == 200

    def guess(number: int):
        # No proxy is trusted, so nobody gets a new address by saying so.
        return post(
            f"{platform.url}/auth/login",
            ada | {"password": f"wrong {number}"},
            **{"X-Forwarded-For": f"198.51.100.{number}"},
        )

    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(guess, range(50)))
    assert Counter(status for status, _, _ in answers) == {401: 10, 429: 40}
    refused = next(answer for answer in answers if answer[0] == 429)
    assert 1 <= int(refused[1]["Retry-After"]) <= 900
    assert refused[2]["error"] == "rate_limit_exceeded"
    # The right password has to wait as well, or guessing would go on.
    assert post(f"{platform.url}/auth/login", ada)[0] == 429
    eve = ada | {"username": "eve"}
    assert post(f"{platform.url}/auth/register", eve)[0] == 200
    assert post(f"{platform.url}/auth/login", eve)[0] == 200

"""Whom `/objects/…` lets in, and what everybody else is told."""

import asyncio
import random
import string
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings

from config.asgi import application
from config.objects import signing
from config.objects.serving import Objects
from config.objects.signing import Credentials
from config.objects.tests.asking import (
    DATA,
    KEY,
    ask,
    converse,
    download_url,
    pieces_of,
    reply_of,
    scope_of,
    upload_url,
)
from config.objects.tests.conftest import BASE, everything, write

ODD = string.printable + "äß€\0\udc80%%%%////....&&==++"
METHODS = ["GET", "PUT", "HEAD", "POST", "DELETE", "PATCH", "OPTIONS", "", "get", "X" * 50]


@pytest.mark.parametrize(
    ("method", "change", "text"),
    [
        ("GET", lambda url: url, "does not match"),
        ("DELETE", lambda url: url, "does not match"),
        ("POST", lambda url: url, "does not match"),
        ("PUT", lambda url: url.replace("input/1", "input/2"), "does not match"),
        ("PUT", lambda url: url.replace("input/1/", "input/1/../1/"), "does not match"),
        ("PUT", lambda url: url.replace("input/1/", "input/1/%00"), "does not match"),
        ("PUT", lambda url: url.replace("test-bucket", "other"), "does not match"),
        ("PUT", lambda url: url.replace("Max-Bytes=9", "Max-Bytes=99"), "does not match"),
        ("PUT", lambda url: url.partition("?")[0], "not signed"),
    ],
)
def test_whoever_has_no_url_for_it_is_refused(store, method, change, text):
    url = change(upload_url(store, max_bytes=9))
    reply = ask(store, method, url, b"data")
    assert reply.status == 403
    assert text in reply.message
    assert everything(store) == []


def test_an_encoded_slash_is_a_slash(store):
    ask(store, "PUT", upload_url(store).replace("input/1/", "input%2F1%2f"), b"data")
    assert store.head(KEY).size == 4


def sign(store, method, path, *, ago=0, secret=None):
    """Return a URL for anything, as whoever knows the secret could make it."""
    key = next(iter(store._keys.values()))
    return signing.signed_url(
        Credentials(key.id, secret or key.secret),
        method=method,
        base=BASE,
        path=path,
        query={},
        seconds=60,
        now=datetime.now(UTC) - timedelta(seconds=ago),
    )


def test_an_expired_url_is_refused(store):
    reply = ask(store, "PUT", sign(store, "PUT", "/objects/test-bucket/a", ago=90), b"data")
    assert (reply.status, "The URL expired at" in reply.message) == (403, True)
    assert everything(store) == []


def test_no_signature_leads_out_of_the_bucket(store):
    for key in ("../a", "a/../../b", "a//b", "a\0", "n" * 300, ".", ""):
        reply = ask(store, "PUT", sign(store, "PUT", f"/objects/test-bucket/{key}"), b"data")
        assert (reply.status, "no key of an object" in reply.message) == (403, True)
    assert ask(store, "PUT", sign(store, "PUT", "/objects/other/a"), b"data").status == 404
    assert ask(store, "DELETE", sign(store, "DELETE", "/objects/test-bucket/a")).status == 405
    assert everything(store) == []


def test_only_a_known_site_may_use_a_url_from_a_page(store, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.org"]
    write(store, KEY, DATA)
    asked = {"access-control-request-method": "PUT", "access-control-request-headers": "x-a"}
    known = {"origin": "https://app.example.org"}
    preflight = ask(store, "OPTIONS", upload_url(store), headers=known | asked)
    assert (preflight.status, preflight.body) == (204, b"")
    assert preflight.headers["access-control-allow-origin"] == "https://app.example.org"
    assert "PUT" in preflight.headers["access-control-allow-methods"]
    assert preflight.headers["access-control-allow-headers"] == "x-a"
    reply = ask(store, "GET", download_url(store), headers=known)
    assert reply.headers["access-control-allow-origin"] == "https://app.example.org"
    assert "ETag" in reply.headers["access-control-expose-headers"]
    refused = ask(store, "GET", BASE + "/objects/x", headers=known)
    assert refused.headers["access-control-allow-origin"] == "https://app.example.org"
    for headers in ({"origin": "https://evil.example.org"}, {"origin": "null"}, {}):
        reply = ask(store, "OPTIONS", upload_url(store), headers=headers | asked)
        assert "access-control-allow-origin" not in reply.headers
        assert reply.headers["vary"] == "Origin"


def test_where_a_store_of_its_own_keeps_objects_nothing_is_here(store):
    reply = ask(None, "GET", download_url(store))
    assert reply.status == 404
    assert "object store itself" in reply.message


def test_what_nobody_foresaw_is_logged_without_the_signature(store, monkeypatch, caplog):
    monkeypatch.setattr(store, "path", lambda _: 1 / 0)
    reply = ask(store, "GET", download_url(store))
    assert (reply.status, reply.message) == (500, "Internal server error")
    assert "ZeroDivisionError" in caplog.text
    assert "X-Amz-Signature" not in caplog.text


@pytest.mark.slow
def test_20_000_bad_requests_are_refused_one_like_the_other(store):
    write(store, KEY, DATA)
    dice = random.Random(5)
    # All is right but the secret, so that no change can happen to mend what another one broke.
    path = f"/objects/test-bucket/{KEY}"
    urls = [sign(store, method, path, secret="a guess") for method in ("GET", "PUT")]
    before = everything(store), store.path(KEY).read_bytes()

    async def ask_all():
        app = Objects(lambda: store)
        for _ in range(20_000):
            scope = odd_scope(dice, dice.choice(urls))
            reply = reply_of(await converse(app, scope, pieces_of(b"data")))
            is_preflight = scope["method"] == "OPTIONS"
            assert reply.status == (204 if is_preflight else 403), (scope, reply)
            assert is_preflight or reply.headers["content-type"] == "application/json"

    asyncio.run(ask_all())
    assert (everything(store), store.path(KEY).read_bytes()) == before


def odd_scope(dice, url):
    """Return what a server could make of a URL that was changed in a few places."""
    signs = list(url)
    for _ in range(dice.randint(0, 4)):
        place = dice.randrange(len(BASE), len(signs))
        signs[place : place + dice.randint(0, 3)] = dice.choices(ODD, k=dice.randint(1, 3))
    path, _, query = "".join(signs).removeprefix(BASE).partition("?")
    changes = {
        "method": dice.choice(METHODS),
        "path": path,
        "query_string": query.encode("utf-8", "surrogateescape"),
    }
    if dice.random() < 0.2:
        changes["headers"] = [(b"host", dice.randbytes(9)), (b"content-length", b"-5")]
    return scope_of("GET", url) | changes


@pytest.mark.parametrize("path", ["/objects/", "/objects/karyaksham-data/a.csv", "/objects//../x"])
def test_the_platform_itself_answers_there(tmp_path, path):
    with override_settings(DATA_DIR=tmp_path):
        scope = scope_of("GET", BASE + path)
        reply = reply_of(asyncio.run(converse(application, scope, pieces_of(b""))))
    assert (reply.status, "not signed" in reply.message) == (403, True)

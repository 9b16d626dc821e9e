"""URLs are signed as S3's clients sign them, and judged as S3 judges them."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

from config.objects import credentials, signing
from config.objects.signing import Credentials, Refused, Wanted

KEY = Credentials("MRTEST", "a secret of the tests")
NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
PATHS = [
    "/objects/bucket/input/1/plain.csv",
    "/objects/bucket/a b+c&d=e?f#g%h.csv",
    "/objects/bucket/größe/данные ~tilde_(1).csv",
]


def signed(path=PATHS[0], *, method="PUT", base="http://here:8000", query=None, seconds=60):
    return signing.signed_url(
        KEY, method=method, base=base, path=path, query=query or {}, seconds=seconds, now=NOW
    )


def wanted(url, *, method="PUT", host=None, headers=None):
    parts = urlsplit(url)
    known = {"host": host or parts.netloc, **(headers or {})}
    return Wanted(method, unquote(parts.path), parts.query, lambda name: known.get(name, ""))


def judge(request, now=NOW):
    return signing.verified(request, find={KEY.id: KEY}.get, now=now)


def by_botocore(monkeypatch, url, *, method, seconds, headers=None):
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: NOW)
    request = AWSRequest(method=method, url=url, headers=headers)
    auth = S3SigV4QueryAuth(
        BotoCredentials(KEY.id, KEY.secret), "s3", signing.REGION, expires=seconds
    )
    auth.add_auth(request)
    return request.url


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("base", ["http://here:8000", "https://here:443", "http://[::1]:80"])
@pytest.mark.parametrize(
    "query", [{}, {"partNumber": "7", "uploadId": "a/b+c"}, {"response-content-type": "a; b=ü"}]
)
def test_a_url_has_the_signature_of_an_s3_client(monkeypatch, path, method, base, query):
    ours = signed(path, method=method, base=base, query=query, seconds=900)
    plain = f"{base}{quote(path, safe='/~')}"
    if query:
        plain += "?" + "&".join(f"{name}={quote(text, safe='')}" for name, text in query.items())
    theirs = by_botocore(monkeypatch, plain, method=method, seconds=900)
    assert dict(parse_qsl(urlsplit(ours).query)) == dict(parse_qsl(urlsplit(theirs).query))


def test_a_url_of_an_s3_client_is_let_in(monkeypatch):
    url = by_botocore(
        monkeypatch,
        "http://here:8000/objects/bucket/a%20b.csv?x=1",
        method="PUT",
        seconds=60,
        headers={"content-type": "text/csv", "x-amz-meta-note": "  two   words "},
    )
    sent = {"content-type": "text/csv", "x-amz-meta-note": "  two   words "}
    assert judge(wanted(url, headers=sent))["x"] == "1"
    with pytest.raises(Refused, match="does not match"):
        judge(wanted(url, headers=sent | {"content-type": "text/html"}))


@pytest.mark.parametrize("path", PATHS)
def test_our_own_url_is_let_in_with_what_it_says(path):
    url = signed(path, query={"partNumber": "7"})
    assert judge(wanted(url))["partNumber"] == "7"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda url: url.partition("?")[0], "not signed"),
        (lambda url: url.replace("plain", "other"), "does not match"),
        (lambda url: url.replace("Expires=60", "Expires=61"), "does not match"),
        (lambda url: url + "&more=1", "does not match"),
        (lambda url: url + "&X-Amz-Expires=60", "comes twice"),
        (lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"), "does not match"),
        (lambda url: url.replace("MRTEST", "MROTHER"), "none of this server's"),
        (lambda url: url.replace("us-east-1", "eu-west-1"), "none of this server's"),
        (lambda url: url.replace("HMAC-SHA256", "HMAC-SHA1"), "none of this server's"),
        (lambda url: url.replace("SignedHeaders=host", "SignedHeaders="), "the host"),
        (lambda url: url.replace("20261120T120000Z", "20269999T120000Z"), "none of this"),
    ],
)
def test_a_url_that_was_changed_is_refused(change, text):
    with pytest.raises(Refused, match=text):
        judge(wanted(change(signed())))


def test_a_url_holds_for_its_verb_and_host_alone():
    with pytest.raises(Refused, match="does not match"):
        judge(wanted(signed(), method="GET"))
    with pytest.raises(Refused, match="does not match"):
        judge(wanted(signed(), host="there:8000"))


def test_a_url_is_good_until_its_last_second():
    assert judge(wanted(signed()), NOW + timedelta(seconds=60))
    with pytest.raises(Refused, match="expired at 2026-11-20 12:01:00 UTC"):
        judge(wanted(signed()), NOW + timedelta(seconds=61))


def test_clocks_may_differ_by_minutes_and_not_by_more():
    assert judge(wanted(signed()), NOW - timedelta(minutes=15))
    with pytest.raises(Refused, match="clocks"):
        judge(wanted(signed()), NOW - timedelta(minutes=16))


@pytest.mark.parametrize("seconds", [0, 604_801])
def test_a_url_that_is_good_for_too_long_is_refused(seconds):
    with pytest.raises(Refused, match="604800 seconds at most"):
        judge(wanted(signed(seconds=seconds)))


def test_keys_follow_from_the_signing_keys_and_tell_nothing_of_them():
    known = credentials.all_derived(["new" * 20, "old" * 20])
    new, old = known.values()
    assert credentials.derived("new" * 20) == new
    assert new.id != old.id
    assert new.secret != old.secret
    assert "new" not in new.id + new.secret
    assert new.secret not in repr(new)

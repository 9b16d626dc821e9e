"""What `/objects/…` answers, asked in this process."""

import asyncio

import pytest

from config.objects import receiving
from config.objects.serving import Objects
from config.objects.tests.asking import (
    DATA,
    DISCONNECT,
    KEY,
    ask,
    converse,
    download_url,
    scope_of,
    upload_url,
)
from config.objects.tests.conftest import BASE, everything, write


def test_what_was_sent_is_fetched_again(store):
    reply = ask(store, "PUT", upload_url(store), b"one,", b"", b"two")
    found = store.head(KEY)
    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers["etag"] == f'"{found.etag}"'
    assert everything(store) == [f"test-bucket/{KEY}"]
    reply = ask(store, "GET", download_url(store))
    assert (reply.status, reply.body) == (200, b"one,two")
    assert reply.headers["content-length"] == "7"
    assert reply.headers["etag"] == f'"{found.etag}"'
    assert "filename*=UTF-8''gr%C3%B6%C3%9Fe.csv" in reply.headers["content-disposition"]
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["x-request-id"]


def test_a_second_upload_takes_the_place_of_the_first(store):
    ask(store, "PUT", upload_url(store), b"one")
    ask(store, "PUT", upload_url(store), b"other")
    assert ask(store, "GET", download_url(store)).body == b"other"


def test_an_empty_object_is_one(store):
    assert ask(store, "PUT", upload_url(store), b"").status == 200
    reply = ask(store, "GET", download_url(store))
    assert (reply.status, reply.body, reply.headers["content-length"]) == (200, b"", "0")
    assert ask(store, "GET", download_url(store), headers={"range": "bytes=0-"}).status == 416


def test_who_may_fetch_may_ask_for_the_size(store):
    write(store, KEY, DATA)
    reply = ask(store, "HEAD", download_url(store))
    assert (reply.status, reply.body, reply.headers["content-length"]) == (200, b"", "2560")
    assert ask(store, "HEAD", upload_url(store)).status == 403


@pytest.mark.parametrize(
    ("header", "status", "span"),
    [
        ("bytes=0-0", 206, (0, 1)),
        ("bytes=100-", 206, (100, 2560)),
        ("bytes=-5", 206, (2555, 2560)),
        ("bytes=-9999", 206, (0, 2560)),
        ("bytes=2550-9999", 206, (2550, 2560)),
        ("bytes=2560-", 416, None),
        ("bytes=-0", 416, None),
        ("bytes=9-3", 200, (0, 2560)),
        ("bytes=0-1,5-6", 200, (0, 2560)),
        ("bytes=-", 200, (0, 2560)),
        ("rows=0-5", 200, (0, 2560)),
        ("bytes=0-" + "9" * 50, 200, (0, 2560)),
    ],
)
def test_a_range_is_answered_with_its_bytes(store, header, status, span):
    write(store, KEY, DATA)
    reply = ask(store, "GET", download_url(store), headers={"range": header})
    assert reply.status == status
    if status == 416:
        assert reply.headers["content-range"] == "bytes */2560"
        assert "2560 bytes" in reply.message
        return
    first, end = span
    assert reply.body == DATA[first:end]
    expected = f"bytes {first}-{end - 1}/2560" if status == 206 else None
    assert reply.headers.get("content-range") == expected


def test_a_range_of_what_has_changed_is_the_whole(store):
    write(store, KEY, DATA)
    headers = ask(store, "HEAD", download_url(store)).headers
    for condition, status in (
        (headers["etag"], 206),
        (headers["last-modified"], 206),
        ('"other"', 200),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 200),
    ):
        sent = {"range": "bytes=0-3", "if-range": condition}
        assert ask(store, "GET", download_url(store), headers=sent).status == status


def test_what_the_client_has_already_is_not_sent(store):
    write(store, KEY, DATA)
    etag = ask(store, "HEAD", download_url(store)).headers["etag"]
    reply = ask(store, "GET", download_url(store), headers={"if-none-match": f'"x", W/{etag}'})
    assert (reply.status, reply.body) == (304, b"")
    assert ask(store, "GET", download_url(store), headers={"if-none-match": '"x"'}).status == 200


def test_an_object_that_is_not_there_is_404(store):
    reply = ask(store, "GET", download_url(store))
    assert (reply.status, reply.message) == (404, "There is no such object (any more)")
    write(store, "input/1/a b.csv/deeper", b"")
    assert ask(store, "GET", download_url(store)).status == 404


def test_a_key_that_is_the_beginning_of_another_is_a_conflict(store):
    write(store, "a/b", b"")
    for key in ("a", "a/b/c", "a/b/c/d"):
        reply = ask(store, "PUT", upload_url(store, key), b"data")
        assert reply.status == 409, key
        assert "Another object" in reply.message
    assert everything(store) == ["test-bucket/a/b"]


@pytest.mark.parametrize("headers", [{}, {"content-length": "6"}])
def test_more_than_the_url_allows_is_refused(store, headers):
    reply = ask(store, "PUT", upload_url(store, max_bytes=5), b"123", b"456", headers=headers)
    assert (reply.status, "5 bytes at most" in reply.message) == (413, True)
    assert ask(store, "PUT", upload_url(store), bytes((1 << 20) + 1)).status == 413
    assert everything(store) == []


@pytest.mark.parametrize(
    "messages",
    [
        [DISCONNECT],
        [{"type": "http.request", "body": b"123", "more_body": True}, DISCONNECT],
        [{"type": "http.request", "body": bytes(1 << 20), "more_body": True}, DISCONNECT],
    ],
)
def test_a_client_that_goes_away_leaves_nothing(store, messages):
    assert ask(store, "PUT", upload_url(store), messages=messages) is None
    assert everything(store) == []


def test_a_body_that_is_shorter_than_it_said_leaves_nothing(store):
    reply = ask(store, "PUT", upload_url(store), b"123", headers={"content-length": "4"})
    assert (reply.status, reply.message) == (400, "3 bytes came of 4; send the file again")
    assert everything(store) == []


def test_a_client_that_stands_still_is_told_to_begin_again(store, monkeypatch):
    monkeypatch.setattr(receiving, "BATCH_SECONDS", 0.05)
    piece = {"type": "http.request", "body": b"123", "more_body": True}
    reply = ask(store, "PUT", upload_url(store), messages=[piece])
    assert (reply.status, everything(store)) == (408, [])


def test_a_task_that_is_ended_leaves_nothing(store):
    piece = {"type": "http.request", "body": bytes(1 << 20), "more_body": True}

    async def end_in_the_middle():

        app = Objects(lambda: store)
        task = asyncio.create_task(
            converse(app, scope_of("PUT", upload_url(store)), [piece, piece])
        )
        while not everything(store):
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    store.most_bytes = 1 << 30
    asyncio.run(end_in_the_middle())
    assert everything(store) == []


def test_parts_are_sent_again_and_joined(store):
    begun = store.begin_multipart(KEY, parts=2, seconds=60, base=BASE)
    assert ask(store, "PUT", begun.urls[1], b"old").status == 200
    first, second = (
        ask(store, "PUT", url, data) for url, data in zip(begun.urls, (b"one", b"two"), strict=True)
    )
    assert first.headers["etag"] != second.headers["etag"]
    store.complete_multipart(KEY, begun.upload_id)
    assert store.path(KEY).read_bytes() == b"onetwo"
    assert ask(store, "PUT", begun.urls[0], b"late").status == 404
    assert everything(store) == [f"test-bucket/{KEY}"]


def test_parts_share_one_limit(store):
    begun = store.begin_multipart(KEY, parts=2, seconds=60, base=BASE)
    assert ask(store, "PUT", begun.urls[0], bytes(1 << 19)).status == 200
    assert ask(store, "PUT", begun.urls[1], bytes((1 << 19) + 1)).status == 413
    assert ask(store, "PUT", begun.urls[0], bytes(1 << 20)).status == 200

"""Requests to the application of objects in this process, without a server."""

import asyncio
import json
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from config.objects.serving import Objects
from config.objects.tests.conftest import BASE

DISCONNECT = {"type": "http.disconnect"}
KEY = "input/1/a b.csv"
DATA = bytes(range(256)) * 10


@dataclass(frozen=True)
class Reply:
    """What was answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def message(self):
        """Return what the one body of errors says."""
        told = json.loads(self.body)
        assert told["message"] == told["detail"]
        assert set(told) >= {"error", "message", "detail", "error_code", "timestamp"}
        assert self.headers["content-type"] == "application/json"
        return told["message"]


def upload_url(store, key=KEY, **options):
    """Return a URL that takes an object."""
    return store.upload_url(key, seconds=60, base=BASE, **options)


def download_url(store, key=KEY):
    """Return a URL that gives an object."""
    return store.download_url(key, seconds=60, base=BASE, file_name="größe.csv")


def scope_of(method, url, headers=None):
    """Return the scope that a server would make of a URL."""
    parts = urlsplit(url)
    sent = {"host": parts.netloc, **(headers or {})}
    return {
        "type": "http",
        "method": method,
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "headers": [(name.lower().encode(), text.encode("latin-1")) for name, text in sent.items()],
        "client": ("127.0.0.1", 5),
    }


async def converse(app, scope, messages):
    """Give the application these messages, then the client's leaving; return what it sends."""
    sent = []
    left = iter(messages)

    async def receive():
        if (message := next(left, None)) is not None:
            return message
        # A client that has said everything waits for its answer.
        await asyncio.sleep(0 if messages and messages[-1] is DISCONNECT else 3600)
        return DISCONNECT

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    return sent


def pieces_of(*pieces):
    """Return the messages of a body in these pieces."""
    return [
        {"type": "http.request", "body": piece, "more_body": place < len(pieces)}
        for place, piece in enumerate(pieces, start=1)
    ]


def reply_of(sent):
    """Return the reply that some messages are; None where nothing was sent."""
    if not sent:
        return None
    assert sent[0]["type"] == "http.response.start"
    assert sent[-1]["more_body"] is False
    headers = {name.decode(): text.decode("latin-1") for name, text in sent[0]["headers"]}
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Reply(sent[0]["status"], headers, body)


def ask(store, method, url, *pieces, headers=None, messages=None):
    """Send one request and return the reply; None if the client left before there was one."""
    app = Objects(lambda: store)
    messages = messages if messages is not None else pieces_of(*(pieces or (b"",)))
    return reply_of(asyncio.run(converse(app, scope_of(method, url, headers), messages)))

"""Requests to the doors, for tests."""

import json
from typing import Any
from urllib.parse import urlencode

from django.test import Client

PASSWORD = "mypassword"


def send(method: str, path: str, body: Any = None, *, token: str = "", **headers: str):
    """Send JSON (a text as it is); a token goes with it as any client sends it."""
    if token:
        headers["authorization"] = f"Bearer {token}"
    text = body if isinstance(body, str) else json.dumps(body)
    sent = {} if body is None else {"data": text, "content_type": "application/json"}
    return getattr(Client(headers=headers), method)(path, **sent)


def post(path: str, body: Any = None, **options: str):
    return send("post", path, body, **options)


def get(path: str, **options: str):
    return send("get", path, **options)


def submit(path: str, body: str | dict[str, str], **headers: str):
    """Send a form."""
    text = body if isinstance(body, str) else urlencode(body)
    kind = "application/x-www-form-urlencoded"
    return Client(headers=headers).post(path, text, content_type=kind)

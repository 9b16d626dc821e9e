"""A client of the API with somebody's token, and a job to send."""

import json

from django.test import Client

from accounts.services import register
from accounts.tests.tokens import token_of

NOBODY = "11111111-1111-4111-8111-111111111111"


class Api:
    """A client of the API with somebody's token."""

    def __init__(self, username=None, door="orc"):
        headers = {}
        if username:
            user = register(username=username, password="correct horse")
            headers["Authorization"] = f"Bearer {token_of(user, door=door)}"
        self.client = Client(headers=headers)

    def __call__(self, method, path, body=None):
        text = body if isinstance(body, str) else json.dumps(body)
        sent = {} if body is None else {"data": text, "content_type": "application/json"}
        return getattr(self.client, method)(path, **sent)


def extractor(**changes):
    return {"type": "duckdb", "db_path": "in.duckdb", "table": "numbers"} | changes


def loader(**changes):
    return {"type": "duckdb", "db_path": "out.duckdb", "table_name": "my_table"} | changes


def new_job(**changes):
    tasks = [{"extractor_config": extractor(), "loader_config": loader()}]
    body = {"job_name": "Copy", "schedule": "@manual", "is_active": True, "tasks": tasks}
    return body | changes

"""What the server of these tests answers."""

import json

from tests.servers.http import Reply, Request


def as_json(value: object, **more: object) -> Reply:
    """Answer a value as JSON."""
    return Reply(json.dumps(value).encode(), headers={"Content-Type": "application/json"}, **more)


def in_pages(records: list, size: int):
    """Answer `page` (from 1) with so many records."""

    def answer(request: Request) -> Reply:
        begin = (int(request.params.get("page", 1)) - 1) * size
        return as_json(records[begin : begin + size])

    return answer


PEOPLE = [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Grace"}, {"id": 3, "name": "Hedy"}]

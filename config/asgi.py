"""The platform over ASGI: everything that WSGI answers, and the sockets of every app."""

import os
from io import SEEK_END
from itertools import chain
from typing import IO, Any

import django
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.http import HttpResponse
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Comes before anything that needs the models.
django.setup(set_prefix=False)

from config import parts  # noqa: E402
from config.api import answers  # noqa: E402
from config.api.problems import Problem  # noqa: E402
from config.objects.serving import PLACE, Objects  # noqa: E402


class Pages(ASGIHandler):
    """Django's requests; one that it cannot even read is refused like every other.

    Django would first write a body of any size to the disk.
    """

    async def read_body(self, receive: ASGIReceiveCallable) -> IO[bytes]:
        """Return the body; of one that is too large only as much as shows it."""
        room = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1

        async def receive_some() -> dict[str, Any]:
            nonlocal room
            message = dict(await receive())
            if body := message.get("body"):
                message["body"] = body[:room]
                room -= len(message["body"])
            return message

        return await super().read_body(receive_some)

    def create_request(
        self, scope: HTTPScope, body_file: IO[bytes]
    ) -> tuple[ASGIRequest | None, HttpResponse | None]:
        """Return the request, or the answer that refuses it."""
        request, refusal = super().create_request(scope, body_file)
        if request is not None:
            # A body that comes in chunks does not say how long it is.
            request.META.setdefault("CONTENT_LENGTH", str(body_file.seek(0, SEEK_END)))
            body_file.seek(0)
        if refusal is not None:
            problem = Problem(status=refusal.status_code)
            answers.turn_into(problem, refusal, path=scope["path"])
        return request, refusal


async def no_such_socket(
    _scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
) -> None:
    """Refuse a socket on a path that nobody serves."""
    await receive()
    await send({"type": "websocket.close", "code": 4404, "reason": "There is no such socket."})


sockets = chain.from_iterable(module.websocket_urlpatterns for module in parts.modules("routing"))
routes = [*sockets, re_path("", no_such_socket)]

pages, objects = Pages(), Objects()


async def answer(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Give objects to what streams them, and everything else to Django."""
    application = objects if scope["path"].startswith(PLACE) else pages
    await application(scope, receive, send)


application = ProtocolTypeRouter({"http": answer, "websocket": URLRouter(routes)})

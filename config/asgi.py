"""The platform over ASGI: everything that WSGI answers, and the sockets of every app."""

import os
from itertools import chain

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Sets Django up, so it comes before anything that needs the models.
pages = get_asgi_application()

from config import parts  # noqa: E402


async def no_such_socket(
    _scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
) -> None:
    """Refuse a socket on a path that nobody serves."""
    await receive()
    await send({"type": "websocket.close", "code": 4404, "reason": "There is no such socket."})


sockets = chain.from_iterable(module.websocket_urlpatterns for module in parts.modules("routing"))
routes = [*sockets, re_path("", no_such_socket)]

application = ProtocolTypeRouter({"http": pages, "websocket": URLRouter(routes)})

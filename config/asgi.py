"""The platform over ASGI: everything that WSGI answers, and the sockets of every app."""

import os
from itertools import chain

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Sets Django up, so it comes before anything that needs the models.
pages = get_asgi_application()

from config import parts  # noqa: E402

sockets = chain.from_iterable(module.websocket_urlpatterns for module in parts.modules("routing"))

application = ProtocolTypeRouter({"http": pages, "websocket": URLRouter(list(sockets))})

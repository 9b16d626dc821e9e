"""Serve HTTP and WebSocket from one process on one or several ports."""

import socket
import warnings
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.processes import BEYOND_RESTART

GRACE_SECONDS = 5


class Command(BaseCommand):
    """Runs uvicorn on HOST and PORTS."""

    help = "Serve HTTP and WebSocket on HOST and PORTS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Listen on every port, then serve until a signal comes."""
        sockets = [listen(settings.HOST, port) for port in settings.PORTS]
        for port in settings.PORTS:
            self.stdout.write(f"Millrace answers at http://{settings.HOST}:{port}")
        # Static files are read by whitenoise, whose files are small and on this disk.
        warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")
        config = uvicorn.Config(
            "config.asgi:application",
            # The logging of the settings stands; a line for each request is a proxy's work.
            log_config=None,
            access_log=False,
            server_header=False,
            # It would believe X-Forwarded-For of anybody on this machine; TRUSTED_PROXIES says whom.
            proxy_headers=False,
            # Events are short and go to many sockets: to compress each anew for each socket costs
            # more than sending it does.
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        uvicorn.Server(config).run(sockets=sockets)


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket; CommandError if somebody else has the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
        opened.listen(2048)
    except OSError as error:
        opened.close()
        raise CommandError(
            f"Cannot listen on {host}:{port} ({error.strerror}). Choose other ports with PORT or PORTS.",
            returncode=BEYOND_RESTART,
        ) from error
    return opened

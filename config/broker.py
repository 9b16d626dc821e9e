"""The embedded broker: Celery's file transport, made to work with its event loop.

A worker whose transport has no event loop hands tasks to its children through one pipe with one
lock. A child that is killed while it waits at the pipe takes the lock with it, and no other child
ever gets a task again. With an event loop each child has a pipe of its own.
"""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES
from kombu.transport.filesystem import Transport as FileTransport

SCHEME = "files"


class Transport(FileTransport):
    """Looks into the message folder as often as its `polling_interval` says."""

    implements = FileTransport.implements.extend(asynchronous=True)

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        """Have the worker's event loop look for messages."""
        loop.call_repeatedly(self.polling_interval, self._look, connection)

    def _look(self, connection: Any) -> None:
        """Deliver the messages that wait and that the worker has room for."""
        try:
            while True:
                self.drain_events(connection, timeout=0)
        except TimeoutError:
            return


def register() -> None:
    """Make the transport known under its scheme."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:{Transport.__name__}"

"""The embedded broker: Celery's file transport, made to work with its event loop.

A worker whose transport has no event loop hands tasks to its children through one pipe with one
lock. A child that is killed while it waits at the pipe takes the lock with it, and no other child
ever gets a task again. With an event loop each child has a pipe of its own.
"""

import uuid
from pathlib import Path
from time import time_ns
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES
from kombu.transport.filesystem import Channel as FileChannel
from kombu.transport.filesystem import Transport as FileTransport
from kombu.utils.json import dumps

SCHEME = "files"


class Channel(FileChannel):
    """Shows a message to readers when all of it is there.

    The transport of kombu writes it under the name that readers look for, and one that looks in
    the meantime takes an empty file for the message and loses it.
    """

    def _put(self, queue: str, payload: Any, **_: Any) -> None:
        """Write a message beside the queue and then rename it into the queue."""
        name = f"{time_ns() // 1_000_000}_{uuid.uuid4()}"
        draft = Path(self.data_folder_out, f"{name}.draft")
        try:
            draft.write_bytes(dumps(payload).encode())
            draft.replace(Path(self.data_folder_out, f"{name}.{queue}.msg"))
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise ChannelError(f"The message for {queue} cannot be written: {error}") from error


class Transport(FileTransport):
    """Looks into the message folder as often as its `polling_interval` says."""

    Channel = Channel
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

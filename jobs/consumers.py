"""The sockets of jobs."""

from config.live.consumers import RoomConsumer
from jobs.lifecycle.events import ROOM


class RunConsumer(RoomConsumer):
    """Sends what happens in a run."""

    kind = ROOM
    key_argument = "run"

"""The embedded broker: no message is seen before all of it is there."""

import errno
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from config import broker


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "control").mkdir()
    return tmp_path


@pytest.fixture
def queue(folder):
    broker.register()
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder / "control"),
    }
    with (
        Connection("files://localhost", transport_options=options) as connection,
        connection.SimpleQueue("bells") as queue,
    ):
        yield queue


class Watching:
    """A payload that notes how many messages readers see while it is written."""

    def __init__(self, queue: Any) -> None:
        """Keep the queue to look at."""
        self.queue = queue
        self.seen: list[int] = []

    def __json__(self) -> dict[str, int]:
        """Count, and give something to be written."""
        self.seen.append(self.queue.qsize())
        return {"number": 1}


def files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()]


def test_a_message_arrives_as_it_was_sent(queue, folder):
    for number in range(3):
        queue.put({"number": number})
    got = [queue.get(timeout=5) for _ in range(3)]
    for message in got:
        message.ack()
    assert sorted(message.payload["number"] for message in got) == [0, 1, 2]
    assert files(folder) == []


def test_a_message_that_is_being_written_is_not_seen_yet(queue):
    payload = Watching(queue)
    queue.channel._put("bells", payload)
    assert (payload.seen, queue.qsize()) == ([0], 1)


def test_a_message_for_which_there_is_no_room_leaves_nothing_behind(queue, folder, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(ChannelError, match="No space left"):
        queue.channel._put("bells", {"number": 1})
    assert files(folder) == []

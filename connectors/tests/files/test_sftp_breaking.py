"""Downloads that break, hang, change on the way or are too large."""

import socket
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.configuration import validate
from connectors.errors import Cancelled, ConfigError, TransientError
from connectors.library.sftp import Sftp


def test_a_file_that_vanished_is_tried_again(sftp, sftp_server, served):
    served(**{"t/1.csv": "a\n1\n", "t/2.csv": "a\n2\n"})
    with sftp().opened() as source:
        files = list(source.chosen().values())
        (sftp_server.folder / "t/2.csv").unlink()
        with pytest.raises(TransientError, match=r"t/2\.csv vanished"):
            source.fetched(files)


def test_a_file_that_is_being_written_is_tried_again(sftp, sftp_server, served):
    served(**{"t/1.csv": "a\n1\n"})
    with sftp().opened() as source:
        files = list(source.chosen().values())
        served(**{"t/1.csv": "a\n1\n2\n"})
        with pytest.raises(TransientError, match="somebody was writing it"):
            source.fetched(files)


@contextmanager
def proxy(port, *, after, then):
    """Pass bytes on to a port; call `then(both sockets)` once so many came back from there."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def run():
            near, _ = door.accept()
            far = socket.create_connection(("127.0.0.1", port))
            threading.Thread(target=pump, args=(near, far, None), daemon=True).start()
            pump(far, near, after)
            then(near, far)

        def pump(source, sink, left):
            while left is None or left > 0:
                try:
                    data = source.recv(65_536)
                    sink.sendall(data)
                except OSError:
                    return
                if not data:
                    return
                left = None if left is None else left - len(data)

        threading.Thread(target=run, daemon=True).start()
        yield door.getsockname()[1]


def test_a_connection_that_is_cut_in_the_middle_is_tried_again(sftp, sftp_server, served):
    served(**{"t.csv": b"a\n" + b"1234567\n" * 1_000_000})

    def cut(near, far):
        near.close()
        far.close()

    with (
        proxy(sftp_server.port, after=2_000_000, then=cut) as port,
        pytest.raises(TransientError, match=r"The connection to 127\.0\.0\.1:\d+ broke"),
    ):
        sftp(port=port).read()


def test_a_server_that_falls_silent_is_given_up(sftp, sftp_server, served):
    served(**{"t.csv": b"a\n" + b"1234567\n" * 1_000_000})
    kept = []
    with proxy(sftp_server.port, after=2_000_000, then=lambda *ends: kept.extend(ends)) as port:
        with pytest.raises(TransientError, match="broke"):
            sftp(port=port, timeout=1).read()
        assert kept
    for end in kept:
        end.close()


def test_an_interrupt_ends_a_download_that_hangs(sftp, sftp_server, served):
    served(**{"t.csv": b"a\n" + b"1234567\n" * 1_000_000})
    is_silent = threading.Event()
    kept = []

    def fall_silent(*ends):
        kept.extend(ends)
        is_silent.set()

    with (
        proxy(sftp_server.port, after=2_000_000, then=fall_silent) as port,
        sftp(port=port, timeout=60).opened() as source,
    ):
        threading.Thread(target=lambda: (is_silent.wait(), source.interrupt())).start()
        began = time.perf_counter()
        with pytest.raises(Cancelled):
            source.scan(validate(Sftp.ReadOptions, {}))
        assert time.perf_counter() - began < 30
    for end in kept:
        end.close()


@pytest.mark.slow
def test_a_hundred_megabytes_arrive_whole_and_in_flat_memory(sftp, served):
    import resource

    line = b"123456789,abcdefghijklmnopqrstuvwxyz0123456789\n"
    rows = 100_000_000 // len(line)
    served(**{"t.csv": b"a,b\n" + line * rows})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with sftp().opened() as source:
        (fetched,) = source.fetched(list(source.chosen().values()))
        assert Path(fetched.url).stat().st_size == fetched.size > 99_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_more_than_may_be_downloaded_is_refused_before_it_is(sftp, served, tmp_path):
    served(**{"t.csv": b"a\n" + b"1" * 1_100_000})
    with pytest.raises(ConfigError, match="max_download_mb lets 1,048,576") as caught:
        sftp(max_download_mb=1).read()
    assert caught.value.field == "max_download_mb"
    assert not list((tmp_path / "scratch").iterdir())

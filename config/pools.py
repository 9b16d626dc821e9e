"""A worker's pool whose children may be killed at any moment."""

import fcntl
import tempfile

from billiard.pool import Pool as BilliardPool


class ProcessLock:
    """A lock between processes that the kernel gives back when its holder dies."""

    def __init__(self) -> None:
        # Held open for the life of the pool; the children inherit it.
        self._file = tempfile.TemporaryFile()  # noqa: SIM115

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:  # noqa: FBT001, FBT002 -- as a Lock is called
        """Wait for the lock, or answer False if it is not to be had at once."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | (0 if block else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Give the lock back."""
        fcntl.lockf(self._file, fcntl.LOCK_UN)

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


class Pool(BilliardPool):
    """A prefork pool that goes on when an idle child is killed.

    An idle child waits for work with the queue's lock in its hands. A semaphore, which the pool
    uses otherwise, stays taken for ever when its holder is killed, and the worker takes no more
    work. Brokers with an event loop (Redis) have a pipe for each child and do not need this.
    """

    def _setup_queues(self) -> None:
        super()._setup_queues()
        for queue in (self._inqueue, self._outqueue):
            queue._rlock, queue._wlock = ProcessLock(), ProcessLock()  # noqa: SLF001

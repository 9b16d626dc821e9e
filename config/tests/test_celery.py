"""The doorbell: each queue gets its own messages, and the parent of a worker stays able to fork."""

import subprocess
import sys
from pathlib import Path

from config.celery import app
from config.management.commands.worker import LIBRARIES, flags

ROOT = Path(__file__).resolve().parents[2]
# What a worker's parent imports must leave no thread behind that a fork would lose.
IMPORTED = """
import sys, threading
from importlib import import_module
for library in sys.argv[1:]:
    import_module(library)
print(threading.active_count())
"""


def test_a_message_reaches_its_own_queue_only():
    with app.connection_for_read() as connection:
        queues = {name: connection.SimpleQueue(app.amqp.queues[name]) for name in ("runs", "quick")}
        for queue in queues.values():
            # Other tests ring the same doorbell.
            queue.clear()
        app.send_task("nobody.knows", args=(7,), queue="quick")
        sizes = {name: queue.qsize() for name, queue in queues.items()}
        queues["quick"].get(timeout=5).ack()
        for queue in queues.values():
            queue.close()
    assert sizes == {"runs": 0, "quick": 1}


def test_children_are_reused_and_replaced_when_they_grew(settings):
    settings.TASKS_PER_CHILD, settings.CHILD_MEMORY_MB = 50, 512
    chosen = flags("runs", 3)
    assert "--pool=prefork" in chosen
    assert "--concurrency=3" in chosen
    assert "--max-tasks-per-child=50" in chosen
    assert "--max-memory-per-child=524288" in chosen


def test_what_the_parent_of_a_worker_imports_starts_no_thread_of_python():
    command = [sys.executable, "-c", IMPORTED, *LIBRARIES]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout == "1\n"

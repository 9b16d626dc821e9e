"""A worker that answers questions, and somebody who asks."""

import threading

import pytest
from django.conf import settings
from django.db import connections

from connectors import tasks
from jobs.tests.api import Api
from jobs.tests.rows import make_table


@pytest.fixture
def worker(monkeypatch):
    """Answer each question in a thread of its own, as a quick worker's child does elsewhere."""
    threads = []

    def deliver(args, queue):
        assert queue == "quick"

        def work():
            try:
                tasks.answer(*args)
            finally:
                connections.close_all()

        threads.append(threading.Thread(target=work))
        threads[-1].start()

    monkeypatch.setattr(tasks.answer, "apply_async", deliver)
    yield
    for thread in threads:
        thread.join()


@pytest.fixture
def ada(transactional_db):
    """The API for a registered user of Olake's door."""
    return Api("ada", door="olake")


@pytest.fixture
def bob(transactional_db):
    """The API for somebody else."""
    return Api("bob", door="olake")


@pytest.fixture
def shop():
    """A database with a table of orders, as the path that connectors are told."""
    settings.FILES_DIR.mkdir(parents=True, exist_ok=True)
    path = settings.FILES_DIR / "shop.duckdb"
    path.unlink(missing_ok=True)
    make_table(
        path,
        "orders",
        "SELECT range::BIGINT AS id, range::DECIMAL(38, 10) AS price, "
        "TIMESTAMP '2026-01-01 00:00:00' AS updated_at FROM range(10)",
    )
    return "shop.duckdb"

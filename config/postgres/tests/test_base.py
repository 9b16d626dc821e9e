"""The backend beside Django's own: the same values, and a health check without a query."""

from datetime import UTC

import environ
import psycopg
import pytest
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper as DjangosWrapper

from config import services
from config.postgres.base import DatabaseWrapper

TIMES = """
    select '2026-01-20 10:30:00+00'::timestamptz, '2026-07-01 00:00:00.000001+02'::timestamptz,
    '0001-01-01 00:00:00+00'::timestamptz, '9999-12-31 23:59:59.999999+00'::timestamptz, null::timestamptz,
    array['2026-01-20 10:30:00+01'::timestamptz]
"""


@pytest.fixture
def opened(postgres_url, django_db_blocker):
    """Open a wrapper of either kind on one database."""
    parts = services.postgres_database(environ.Env.db_url_config(postgres_url), pool=0)
    settings = connections.configure_settings({"default": parts})["default"]
    made = []

    def opener(kind):
        made.append(kind(settings, alias="default"))
        made[-1].ensure_connection()
        return made[-1]

    with django_db_blocker.unblock():
        yield opener
        for wrapper in made:
            wrapper.close()


def times(wrapper):
    with wrapper.cursor() as cursor:
        cursor.execute(TIMES)
        return cursor.fetchone()


def test_times_are_those_that_django_reads(opened):
    ours = times(opened(DatabaseWrapper))
    assert ours == times(opened(DjangosWrapper))
    assert ours[0].tzinfo is UTC
    assert ours[5][0].tzinfo is UTC


def test_a_connection_that_stands_is_told_without_a_query(opened):
    wrapper = opened(DatabaseWrapper)
    assert wrapper.is_usable()
    assert wrapper.connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    with wrapper.cursor() as cursor:
        cursor.execute("select query from pg_stat_activity where pid = pg_backend_pid()")
        wrapper.is_usable()
        assert cursor.fetchone() == (
            "select query from pg_stat_activity where pid = pg_backend_pid()",
        )


def test_a_connection_that_the_server_ended_is_not_usable(opened, postgres_url):
    wrapper = opened(DatabaseWrapper)
    pid = wrapper.connection.info.backend_pid
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute("select pg_terminate_backend(%s, 5000)", [pid])
    assert not wrapper.is_usable()


def test_a_connection_with_something_to_say_is_asked_and_stands(opened, postgres_url):
    wrapper = opened(DatabaseWrapper)
    with wrapper.cursor() as cursor:
        cursor.execute("listen news")
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute("notify news")
        # What is notified has been sent when the notifier's next query is answered.
        other.execute("select 1")
    assert wrapper.is_usable()


def test_a_closed_connection_is_not_usable(opened):
    wrapper = opened(DatabaseWrapper)
    wrapper.connection.close()
    assert not wrapper.is_usable()

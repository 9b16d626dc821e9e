"""Counting together: how often something happened in a window of time, over all processes.

A window begins with its first event. Redis counts where there is one, else a row of a table; a Redis
that does not answer is replaced by the table, so that neither everybody nor nobody is locked out.
"""

import logging
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from redis import Redis, RedisError

from config.models import Counter

log = logging.getLogger(__name__)

Count = tuple[int, float]
PREFIX = "millrace:count:"
# A Redis that does not answer is left alone for a while: a request must not wait for it each time.
REST_SECONDS = 5.0
_resting_until = 0.0

COUNT_ROW = """
    INSERT INTO counters (key, number, ends_at) VALUES (%(key)s, %(by)s, %(end)s)
    ON CONFLICT (key) DO UPDATE SET
        number = excluded.number
            + CASE WHEN counters.ends_at > %(now)s THEN counters.number ELSE 0 END,
        ends_at = CASE WHEN counters.ends_at > %(now)s THEN counters.ends_at ELSE excluded.ends_at END
    RETURNING number, ends_at
"""
COUNT_KEY = """
    local number = redis.call('INCRBY', KEYS[1], ARGV[1])
    local left = redis.call('PTTL', KEYS[1])
    if left < 0 then
        left = tonumber(ARGV[2])
        redis.call('PEXPIRE', KEYS[1], left)
    end
    return {number, left}
"""
TAKE_BACK_KEY = """
    local number = tonumber(redis.call('GET', KEYS[1]) or '0')
    if number > 0 then redis.call('DECR', KEYS[1]) end
    return number
"""


def count(key: str, *, seconds: int, by: int = 1) -> Count:
    """Count an event; returns the number in this window and the seconds until the window ends.

    It stands whatever follows: in a transaction, which may be rolled back, it is a RuntimeError.
    """
    return _either(
        lambda redis: _count_key(redis, key, seconds=seconds, by=by),
        lambda: _count_row(key, seconds=seconds, by=by),
    )


def peek(key: str) -> Count:
    """Return the number in the window that goes on and the seconds until it ends; 0 and 0 if none."""
    return _either(lambda redis: _peek_key(redis, key), lambda: _peek_row(key))


def take_back(key: str) -> None:
    """Count one event less, if the window goes on."""
    _either(
        lambda redis: redis.register_script(TAKE_BACK_KEY)(keys=[PREFIX + key]),
        lambda: _running(key).filter(number__gt=0).update(number=F("number") - 1),
    )


def forget(key: str) -> None:
    """End the window; the next event begins a new one."""
    _either(
        lambda redis: redis.delete(PREFIX + key),
        lambda: Counter.objects.filter(key=key).delete(),
    )


def prune(now: float) -> None:
    """Delete the rows of windows that have ended; `now` is in Unix seconds."""
    Counter.objects.filter(ends_at__lt=now).delete()


def _either(in_redis: Callable[[Redis], Any], in_table: Callable[[], Any]) -> Any:
    global _resting_until  # noqa: PLW0603 -- one Redis for the process
    if settings.REDIS_URL and time.monotonic() >= _resting_until:
        try:
            return in_redis(_redis(settings.REDIS_URL))
        except RedisError as error:
            _resting_until = time.monotonic() + REST_SECONDS
            log.warning("Redis does not count (%s); the database does", type(error).__name__)
    return in_table()


@cache
def _redis(url: str) -> Redis:
    """Return this process's connections; redis-py opens new ones after a fork."""
    return Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)


def _count_key(redis: Redis, key: str, *, seconds: int, by: int) -> Count:
    script = redis.register_script(COUNT_KEY)
    number, left = script(keys=[PREFIX + key], args=[by, seconds * 1000])
    return number, left / 1000


def _peek_key(redis: Redis, key: str) -> Count:
    pipeline = redis.pipeline()
    number, left = pipeline.get(PREFIX + key).pttl(PREFIX + key).execute()
    return (int(number), left / 1000) if number and left >= 0 else (0, 0.0)


def _count_row(key: str, *, seconds: int, by: int) -> Count:
    now = time.time()
    values = {"key": key, "by": by, "now": now, "end": now + seconds}
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(COUNT_ROW, values)
        number, ends_at = cursor.fetchone()
    return number, ends_at - now


def _peek_row(key: str) -> Count:
    row = _running(key).first()
    return (row.number, row.ends_at - time.time()) if row else (0, 0.0)


def _running(key: str) -> QuerySet[Counter]:
    return Counter.objects.filter(key=key, ends_at__gt=time.time())

"""Many at once, and workers that die."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from jobs import lifecycle
from jobs.models import Part


def claim(part_id):
    return lifecycle.claim_part(part_id, host="here", pid=7)


def at_once(count, function):
    """Call `function(number)` in so many threads at the same time, each with its own connection."""

    def call(number):
        try:
            return function(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(call, range(count)))


def expire(part):
    Part.objects.filter(pk=part.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))

"""Many at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection


def at_once(count, function):
    """Call `function(number)` in so many threads that begin together, each with a connection."""
    start = Barrier(count)

    def call(number):
        try:
            start.wait(20)
            return function(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(call, range(count)))

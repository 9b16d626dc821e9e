"""Run as a program: what it takes to know who a token is of, in a process that knows them."""

import json
import sys
import time
from statistics import median

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402

CALLS, BATCHES = 1_000, 15


def main(token: str) -> None:
    """Print microseconds and queries of one verification as JSON: the medians of many batches."""
    name = settings.REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"][0]
    authenticate = import_string(name)().authenticate
    request = RequestFactory(headers={"Authorization": f"Bearer {token}"}).get("/jobs")
    taken, queries = [], []
    for _ in range(BATCHES):
        # The row of a user is read anew every other second; a batch is shorter than that.
        authenticate(request)
        with CaptureQueriesContext(connection) as asked:
            # There is nothing to wait for; the processor's time is not that of other programs.
            began = time.process_time()
            for _ in range(CALLS):
                authenticate(request)
            taken.append((time.process_time() - began) / CALLS * 1e6)
        queries.append(len(asked))
    print(json.dumps({"microseconds": median(taken), "queries": median(queries)}))


if __name__ == "__main__":
    main(sys.argv[1])

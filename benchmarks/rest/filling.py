"""Run as a program: fill a migrated database, and print the tokens to ask with as JSON."""

import json
import sys
from datetime import timedelta

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from rest_framework_simplejwt.tokens import AccessToken  # noqa: E402

from accounts.models import Project, User  # noqa: E402
from jobs.models import Job, Kind  # noqa: E402

JOBS = 1_000


def fill(owner: User) -> None:
    """Give a user 1,000 task jobs."""
    project = Project.objects.personal_of(owner)
    Job.objects.bulk_create(
        Job(
            project=project,
            kind=Kind.TASKS,
            name=f"Copy the orders of day {number}",
            description="Reads what the shop wrote, keeps the columns that count, loads the rest.",
            schedule="0 30 4 * * *",
            dialect="orc",
            config={"tasks": []},
            created_by=owner,
        )
        for number in range(JOBS)
    )


def main(username: str) -> None:
    """Fill the database for a user who signed up, and print a token of simplejwt's own."""
    owner = User.objects.get(username=username)
    fill(owner)
    with connection.cursor() as cursor:
        # As autovacuum does within a minute; without it the rows' number is a guess.
        cursor.execute("analyze")
    token = AccessToken.for_user(owner)
    token.set_exp(lifetime=timedelta(hours=1))
    print(json.dumps({"token": str(token)}))


if __name__ == "__main__":
    if sys.argv[1] == "--migrate":
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
    else:
        main(sys.argv[1])

"""Old audit events are deleted, where a rule says how long they may be kept."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts import audit


class Command(BaseCommand):
    """Deletes what was written down before a day; nothing else in the platform can."""

    help = "Delete the audit events from before a day. On PostgreSQL only the table's owner may."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the day."""
        parser.add_argument("--before", type=_day, required=True, help="A day, such as 2026-01-31")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, and tell how many there were."""
        count = audit.prune(before=options["before"])
        self.stdout.write(f"Deleted {count} audit events")


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)

"""The OpenAPI document as a file: written anew, or compared with what the code says."""

from difflib import unified_diff
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from config.api import document

MOST_LINES = 60


class Command(BaseCommand):
    """Writes docs/openapi.json; with --check it only says whether that file is true."""

    help = "Write docs/openapi.json from the code, or compare it with --check."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check."""
        parser.add_argument(
            "--check", action="store_true", help="Write nothing; fail if it differs"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the document or compare it; CommandError if it is unclear, invalid or old."""
        made = document.text()
        GENERATOR_STATS.emit_summary()
        if GENERATOR_STATS:
            raise CommandError("The document had to be guessed in part; see the warnings above")
        validate_schema(document.document())
        if not options["check"]:
            document.FILE.write_bytes(made)
            self.stdout.write(f"Wrote {document.FILE}")
        elif not document.FILE.exists() or document.FILE.read_bytes() != made:
            self.stdout.writelines(self._differences(made.decode()))
            raise CommandError(
                "docs/openapi.json is not what the code says; renew it: make openapi"
            )

    def _differences(self, made: str) -> list[str]:
        kept = document.FILE.read_text(encoding="utf-8") if document.FILE.exists() else ""
        lines = unified_diff(
            kept.splitlines(), made.splitlines(), "docs/openapi.json", "the code", lineterm="", n=1
        )
        return [*islice(lines, MOST_LINES)]

"""What the search box of the admin finds: rows by their uuid, or by the beginning of their name."""

from uuid import UUID

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from unfold.dataclasses import SearchResult

from accounts.models import ApiKey, Project, Session, User
from connectors.models import Connection
from jobs.models import FileJob, Job, Part, Run

MOST_OF_EACH = 5
# Shorter texts begin too many names.
SHORTEST = 2

BY_UUID: tuple[type[Model], ...] = (
    *(Run, Job, FileJob, Part, Connection),
    *(Project, User, Session, ApiKey),
)
BY_NAME: tuple[tuple[type[Model], str], ...] = (
    (Job, "name"),
    (FileJob, "file_name"),
    (Connection, "name"),
    (Project, "name"),
    (User, "username"),
    (User, "email"),
)


def find(_request: HttpRequest, text: str) -> list[SearchResult]:
    """Return links to the rows that a text names, a few of each kind."""
    text = text.strip()
    try:
        known = UUID(text)
    except ValueError:
        return _named(text) if len(text) >= SHORTEST else []
    return [_link(row) for model in BY_UUID for row in model.objects.filter(uuid=known)]


def _named(text: str) -> list[SearchResult]:
    rows = (
        row
        for model, field in BY_NAME
        for row in model.objects.filter(**{f"{field}__istartswith": text}).order_by("-pk")[
            :MOST_OF_EACH
        ]
    )
    # A user is found by name and by e-mail.
    return [_link(row) for row in dict.fromkeys(rows)]


def _link(row: Model) -> SearchResult:
    meta = row._meta  # noqa: SLF001 -- Django's way to a model's name
    page = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    return SearchResult(
        title=str(row),
        description=str(meta.verbose_name).capitalize(),
        link=page,
        icon="arrow_forward",
    )

"""Every stored secret is encrypted with the first of FERNET_KEYS, so that the others can go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from connectors import sealing
from connectors.errors import ConfigError
from connectors.models import Connection
from jobs.models import Job, Run

# Where sealed secrets are stored.
PLACES: tuple[tuple[type[models.Model], str], ...] = (
    (Connection, "settings"),
    (Job, "config"),
    (Run, "plan"),
)


class Command(BaseCommand):
    """Seals anew what another key has sealed; it may be repeated, and run while others work."""

    help = "Encrypt every stored secret with the first of FERNET_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Reseal row by row and tell how many; CommandError names rows that no key opens."""
        lost: list[str] = []
        for model, field in PLACES:
            keys = list(model._default_manager.values_list("pk", flat=True))  # noqa: SLF001 -- Django documents it
            count = sum(_reseal(model, field, key, lost) for key in keys)
            self.stdout.write(f"Resealed {count} {model._meta.verbose_name_plural}")  # noqa: SLF001
        if lost:
            raise CommandError(
                f"No key among FERNET_KEYS opens a secret of: {', '.join(lost)}. Add the key that "
                "sealed it and repeat this, or enter the secret anew."
            )


@transaction.atomic
def _reseal(model: type[models.Model], field: str, key: Any, lost: list[str]) -> bool:
    """Return whether the row had to be changed; whoever changes it meanwhile waits."""
    rows = model._default_manager.filter(pk=key)  # noqa: SLF001
    row = rows.select_for_update().only(field).first()
    if row is None:
        return False
    stored = getattr(row, field)
    try:
        sealed = sealing.reseal(stored)
    except ConfigError:
        lost.append(f"{model.__name__} {key}")
        return False
    # Not saved: nothing that a person would call a change has happened.
    return sealed != stored and bool(rows.update(**{field: sealed}))

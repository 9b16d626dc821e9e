"""Who may follow whom, and the one UPDATE that decides.

    run   created ─▶ queued ─▶ running ─▶ succeeded | partial | failed | cancelled
             │          │         ├─▶ cancelling ─▶ cancelled | succeeded (the cancel came too late)
             └──────────┴─────────┴─▶ cancelled | failed (nothing of it was running)
          partial | failed | cancelled ─▶ queued (a person retries it; attempt + 1)

    part  created ─▶ queued ─▶ running ─▶ succeeded | failed | cancelled
             │          │         └─▶ queued (retry: attempt + 1; a wait for its target: same attempt)
             └──────────┴──▶ cancelled
          failed | cancelled ─▶ queued | created (a person retries the run)

A run stays `running` while one of its parts waits for its next attempt.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from jobs.models import Part, PartStatus, Run, Status

RUN_BEFORE: dict[str, tuple[str, ...]] = {
    Status.QUEUED: (Status.CREATED, Status.PARTIAL, Status.FAILED, Status.CANCELLED),
    Status.RUNNING: (Status.QUEUED,),
    Status.CANCELLING: (Status.RUNNING,),
    Status.SUCCEEDED: (Status.RUNNING, Status.CANCELLING),
    Status.PARTIAL: (Status.RUNNING,),
    Status.FAILED: (Status.CREATED, Status.QUEUED, Status.RUNNING),
    Status.CANCELLED: (Status.CREATED, Status.QUEUED, Status.RUNNING, Status.CANCELLING),
}
PART_BEFORE: dict[str, tuple[str, ...]] = {
    PartStatus.CREATED: (PartStatus.FAILED, PartStatus.CANCELLED),
    PartStatus.QUEUED: (
        PartStatus.CREATED,
        PartStatus.RUNNING,
        PartStatus.FAILED,
        PartStatus.CANCELLED,
    ),
    PartStatus.RUNNING: (PartStatus.QUEUED,),
    PartStatus.SUCCEEDED: (PartStatus.RUNNING,),
    PartStatus.FAILED: (PartStatus.RUNNING,),
    PartStatus.CANCELLED: (PartStatus.CREATED, PartStatus.QUEUED, PartStatus.RUNNING),
}


@contextmanager
def changing(run_id: int) -> Iterator[Run]:
    """Open a transaction that holds the run's row, and give the row as it is now."""
    with transaction.atomic():
        yield Run.objects.select_for_update().get(pk=run_id)


def move(row: Run | Part, to: str, *, where: Q | None = None, **changes: Any) -> bool:
    """Move a run or part and change its fields; False if it stands where `to` may not follow.

    `where` must hold too, such as that the lease is still one's own. One UPDATE decides, so that
    two can never both win; the row in hand is changed only by who won.
    """
    if isinstance(row, Run):
        changes["updated_at"] = timezone.now()
        rows = Run.objects.filter(pk=row.pk, status__in=RUN_BEFORE[to])
    else:
        rows = Part.objects.filter(pk=row.pk, status__in=PART_BEFORE[to])
    if rows.filter(where or Q()).update(status=to, **changes) != 1:
        return False
    for name, value in {"status": to, **changes}.items():
        setattr(row, name, value)
    return True

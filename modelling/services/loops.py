"""Which relationships lie on a circle of tables, kept true with every change of one."""

from uuid import UUID

from django.db.models import F

from modelling.circles import circular
from modelling.models import Relationship
from modelling.services.changing import Change


def mark(change: Change, *, besides: int = 0) -> set[UUID]:
    """Store which relationships are circular now, and tell of those that were not or were.

    `besides` is the key of the relationship that tells of itself. Return the circular ones. A few
    queries, however many change.
    """
    alive = Relationship.objects.alive().filter(workspace=change.workspace).order_by("pk")
    columns = ("pk", "uuid", "source_table_id", "target_table_id", "is_circular", "version")
    rows = list(alive.values_list(*columns))
    found = circular((uuid, source, target) for _, uuid, source, target, *_ in rows)
    flipped: dict[bool, list[int]] = {True: [], False: []}
    for pk, uuid, _, _, was, version in rows:
        is_circular = uuid in found
        if pk == besides:
            Relationship.objects.filter(pk=pk).update(is_circular=is_circular)
        elif is_circular != was:
            flipped[is_circular].append(pk)
            change.tell(
                "relationship_updated",
                element=uuid,
                version=version + 1,
                payload={"is_circular": is_circular},
            )
    for is_circular, keys in flipped.items():
        Relationship.objects.filter(pk__in=keys).update(
            is_circular=is_circular, version=F("version") + 1, last_modified_at=change.at
        )
    return found

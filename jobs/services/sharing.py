"""Jobs that fill one table: what empties it for one of them would take the rows of the others."""

from config.api.errors import Conflict
from connectors.errors import ConfigError
from jobs.compiling.streams import compile_streams, is_same_table, table_of
from jobs.models import Job, Kind
from jobs.plan import Load


def demand_alone(job: Job, load: Load, *, deed: str) -> None:
    """Raise Conflict where another sync job loads into the same table."""
    other = sharer(job, load)
    if other is not None:
        raise Conflict(
            f"Job {other.name!r} loads into the same table as stream "
            f"{load.stream.partition('/')[2]!r}: it cannot be {deed} without the rows of both. "
            "Give one of them another destination_table"
        )


def sharer(job: Job, load: Load) -> Job | None:
    """Return another sync job of the project that fills the table of a load, if there is one."""
    if job.kind != Kind.SYNC:
        return None
    table = table_of(load)
    others = Job.objects.alive().filter(kind=Kind.SYNC, destination=job.destination_id)
    for other in others.exclude(pk=job.pk).select_related("source", "destination"):
        try:
            plan = compile_streams(other)
        except ConfigError:
            # It selects nothing, or what it selects cannot run.
            continue
        if any(
            is_same_table(table, table_of(one))
            for part in plan.parts
            for one in part.of_kind("load")
        ):
            return other
    return None

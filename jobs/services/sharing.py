"""Jobs that fill one table: what empties it for one of them would take the rows of the others."""

from collections.abc import Iterator, Mapping
from typing import Any

from config.api.errors import Conflict
from connectors import registry, sealing
from connectors.base import WriteMode
from connectors.configuration import validate
from connectors.errors import ConfigError
from connectors.sql.names import TableName, parse_table
from jobs.compiling.streams import compile_streams, is_same_table, table_of
from jobs.models import Job, Kind
from jobs.plan import Extract, Load

# What a table's schema is where nobody says it; in MySQL it is the database.
USUAL_SCHEMAS = {"postgres": "public", "sqlite": "main", "duckdb": "main"}


def demand_alone(job: Job, load: Load, *, deed: str) -> None:
    """Raise Conflict where another sync job loads into the same table."""
    other = sharer(job, load)
    if other is not None:
        raise Conflict(
            f"Job {other.name!r} loads into the same table as stream "
            f"{load.stream.partition('/')[2]!r}: it cannot be {deed} without the rows of both. "
            "Give one of them another destination_table"
        )


def demand_own_tables(job: Job) -> None:
    """Refuse a sync job that loads a table into itself, or where one of two jobs replaces a table.

    ConfigError and Conflict name the streams, and what to do.
    """
    plan = _plan_of(job)
    if plan is None:
        return
    others = [(other, load) for other in _neighbours(job) for load in _loads(other)]
    for part in plan.parts:
        (load,), (extract,) = part.of_kind("load"), part.of_kind("extract")
        _demand_another_table(job, extract, load)
        for other, theirs in others:
            if is_same_table(table_of(load), table_of(theirs)) and (
                replaces(load) or replaces(theirs)
            ):
                raise Conflict(
                    f"Job {other.name!r} loads into the same table as stream {part.id!r}, and one "
                    "of the two replaces all of its rows. Give one of them another "
                    "destination_table"
                )


def replaces(load: Load) -> bool:
    """Return whether each load takes the place of what was loaded before."""
    model = registry.destination(load.connector).WriteOptions
    return validate(model, sealing.unseal(load.options)).mode is WriteMode.REPLACE


def sharer(job: Job, load: Load) -> Job | None:
    """Return another sync job of the project that fills the table of a load, if there is one."""
    if job.kind != Kind.SYNC:
        return None
    table = table_of(load)
    for other in _neighbours(job):
        if any(is_same_table(table, table_of(one)) for one in _loads(other)):
            return other
    return None


def _neighbours(job: Job) -> Iterator[Job]:
    """Yield the other sync jobs that load into the same destination."""
    others = Job.objects.alive().filter(kind=Kind.SYNC, destination=job.destination_id)
    yield from others.exclude(pk=job.pk).select_related("source", "destination")


def _plan_of(job: Job) -> Any:
    """Return a job's plan; None where it selects nothing, or what it selects cannot run."""
    try:
        return compile_streams(job)
    except ConfigError:
        return None


def _loads(job: Job) -> list[Load]:
    plan = _plan_of(job)
    return [load for part in plan.parts for load in part.of_kind("load")] if plan else []


def _demand_another_table(job: Job, extract: Extract, load: Load) -> None:
    assert job.source is not None
    assert job.destination is not None
    source, destination = registry.source(extract.connector), registry.destination(load.connector)
    if source.name != destination.name or extract.options.get("query"):
        return
    read = validate(source.Settings, sealing.unseal(job.source.settings))
    written = validate(destination.Settings, sealing.unseal(job.destination.settings))
    table, schema = extract.options.get("table"), extract.options.get("table_schema")
    is_one = _full(parse_table(str(table), schema) if table else None, source.name, read) == _full(
        table_of(load), destination.name, written
    )
    if is_one and _led_to(read) == _led_to(written):
        raise ConfigError(
            f"{load.stream.partition('/')[2]!r} would be loaded into the very table that it is "
            "read from; give it another destination_table",
            field="config",
        )


def _led_to(settings: Any) -> Mapping[str, Any]:
    """Return which data settings mean, and on which server."""
    server = {name: getattr(settings, name, None) for name in ("host", "port")}
    return {**settings.identity(), **server}


def _full(table: TableName | None, connector: str, settings: Any) -> tuple[str | None, ...]:
    """Return a table's name with its schema, the usual one where none is said."""
    if table is None:
        return ()
    usual = USUAL_SCHEMAS.get(connector) or getattr(settings, "database", None)
    return (table.schema or usual, table.table.casefold())

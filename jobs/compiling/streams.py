"""From a sync job to its Plan: one part for each stream, each for itself."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors import registry
from connectors.base import Destination, Options, Source, WriteMode
from connectors.catalog import table_for
from connectors.configuration import validate
from connectors.errors import ConfigError
from connectors.models import Connection
from connectors.sql.markers import PREFIX
from connectors.sql.names import TableName, parse_table
from jobs.compiling.holding import demand_types
from jobs.compiling.sums import is_summed
from jobs.models import Job
from jobs.plan import AnyStep, Extract, Load, Part, Plan, SchemaPolicy, Transform
from jobs.rules import demand_settings, rules
from jobs.selection import Choice, SyncMode, choices, validate_choice
from jobs.spelling import demand_known_words


def compile_streams(job: Job) -> Plan:
    """Return the plan of a sync job; ConfigError if it selects nothing that could be moved."""
    found = choices(job.config)
    if not found:
        raise ConfigError(
            "The job selects no streams; choose some of its source's catalog", field="config"
        )
    return Plan(parts=tuple(_part(job, choice) for choice in found))


def demand_streams(job: Job) -> None:
    """Judge what a job selects before it is saved; nothing at all is allowed until it runs."""
    demand_settings(job.config)
    Joining(job)
    demand_known_words(job.config)


class Joining:
    """The parts of a job's streams, to which more may come as long as none fills another's table."""

    def __init__(self, job: Job) -> None:
        """Take what the job selects; ConfigError names what cannot be run."""
        self._job = job
        self._tables: dict[str | None, list[tuple[str, TableName | None]]] = {}
        for choice in choices(job.config):
            self._add(choice)

    def take(self, stream: Mapping[str, Any]) -> Part:
        """Return the part of one more stream; ConfigError if it cannot be loaded beside the rest."""
        return self._add(validate_choice(stream))

    def _add(self, choice: Choice) -> Part:
        part = _part(self._job, choice)
        demand_types(choice, *part.of_kind("load"))
        table = table_of(_load(part))
        _demand_own_name(choice, table)
        alike = self._tables.setdefault(table and table.table.casefold(), [])
        for other, place in alike:
            if is_same_table(table, place):
                raise ConfigError(
                    f"{other!r} and {part.id!r} would both fill {str(place)!r}; give one of them "
                    "another destination_table",
                    field="config",
                )
        alike.append((part.id, table))
        return part


def _demand_own_name(choice: Choice, table: TableName | None) -> None:
    """Refuse a table that is called like those in which the destinations keep their markers."""
    for name in (choice.table, table.table if table else ""):
        if name.casefold().startswith(PREFIX):
            raise ConfigError(
                f"stream {choice.full_name!r}: names that begin with {PREFIX} are kept for "
                f"Millrace's own tables; give it another destination_table than {name!r}",
                field="config.streams",
            )


def _load(part: Part) -> Load:
    (load,) = part.of_kind("load")
    assert isinstance(load, Load)
    return load


def table_of(load: Load) -> TableName | None:
    """Return the table that a load fills; None where it names none."""
    table, schema = load.options.get("table"), load.options.get("table_schema")
    return parse_table(str(table), schema) if table else None


def is_same_table(one: TableName | None, other: TableName | None) -> bool:
    """Return whether two names may mean one table: case and a schema left out tell no tables apart."""
    if one is None or other is None:
        return one is other
    schemas = {name.schema.casefold() for name in (one, other) if name.schema is not None}
    return one.table.casefold() == other.table.casefold() and len(schemas) < 2


def _part(job: Job, choice: Choice) -> Part:
    """Return the part of a stream; ConfigError names the stream."""
    try:
        return _compiled(job, choice)
    except ConfigError as error:
        if repr(choice.full_name) in error.message:
            raise
        text = f"stream {choice.full_name!r}: {error.message}"
        raise ConfigError(text, field=error.field) from None


def _compiled(job: Job, choice: Choice) -> Part:
    name = choice.full_name
    source, destination = _ends(job)
    policy = choice.schema_policy or rules(job.config).schema_policy
    written = _write(destination, choice)
    if policy is SchemaPolicy.EVOLVE and destination.evolves:
        written.setdefault("evolve", True)
    merges = validate(destination.WriteOptions, written).mode is WriteMode.UPSERT
    extract = Extract(
        id=f"{name}:extract",
        name=f"Extract {name}",
        connector=source.name,
        origin=_origin(job.source),
        options=_read(source, choice, merges=merges),
        scope=_scope(choice),
    )
    steps: list[AnyStep] = [extract]
    for transformer, config in _transforms(choice):
        steps.append(
            Transform(
                id=f"{name}:{transformer}",
                name=f"{registry.transformer(transformer).label} of {name}",
                transformer=transformer,
                config=config,
                inputs=(steps[-1].id,),
            )
        )
    load = Load(
        id=f"{name}:load",
        name=f"Load {name}",
        connector=destination.name,
        origin=_origin(job.destination),
        options=written,
        stream=f"{job.uuid}/{name}",
        input=steps[-1].id,
        policy=policy,
        checksums=is_summed(destination, choice, written, rules(job.config)),
    )
    return Part(id=name, name=name, steps=(*steps, load))


def _ends(job: Job) -> tuple[type[Source], type[Destination]]:
    assert job.source is not None
    assert job.destination is not None
    source = registry.source(job.source.connector)
    return source, registry.destination(job.destination.connector)


def _origin(connection: Connection | None) -> str:
    assert connection is not None
    return f"connection:{connection.uuid}"


def _read(plugin: type[Source], choice: Choice, *, merges: bool) -> dict[str, Any]:
    """Return what reads the stream: as the catalog said, or as its name says."""
    model = plugin.ReadOptions
    options = dict(_named(model, choice) if choice.options is None else choice.options)
    if choice.mode is SyncMode.INCREMENTAL:
        if "cursor" not in model.model_fields:
            raise ConfigError(
                f"{plugin.name} cannot be read incrementally; choose full_refresh for "
                f"{choice.full_name!r}",
                field="config",
            )
        options |= _followed(plugin, choice, merges=merges)
    if choice.filter is not None and "filter" in model.model_fields:
        # The step behind it filters once more; here it spares the way.
        options["filter"] = dict(choice.filter)
    if choice.columns is not None:
        # What a filter looks at is read as well, and left out behind it.
        wanted = dict.fromkeys([*choice.columns, *_looked_at(choice.filter)])
        options["columns"] = list(wanted)
    validate(model, options)
    return options


def _followed(plugin: type[Source], choice: Choice, *, merges: bool) -> dict[str, Any]:
    """Return along what the stream is read; ConfigError for what its source does not offer."""
    wanted = {
        "cursor": choice.cursor,
        "second_cursor": choice.second_cursor,
        "look_back": choice.look_back,
        "null_cursors": choice.null_cursors,
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    for name in given:
        if name not in plugin.ReadOptions.model_fields:
            raise ConfigError(
                f"{plugin.name} does not offer {name}; leave it out of {choice.full_name!r}",
                field="config.streams",
            )
    # A row that comes again does no harm where rows are merged by their key.
    repeats = {"may_repeat": True} if "may_repeat" in plugin.ReadOptions.model_fields else {}
    return given | (repeats if merges else {})


def _scope(choice: Choice) -> dict[str, Any]:
    """Return what narrows the rows behind the source, and the columns that are kept of them."""
    scope: dict[str, Any] = {} if choice.filter is None else {"filter": dict(choice.filter)}
    return scope if choice.columns is None else scope | {"columns": sorted(choice.columns)}


def _named(model: type[Options], choice: Choice) -> dict[str, Any]:
    if "table" not in model.model_fields:
        return {}
    if "table_schema" not in model.model_fields:
        return {"table": choice.full_name if choice.namespace else choice.name}
    return {"table": str(TableName(choice.name, choice.namespace or None))}


def _transforms(choice: Choice) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the steps between: the filter, and what leaves out columns that only it needed."""
    if choice.filter is None:
        return
    plugin = registry.transformer("filter")
    validate(plugin.Config, choice.filter)
    yield "filter", dict(choice.filter)
    if choice.columns is not None and set(_looked_at(choice.filter)) - set(choice.columns):
        yield "select", {"columns": list(choice.columns)}


def _looked_at(condition: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield the columns that a filter compares."""
    if condition is None:
        return
    if isinstance(condition.get("column"), str):
        yield condition["column"]
    inner: Sequence[Any] = [*(condition.get("all") or ()), *(condition.get("any") or ())]
    for one in inner:
        yield from _looked_at(one)


def _write(plugin: type[Destination], choice: Choice) -> dict[str, Any]:
    """Return how the stream is written: all of it anew, merged by its key, or appended."""
    model = plugin.WriteOptions
    options = dict(choice.write)
    options.setdefault("mode", _mode(plugin, choice).value)
    if choice.unheld_types is not None:
        options.setdefault("unheld_types", choice.unheld_types)
    if choice.key:
        options.setdefault("key", list(choice.key))
    if "table" in model.model_fields and "table" not in options:
        options["table"] = choice.table or table_for(choice.name.rpartition(".")[2])
    written = validate(model, options)
    if written.mode not in plugin.write_modes:
        raise ConfigError(f"{plugin.name} does not offer {written.mode.value!r}", field="config")
    return options


def _mode(plugin: type[Destination], choice: Choice) -> WriteMode:
    if choice.write_mode is not None:
        return choice.write_mode
    if choice.mode is SyncMode.FULL_REFRESH:
        return WriteMode.REPLACE
    can_merge = choice.key and not choice.append_mode and WriteMode.UPSERT in plugin.write_modes
    return WriteMode.UPSERT if can_merge else WriteMode.APPEND

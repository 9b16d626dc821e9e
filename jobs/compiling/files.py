"""From a file job to its Plan: one part that reads the upload, takes its steps, writes the result."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from connectors import registry
from connectors.base import Options, WriteMode
from connectors.configuration import spellings, validate
from connectors.errors import ConfigError
from connectors.files.aims import PACKED
from connectors.files.destination import FileDestination
from connectors.files.locations import MAGIC
from jobs.compiling.formats import Format, format_named, format_of, stem_of
from jobs.models import FileJob
from jobs.plan import Extract, Load, Part, Plan, Transform

CONVERT = "convert_format"
# Where the steps of a part begin and end.
INPUT, OUTPUT = "input", "output"
# Which file is read and written, and how it is replaced, is the job's own affair.
CLOSED = {"source": ("table", "cursor"), "destination": ("table", "mode", "key", "evolve")}
LONGEST_NAME = 255
MOST_STEPS = 100

Step = Mapping[str, Any]


@dataclass(frozen=True)
class Recipe:
    """What a file job does, checked: how it reads, its steps as transforms, how it writes."""

    source: Format
    read: Mapping[str, Any]
    transforms: tuple[Transform, ...]
    target: Format
    write: Mapping[str, Any]
    # What the name of the result ends in.
    ending: str


def recipe_of(
    *, file_name: str, steps: Sequence[Step], read: Mapping[str, Any], write: Mapping[str, Any]
) -> Recipe:
    """Check all that can be checked before there is a file; ConfigError names the field."""
    _demand_steps(steps)
    source = _source_format(file_name, read)
    reading = _checked(_without(read, "format"), source, "source", field="input_options")
    transforms = tuple(_transforms(steps))
    target, asked = _target(steps, write, usual=source)
    options = {**target.options, **_kept_dialect(source, target, reading), **asked}
    ending, options = _packed(target, options)
    writing = {**options, "mode": WriteMode.REPLACE.value}
    return Recipe(source, reading, transforms, target, writing, ending)


def _demand_steps(steps: Sequence[Any]) -> None:
    """Refuse steps that are not `{"type": "<name>", "params": {…}}`, a hundred of them at most."""
    if len(steps) > MOST_STEPS:
        raise ConfigError(f"A file job has {MOST_STEPS} steps at most", field="processing_steps")
    for place, step in enumerate(steps):
        field = f"processing_steps[{place}]"
        if not isinstance(step, dict):
            raise ConfigError(f"{field} must be an object with type and params", field=field)
        if not isinstance(step.get("type"), str):
            raise ConfigError(f"{field}.type must be the name of a step", field=f"{field}.type")
        if not isinstance(step.get("params", {}), dict):
            raise ConfigError(f"{field}.params must be an object", field=f"{field}.params")
        if unknown := sorted(step.keys() - {"type", "params"}):
            raise ConfigError(
                f"{field} has type and params, and no {unknown[0]!r}",
                field=f"{field}.{unknown[0]}",
            )


def _params(step: Step) -> dict[str, Any]:
    return dict(step.get("params", {}))


def compile_file(job: FileJob) -> Plan:
    """Return the plan of a file job; ConfigError names the field of what cannot be run."""
    recipe = recipe_of(
        file_name=job.file_name,
        steps=job.processing_steps,
        read=job.input_options,
        write=job.output_options,
    )
    return Plan(parts=(part_of(job, recipe),))


def part_of(job: FileJob, recipe: Recipe) -> Part:
    """Return the one part of a file job's plan."""
    extract = Extract(
        id=INPUT,
        name=f"Extract {job.file_name}",
        connector=recipe.source.connector,
        origin=f"file:{job.uuid}/{INPUT}",
        options=dict(recipe.read),
    )
    load = Load(
        id=OUTPUT,
        name=f"Load {job.output_key.rpartition('/')[2]}",
        connector=recipe.target.connector,
        origin=f"file:{job.uuid}/{OUTPUT}",
        options=dict(recipe.write),
        stream=stream_of(job),
        input=recipe.transforms[-1].id if recipe.transforms else INPUT,
    )
    return Part(id="file", name=job.file_name, steps=(extract, *recipe.transforms, load))


def stream_of(job: FileJob) -> str:
    """Return how the writer of a job's result is called across its runs."""
    return f"file/{job.uuid}"


def output_name(file_name: str, ending: str) -> str:
    """Return what the result of a file is called: `a.csv` becomes `a_processed.parquet`."""
    end = f"_processed{ending}"
    # A pattern could be read from it; a name has so many bytes and no more.
    stem = MAGIC.sub("_", stem_of(file_name)).encode()[: LONGEST_NAME - len(end.encode())]
    return stem.decode(errors="ignore") + end


def _source_format(file_name: str, read: Mapping[str, Any]) -> Format:
    if read.get("format") is not None:
        return format_named(read["format"], field="input_options.format")
    found = format_of(file_name)
    if found is None:
        raise ConfigError(
            f"{file_name!r} does not tell its format; say it as input_options.format, such as csv",
            field="file_name",
        )
    return found


def _transforms(steps: Sequence[Step]) -> Iterator[Transform]:
    before = INPUT
    for place, step in enumerate(steps):
        if step["type"] == CONVERT:
            continue
        field = f"processing_steps[{place}]"
        found = _transform(step, field, id=f"step{place + 1}", before=before)
        before = found.id
        yield found


def _transform(step: Step, field: str, *, id: str, before: str) -> Transform:
    known = sorted([*registry.names("transformers"), CONVERT])
    try:
        plugin = registry.transformer(step["type"])
    except ConfigError:
        raise ConfigError(
            f"{field}.type: unknown step {step['type']!r}; known: {', '.join(known)}",
            field=f"{field}.type",
        ) from None
    inputs = getattr(plugin, "inputs", (INPUT,))
    if inputs is None or len(inputs) != 1:
        raise ConfigError(
            f"{field}.type: {step['type']!r} needs more than one input, and a file job has one; "
            "draw a pipeline for it",
            field=f"{field}.type",
        )
    with named(f"{field}.params"):
        plugin(validate(plugin.Config, _params(step)))
    return Transform(
        id=id, name=plugin.label, transformer=plugin.name, config=_params(step), inputs=(before,)
    )


def _target(
    steps: Sequence[Step], write: Mapping[str, Any], *, usual: Format
) -> tuple[Format, dict[str, Any]]:
    """Return what is written, and the options of it that were asked for."""
    asked = [(place, _params(step)) for place, step in enumerate(steps) if step["type"] == CONVERT]
    if len(asked) > 1:
        field = f"processing_steps[{asked[1][0]}]"
        raise ConfigError(f"{field}: {CONVERT} is given twice; a file has one format", field=field)
    said = write.get("format")
    target = usual if said is None else format_named(said, field="output_options.format")
    if not asked:
        return target, _checked(_without(write, "format"), target, "destination", "output_options")
    ((place, params),) = asked
    field = f"processing_steps[{place}].params"
    meant = format_named(params.get("to_format"), field=f"{field}.to_format")
    if said is not None and meant != target:
        raise ConfigError(
            f"{field}.to_format: {CONVERT} says {meant.name}, and output_options say {target.name}",
            field=f"{field}.to_format",
        )
    general = _checked(_without(write, "format"), meant, "destination", "output_options")
    return meant, general | _checked(_without(params, "to_format"), meant, "destination", field)


def _kept_dialect(source: Format, target: Format, read: Mapping[str, Any]) -> dict[str, Any]:
    """Return how delimited text was written, where it stays of its format."""
    same = source == target and "delimiter" in read
    return {"delimiter": read["delimiter"]} if same else {}


def _checked(given: Mapping[str, Any], format: Format, role: Any, field: str) -> dict[str, Any]:
    """Return the options of one end, by the names of their fields."""
    with named(field):
        model = _options_model(format, role)
        names = spellings(model)
        unknown = [key for key in given if names.get(key, CLOSED[role][0]) in CLOSED[role]]
        if unknown:
            open_ones = sorted({name for name in names.values() if name not in CLOSED[role]})
            raise ConfigError(
                f"{unknown[0]}: {format.name} has no such option; known: {', '.join(open_ones)}",
                field=unknown[0],
            )
        found = {names[key]: value for key, value in given.items()}
        if role == "source":
            found = {**format.options, **_rejecting(names), **found}
        validate(model, found)
    return found


def _rejecting(names: Mapping[str, str]) -> dict[str, Any]:
    """Return what lets broken lines be kept aside; formats without lines know nothing of it."""
    return {"bad_lines": "reject"} if "bad_lines" in names else {}


def _options_model(format: Format, role: Any) -> type[Options]:
    if role == "source":
        return registry.source(format.connector).ReadOptions
    return registry.destination(format.connector).WriteOptions


def _packed(target: Format, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the ending of the result and the options left: of text the name says the packing."""
    plugin = registry.destination(target.connector)
    assert issubclass(plugin, FileDestination)
    packing = options.get("compression")
    if not plugin.packings or packing is None:
        return target.ending, dict(options)
    return target.ending + PACKED.get(packing, ""), _without(options, "compression")


def _without(options: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in options.items() if key != name}


@contextmanager
def named(prefix: str) -> Iterator[None]:
    """Let a ConfigError name its field from the body's root, in its text too."""
    try:
        yield
    except ConfigError as error:
        inner = re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", error.field or "")
        field = f"{prefix}.{inner}" if inner else prefix
        text = error.message.removeprefix(f"{error.field}: ")
        raise ConfigError(f"{field}: {text}", field=field) from None

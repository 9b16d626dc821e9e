"""Stacking the transforms of a part onto its sources: which engine does which step."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from connectors import registry
from connectors.base import Access, Transformer
from connectors.configuration import validate
from connectors.errors import ConfigError
from jobs.engine.carrying import Unfit
from jobs.engine.host import Host
from jobs.engine.meters import Meters
from jobs.engine.sizing import is_beyond
from jobs.engine.spilling import Spilling
from jobs.plan import AnyStep, Transform

if TYPE_CHECKING:
    import polars as pl


class Stack:
    """The frames of one attempt by step id and named output, from the sources to the loads."""

    def __init__(self, host: Host, meters: Meters) -> None:
        """Prepare; nothing is opened before the first step that spills."""
        self._host = host
        self._meters = meters
        self._spilling: Spilling | None = None
        self._on_disk: set[str] = set()
        self._plugins: dict[str, Transformer] = {}

    def build(
        self,
        steps: Sequence[AnyStep],
        sources: Mapping[str, "pl.LazyFrame"],
        sizes: Mapping[str, int | None],
        access: Access,
    ) -> dict[str, "pl.LazyFrame"]:
        """Return a frame per step id and named output; `sizes` bound the bytes of the sources."""
        self._spilling = self._spilling or Spilling(access)
        transforms = [step for step in steps if isinstance(step, Transform)]
        self._plugins = {step.id: _made(step) for step in transforms}
        self._on_disk = _on_disk(transforms, self._plugins, sizes, access.memory)
        consumers = Counter(name for step in steps for name in step.inputs)
        frames: dict[str, pl.LazyFrame] = {}
        for step in steps:
            made = {step.id: sources[step.id]} if step.id in sources else {}
            if isinstance(step, Transform):
                made = self._transform(step, [frames[name] for name in step.inputs])
            for name, frame in made.items():
                is_shared = consumers[name] > 1
                frames[name] = self._shared(step, frame, transforms) if is_shared else frame
        return frames

    def write(self) -> None:
        """Write to disk what the steps beyond memory need, before the loads ask for rows."""
        if self._spilling is not None:
            self._spilling.write()

    def interrupt(self) -> None:
        """Make what runs on DuckDB end soon."""
        if self._spilling is not None:
            self._spilling.interrupt()

    def close(self) -> None:
        """Free the disk."""
        if self._spilling is not None:
            self._spilling.close()

    def _transform(
        self, step: Transform, frames: list["pl.LazyFrame"]
    ) -> dict[str, "pl.LazyFrame"]:
        import narwhals as nw

        transformer = self._plugins[step.id]
        if step.id in self._on_disk:
            made = self._spilled(step, transformer, frames)
            if made is not None:
                return made
        result: Any = transformer.apply(*(nw.from_native(frame) for frame in frames))
        if isinstance(result, dict):
            return {f"{step.id}.{name}": nw.to_native(frame) for name, frame in result.items()}
        return {step.id: self._meters.attach(step.id, nw.to_native(result))}

    def _spilled(
        self, step: Transform, transformer: Transformer, frames: list["pl.LazyFrame"]
    ) -> dict[str, "pl.LazyFrame"] | None:
        """Return what a step gives on DuckDB; None where it must stay on Polars."""
        assert self._spilling is not None
        try:
            made = self._spilling.apply(transformer, frames)
        except Unfit as error:
            self._warn([step.id], error)
            return None
        if "" in made:
            return {step.id: self._meters.attach(step.id, made[""])}
        return {f"{step.id}.{name}": frame for name, frame in made.items()}

    def _shared(
        self, step: AnyStep, frame: "pl.LazyFrame", transforms: Sequence[Transform]
    ) -> "pl.LazyFrame":
        """Return a frame that several steps read, as one whose source is read once."""
        below = _below(step.id, transforms) & self._on_disk
        if below:
            # The steps on disk are written in queries of their own, which would read it again.
            assert self._spilling is not None
            try:
                return self._spilling.keep(frame)
            except Unfit as error:
                self._warn(sorted(below), error)
                self._on_disk -= below
        # Without it two consumers that want different columns read the source twice.
        return frame.cache()

    def _warn(self, steps: Sequence[str], error: Unfit) -> None:
        """Say that these steps stay on Polars; ConfigError where one of them cannot."""
        for step in steps:
            if "polars" not in self._plugins[step].engines:
                name = self._plugins[step].label
                raise ConfigError(f"{name}: {error}; change it in a step before") from error
            text = f"The rows stay in memory, whatever that takes: {error}"
            self._host.log("warning", text, step=step)


def _made(step: Transform) -> Transformer:
    plugin = registry.transformer(step.transformer)
    return plugin(validate(plugin.Config, step.config))


def _on_disk(
    transforms: Sequence[Transform],
    plugins: Mapping[str, Transformer],
    sizes: Mapping[str, int | None],
    memory: int,
) -> set[str]:
    """Return the steps that run on DuckDB: those that must, and those that may need more memory."""
    bounds = dict(sizes)
    found = set()
    for step in transforms:
        given = [bounds[one] for name in step.inputs for one in _owners(name) & bounds.keys()]
        known = [size for size in given if size is not None]
        bounds[step.id] = sum(known) if len(known) == len(given) else None
        engines, blocks = plugins[step.id].engines, plugins[step.id].blocks
        if "polars" not in engines or (blocks and "duckdb" in engines and is_beyond(given, memory)):
            found.add(step.id)
    return found


def _below(name: str, transforms: Sequence[Transform]) -> set[str]:
    """Return the transforms that get rows from this step, over others too."""
    reached = {name}
    for step in transforms:
        if any(_owners(given) & reached for given in step.inputs):
            reached.add(step.id)
    return reached - {name}


def _owners(name: str) -> set[str]:
    """Return the ids of which one is the step that an input comes from."""
    return {name, name.rpartition(".")[0]}

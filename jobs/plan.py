"""What anything compiles to and a worker executes: parts of extract, transform and load steps.

A plan is plain JSON without secrets. A step names where its settings come from (`origin`, a saved
connection or a task's own config); the engine's Host opens it.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Step(BaseModel):
    """One node of a part's graph; `id` is stable across the runs of a job."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: str
    name: str = ""


class Extract(Step):
    """Read one stream."""

    kind: Literal["extract"] = "extract"
    connector: str
    origin: str
    options: dict[str, Any] = {}

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return nothing: an extract is where rows begin."""
        return ()


class Transform(Step):
    """Reshape; `inputs` are step ids, `step.output` for a named output."""

    kind: Literal["transform"] = "transform"
    transformer: str
    config: dict[str, Any] = {}
    inputs: tuple[str, ...]


class Load(Step):
    """Write one input into one target; `stream` names this writer across runs."""

    kind: Literal["load"] = "load"
    connector: str
    origin: str
    options: dict[str, Any] = {}
    stream: str
    input: str

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return the one input."""
        return (self.input,)


AnyStep = Annotated[Extract | Transform | Load, Field(discriminator="kind")]


class Part(BaseModel):
    """Steps that feed one another: they run as one lazy query, under one lease."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: str
    name: str = ""
    steps: tuple[AnyStep, ...]

    @model_validator(mode="after")
    def _know_every_input(self) -> Self:
        seen: set[str] = set()
        for step in self.steps:
            missing = [name for name in step.inputs if not {name, name.rpartition(".")[0]} & seen]
            if missing or step.id in seen:
                raise ValueError(
                    f"step {step.id!r} is doubled or stands before its input {missing}"
                )
            seen.add(step.id)
        return self

    def of_kind(self, kind: str) -> Iterator[Any]:
        """Yield the steps of one kind, in order."""
        return (step for step in self.steps if step.kind == kind)


class Plan(BaseModel):
    """All parts of a run; in order (the first failure ends the run) or each for itself."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    parts: tuple[Part, ...]
    is_ordered: bool = False

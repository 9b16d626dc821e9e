"""What anything compiles to and a worker executes: parts of extract, transform and load steps.

A plan is plain JSON without secrets. A step names where its settings come from (`origin`, a saved
connection or a task's own config); the engine's Host opens it.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class SchemaPolicy(StrEnum):
    """What happens when the columns of a stream are others than at its last load."""

    EVOLVE = "evolve"  # the target follows
    IGNORE = "ignore"  # what is known goes on as it was, new columns are left out
    FREEZE = "freeze"  # the stream fails before a row moves
    NOTIFY = "notify"  # as ignore, and it is told as a warning


class Step(BaseModel):
    """One node of a part's graph; `id` is stable across the runs of a job."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: str
    name: str = ""


class Extract(Step):
    """Read one stream; `scope` says what else narrows its rows, such as a filter behind it."""

    kind: Literal["extract"] = "extract"
    connector: str
    origin: str
    options: dict[str, Any] = {}
    scope: dict[str, Any] = {}

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return nothing: an extract is where rows begin."""
        return ()


class Empty(Step):
    """No rows, in the columns that the target of the load behind it has now."""

    kind: Literal["empty"] = "empty"

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return nothing: there is nothing to read."""
        return ()


class Transform(Step):
    """Reshape; `inputs` are step ids, `step.output` for a named output."""

    kind: Literal["transform"] = "transform"
    transformer: str
    config: dict[str, Any] = {}
    inputs: tuple[str, ...]


class Action(StrEnum):
    """What is wished of a stream: from a given state on, all anew, or as it is."""

    # From `state` on, from the beginning where there is none; rows are added or merged as always.
    CONTINUE = "continue"
    # From the beginning; this one load replaces what the target holds.
    RELOAD = "reload"
    # From where the target is, although the stream is read in another way now.
    KEEP = "keep"


class Wish(BaseModel):
    """What a person, or an edit of the job, wants of a stream's next load.

    `state` goes by the id of an extract. `evolve` lets the load add columns to the target.
    `is_edit` says that an edit of the job asks for it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    action: Action
    state: dict[str, Any] = {}
    evolve: bool = False
    is_edit: bool = False


class Load(Step):
    """Write one input into one target; `stream` names this writer across runs.

    `wish` is followed where the target's marker is of an epoch before `epoch`, and so once.
    Without a `policy` nobody looks whether the columns changed. `checksums` compares what was
    sent with what the target holds afterwards.
    """

    kind: Literal["load"] = "load"
    connector: str
    origin: str
    options: dict[str, Any] = {}
    stream: str
    input: str
    epoch: int = 0
    wish: Wish | None = None
    policy: SchemaPolicy | None = None
    checksums: bool = False

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return the one input."""
        return (self.input,)


AnyStep = Annotated[Extract | Empty | Transform | Load, Field(discriminator="kind")]


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

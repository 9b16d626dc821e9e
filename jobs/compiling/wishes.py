"""What is wished of a job's streams, put into the plan of its next run."""

from jobs.models import Checkpoint
from jobs.plan import Load, Part, Plan, Wish


def with_wishes(plan: Plan) -> Plan:
    """Return the plan with the epoch of each stream, and the wish where there is one.

    A run keeps its plan: what is wished while it goes on is for the next one.
    """
    streams = [load.stream for part in plan.parts for load in part.of_kind("load")]
    kept = {found.stream: found for found in Checkpoint.objects.filter(stream__in=streams)}
    return plan.model_copy(update={"parts": tuple(_wished(part, kept) for part in plan.parts)})


def _wished(part: Part, kept: dict[str, Checkpoint]) -> Part:
    steps = [
        _load(step, kept[step.stream]) if isinstance(step, Load) and step.stream in kept else step
        for step in part.steps
    ]
    return part.model_copy(update={"steps": tuple(steps)})


def _load(load: Load, checkpoint: Checkpoint) -> Load:
    wish = checkpoint.wanted and Wish.model_validate(
        {name: value for name, value in checkpoint.wanted.items() if name in Wish.model_fields}
    )
    return load.model_copy(update={"epoch": checkpoint.epoch, "wish": wish or None})

"""Plans are checked when they are made, and survive as JSON."""

import pytest
from pydantic import ValidationError

from jobs.plan import Extract, Load, Part, Plan, Transform

READ = Extract(id="read", connector="csv", origin="connection:1")
LOAD = Load(id="load", connector="csv", origin="connection:2", stream="job/1", input="read")


def test_a_plan_is_the_same_after_a_trip_through_json():
    plan = Plan(parts=(Part(id="1", steps=(READ, LOAD)),), is_ordered=True)
    assert Plan.model_validate_json(plan.model_dump_json()) == plan


def test_a_step_must_stand_after_its_input():
    with pytest.raises(ValidationError, match="before its input"):
        Part(id="1", steps=(LOAD, READ))


def test_a_step_id_is_used_once():
    with pytest.raises(ValidationError, match="doubled"):
        Part(id="1", steps=(READ, READ))


def test_a_named_output_is_an_input():
    split = Transform(id="split", transformer="select", inputs=("read",))
    high = LOAD.model_copy(update={"input": "split.high"})
    assert Part(id="1", steps=(READ, split, high))

"""What a client sends, judged by the models of `modelling.schema`: the one place of its rules."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import pydantic
from pydantic import BaseModel
from rest_framework.exceptions import ValidationError

from config.api.renderers import dump

Judged = TypeVar("Judged", bound=BaseModel)
# What the server says of a part and a client only sends back.
FIXED = frozenset({"id", "extras"})


def demand_object(sent: Any) -> dict[str, Any]:
    """Return what was sent if it is an object of JSON; ValidationError otherwise."""
    if not isinstance(sent, dict):
        raise ValidationError("The body must be a JSON object")
    return sent


def changes(
    model: type[Judged], *, known: Mapping[str, Any], sent: Mapping[str, Any]
) -> tuple[Judged, set[str]]:
    """Return a part as it is to be, and which of its fields were sent.

    `known` is what it is now (of a new one: its id), with the names of the model. Fields that the
    model does not have are left alone; null is as good as not sent, where a field may be left out.
    ValidationError names each field that is wrong.
    """
    fields = model.model_fields
    asked = {
        name: value
        for name, value in sent.items()
        if name in fields.keys() - FIXED and (value is not None or fields[name].is_required())
    }
    return judged(model, {**known, **asked}), set(asked)


def judged(model: type[Judged], whole: Mapping[str, Any]) -> Judged:
    """Return a part of a document from JSON-like values, of which it takes those that it knows."""
    try:
        fields = {name: value for name, value in whole.items() if name in model.model_fields}
        return model.model_validate_json(dump(fields), strict=True)
    except pydantic.ValidationError as error:
        raise refusal(error) from error


def refusal(error: pydantic.ValidationError) -> ValidationError:
    """Return what pydantic found as the API's own error, by the paths of the fields."""
    return ValidationError(dict(_reasons(error)))


def _reasons(error: pydantic.ValidationError) -> Iterator[tuple[str, list[str]]]:
    for fault in error.errors(include_url=False, include_input=False):
        path = ".".join(str(step) for step in fault["loc"])
        yield path, [_reason(str(fault["loc"][-1]) if fault["loc"] else "", fault)]


def _reason(name: str, fault: Any) -> str:
    said = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "missing" or said == "must not be empty":
        # The contract prints "Name is required".
        return f"{name.capitalize() if '_' not in name else name} is required"
    return f"{said[:1].lower()}{said[1:]}"

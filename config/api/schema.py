"""What /openapi.json says beside what the views say themselves."""

from typing import Any

ORC = "orc-rust-ator"
OLAKE = "Olake"
MODELLING = "Modelling"
KARYAKSHAM = "Karyaksham"
ETL_BUILDER = "ETL Builder"
MILLRACE = "Millrace"

Endpoint = tuple[str, str, str, Any]


def without_slashes(endpoints: list[Endpoint]) -> list[Endpoint]:
    """Leave out each path that is another one with a slash at its end."""
    known = {path for path, _, _, _ in endpoints}
    return [
        endpoint
        for endpoint in endpoints
        if not (endpoint[0].endswith("/") and endpoint[0].rstrip("/") in known)
    ]


def with_error_body(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Say once what every error looks like, and let every operation refer to it."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["Error"] = ERROR
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            if isinstance(operation, dict):
                operation.setdefault("responses", {})["default"] = ANY_ERROR
    return result


FAULT = {
    "type": "object",
    "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
    "required": ["field", "reason"],
}
ERROR: dict[str, Any] = {
    "type": "object",
    "description": "Every error of every route; `details` and `errors` only with fields at fault.",
    "properties": {
        "error": {"type": "string", "example": "validation_error"},
        "message": {"type": "string", "example": "name is required"},
        "detail": {"type": "string", "description": "The same as message."},
        "error_code": {"type": "string", "example": "VALIDATION_ERROR"},
        "timestamp": {"type": "string", "format": "date-time"},
        "details": FAULT,
        "errors": {"type": "array", "items": FAULT},
        "element_id": {"type": "string", "description": "Only with conflicts."},
        "request_id": {"type": "string", "description": "Only with internal errors."},
    },
    "required": ["error", "message", "detail", "error_code", "timestamp"],
}
ANY_ERROR = {
    "description": "Any error",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}

"""What is done to the document as a whole: paths once, tags, headers, the contracts' examples."""

from collections.abc import Iterator
from typing import Any

from config.api import examples
from config.api.schema import answers
from config.api.schema.contracts import FILES, TAGS

Endpoint = tuple[str, str, str, Any]


def without_slashes(endpoints: list[Endpoint]) -> list[Endpoint]:
    """Leave out each path that is another one with a slash at its end."""
    known = {path for path, _, _, _ in endpoints}
    return [
        endpoint
        for endpoint in endpoints
        if not (endpoint[0].endswith("/") and endpoint[0].rstrip("/") in known)
    ]


def finish(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Add what all operations share, and the examples that the contracts print for them."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Error"] = answers.ERROR
    components["headers"] = answers.HEADERS
    components["responses"] = answers.responses()
    result["tags"] = TAGS
    result["servers"] = [{"url": "/", "description": "The server that this was read from."}]
    for endpoint, operation in operations(result):
        for tag in operation.get("tags", []):
            if tag in FILES:
                _exemplify(operation, endpoint, contract=tag)
    return result


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each operation with its method and path, such as `POST /jobs/{job}/run`."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def _exemplify(operation: dict[str, Any], endpoint: str, *, contract: str) -> None:
    """Show what the contract prints; what a view shows itself stays."""
    printed = examples.printed(FILES[contract])
    key = examples.anonymous(endpoint)
    if (text := printed.get((key, "request"))) and "requestBody" in operation:
        _show(operation["requestBody"], text, contract)
    if text := printed.get((key, "response")):
        done = min(status for status in operation["responses"] if status.startswith("2"))
        _show(operation["responses"][done], text, contract)


def _show(holder: dict[str, Any], text: str, contract: str) -> None:
    shown = {
        "summary": f"As the {contract} contract prints it",
        "value": examples.filled(examples.parsed(text)),
    }
    for media in holder.get("content", {}).values():
        if "example" not in media:
            media.setdefault("examples", {}).setdefault(contract.replace(" ", ""), shown)

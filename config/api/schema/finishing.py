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
    schemas = components.setdefault("schemas", {})
    schemas["Error"] = answers.ERROR
    for schema in schemas.values():
        # What has no word that tells which it is may well fit several.
        if "oneOf" in schema and "discriminator" not in schema:
            schema["anyOf"] = schema.pop("oneOf")
    components["headers"] = answers.HEADERS
    components["responses"] = answers.responses()
    result["tags"] = TAGS
    result["servers"] = [{"url": "/", "description": "The server that this was read from."}]
    for endpoint, operation in operations(result):
        _share_examples(operation.get("requestBody", {}).get("content", {}))
        for tag in operation.get("tags", []):
            if tag in FILES:
                _exemplify(operation, endpoint, contract=tag)
    return result


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each operation with its method and path, such as `POST /jobs/{job}/run`."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def _share_examples(content: dict[str, Any]) -> None:
    """Show of every type of a body what is shown of JSON; a view says it once."""
    for media in content.values():
        shown = content.get("application/json", {}).get("examples", {})
        media.setdefault("examples", {}).update(shown)


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
    printed = examples.filled(examples.parsed(text))
    for media in holder.get("content", {}).values():
        shown = media.setdefault("examples", {})
        own = _likest([example["value"] for example in shown.values()], printed)
        shown[contract.replace(" ", "")] = {
            "summary": f"As the {contract} contract prints it",
            "value": _laid_over(own, printed),
        }


def _likest(shown: list[Any], printed: Any) -> Any:
    """Return the example that has most keys in common with what is printed; None without any."""
    row = printed[0] if isinstance(printed, list) and printed else printed

    def likeness(example: Any) -> int:
        one = example[0] if isinstance(example, list) and example else example
        return len(set(one) & set(row)) if isinstance(one, dict) and isinstance(row, dict) else 0

    return max(shown, key=likeness, default=None)


def _laid_over(own: Any, printed: Any) -> Any:
    """Return what a contract prints, with the keys that our answer has besides.

    Where it prints a type and no value (`"string"`, `"object"`), what we show stays.
    """
    if isinstance(printed, list) and own:
        row = own[0] if isinstance(own, list) else own
        return [_laid_over(row, item) for item in printed]
    if isinstance(own, dict) and isinstance(printed, dict):
        inner = {key: _laid_over(own.get(key), value) for key, value in printed.items()}
        return own | inner
    says_a_type = printed == "string" or type(printed) is not type(own)
    return own if own is not None and printed is not None and says_a_type else printed

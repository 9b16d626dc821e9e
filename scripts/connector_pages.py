"""Write what the plug-ins say of themselves into `docs/connectors`: `connector_pages.py [--check]`.

Each page with the two marks gets the tables of its connector's fields between them, and README.md
gets the list of all connectors. With `--check` nothing is written, and stale pages fail.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "connectors"
BEGIN, END = "<!-- what the plug-in says: begin -->", "<!-- end -->"
SIDES = {"Settings": "Where it is", "ReadOptions": "To read", "WriteOptions": "To write"}


def main(arguments: list[str]) -> None:
    """Renew every page, or end with 1 and tell which ones are stale."""
    sys.path.insert(0, str(ROOT))
    stale = [page for page, text in renewed() if page.read_text(encoding="utf-8") != text]
    for page, text in renewed() if "--check" not in arguments else ():
        page.write_text(text, encoding="utf-8")
    if stale and "--check" in arguments:
        names = ", ".join(page.name for page in stale)
        raise SystemExit(f"docs/connectors is stale ({names}); renew it with make connector-pages")


def renewed() -> Iterator[tuple[Path, str]]:
    """Yield each page that has marks, with the text that it should have."""
    from connectors import registry

    plugins = {name: registry.connector(name) for name in sorted(registry.names())}
    for page in sorted(PAGES.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        if BEGIN in text:
            made = _index(plugins) if page.stem == "README" else _tables(plugins[page.stem])
            yield page, between(text, made)


def between(text: str, made: str) -> str:
    """Return a page with what was made between its marks."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{made}\n{END}{rest.partition(END)[2]}"


def _index(plugins: dict[str, Any]) -> str:
    from connectors.base import Destination, Source

    lines = ["| connector | reads | writes | |", "|---|---|---|---|"]
    for name, plugin in plugins.items():
        sides = [
            "yes" if issubclass(plugin, Source) else "",
            ", ".join(sorted(mode.value for mode in plugin.write_modes))
            if issubclass(plugin, Destination)
            else "",
        ]
        lines.append(f"| [{name}]({name}.md) | {sides[0]} | {sides[1]} | {plugin.description} |")
    return "\n".join([*lines, ""])


def _tables(plugin: Any) -> str:
    parts = []
    for side, title in SIDES.items():
        model = getattr(plugin, side, None)
        if model is None:
            continue
        rows = [row(name, field) for name, field in model.model_fields.items()]
        head = f"| {title.lower()} | | unless said |\n|---|---|---|"
        parts.append("\n".join([head, *rows, ""]))
    return "\n".join(parts)


def row(name: str, field: Any) -> str:
    """Return the line of a table that tells one field."""
    others = [spelling for spelling in _spellings(field) if spelling != name]
    shown = f"`{name}`" + (f" ({', '.join(f'`{other}`' for other in others)})" if others else "")
    told = ". ".join(filter(None, (field.title, field.description))).replace(".. ", ". ")
    choices = re.findall(r"'([^']*)'", str(field.annotation)) if "Literal" in repr(field) else []
    if choices:
        told += f" ({', '.join(choices)})"
    return f"| {shown} | {told.replace('|', chr(92) + '|')} | {_default(field)} |"


def _spellings(field: Any) -> list[str]:
    alias = field.validation_alias
    if alias is None:
        return []
    choices = getattr(alias, "choices", [alias])
    return [
        ".".join(map(str, getattr(choice, "path", None) or [choice])).replace('"', "")
        for choice in choices
        if "." not in str(choice) or getattr(choice, "path", None)
    ]


def _default(field: Any) -> str:
    if field.is_required():
        return "needed"
    value = field.get_default(call_default_factory=True)
    if value in (None, "", (), {}) or "Secret" in type(value).__name__:
        return ""
    if hasattr(value, "model_dump"):
        value = value.model_dump(exclude_defaults=True, mode="json")
    return f"`{value if isinstance(value, str) else json.dumps(value, default=str)}`"


if __name__ == "__main__":
    main(sys.argv[1:])

"""Write what the transformers say of themselves into docs/steps.md: `step_page.py [--check]`.

Each step gets its fields, its example, and the rows that the example makes of the sample rows; they
are made here, so none of it can be wrong. With `--check` nothing is written, and a stale page fails.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "steps.md"


def main(arguments: list[str]) -> None:
    """Renew the page, or end with 1 and say that it is stale."""
    sys.path.insert(0, str(ROOT))
    text = renewed()
    if "--check" not in arguments:
        PAGE.write_text(text, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != text:
        raise SystemExit("docs/steps.md is stale; renew it with make connector-pages")


def renewed() -> str:
    """Return the page as it should be."""
    from connector_pages import between

    from connectors import registry
    from connectors.shaping.samples import sample

    plugins = [registry.transformer(name) for name in registry.names("transformers")]
    parts = ["The rows that all examples start from:", "", _table(sample()), ""]
    parts += ["| step | | blocks | engines |", "|---|---|---|---|", *map(_line, plugins), ""]
    for plugin in plugins:
        parts += [f"## {plugin.name}", "", *_section(plugin)]
    return between(PAGE.read_text(encoding="utf-8"), "\n".join(parts))


def made(plugin: Any, config: Any) -> Any:
    """Return what a step makes of the sample rows, on the engine that it runs on first."""
    import duckdb
    import narwhals as nw

    from connectors.configuration import validate
    from connectors.shaping.samples import sample

    step = plugin(validate(plugin.Config, config))
    if "polars" in step.engines:
        return nw.to_native(step.apply(nw.from_native(sample().lazy()))).collect()
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return nw.to_native(step.apply(nw.from_native(connection.from_arrow(sample())))).pl()


def _line(plugin: Any) -> str:
    example = plugin(plugin.Config.model_validate(plugin.example))
    blocks = "yes" if example.blocks else ""
    engines = ", ".join(sorted(example.engines, reverse=True))
    return f"| [{plugin.name}](#{plugin.name}) | {plugin.description} | {blocks} | {engines} |"


def _section(plugin: Any) -> Iterator[str]:
    from connector_pages import row

    others = ", ".join(f"`{alias}`" for alias in plugin.aliases)
    yield f"{(plugin.__doc__ or '').strip().partition(chr(10))[0]} Also: {others}."
    for model in _models(plugin.Config):
        title = "settings" if model is plugin.Config else f"each of the {_place(plugin, model)}"
        yield f"\n| {title} | | unless said |\n|---|---|---|"
        yield from (row(name, field) for name, field in model.model_fields.items())
    yield f"\n```json\n{json.dumps({'type': plugin.name, 'params': dict(plugin.example)})}\n```\n"
    yield _table(made(plugin, plugin.example)) + "\n"


def _models(model: Any) -> list[Any]:
    """Return a model, and those that its fields hold lists of."""
    found = [model]
    for field in model.model_fields.values():
        found += [one for one in _inside(field.annotation) if one not in found]
    return found


def _inside(annotation: Any) -> Iterator[Any]:
    if hasattr(annotation, "model_fields"):
        yield annotation
    for part in get_args(annotation):
        yield from _inside(part)


def _place(plugin: Any, model: Any) -> str:
    fields = plugin.Config.model_fields.items()
    return next(name for name, field in fields if model in _inside(field.annotation))


def _table(frame: Any) -> str:
    lines = [frame.columns, ["---"] * frame.width]
    lines += [[_cell(value) for value in row] for row in frame.iter_rows()]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cell(value: Any) -> str:
    if value is None:
        return "*null*"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
    return text.replace("|", "\\|")


if __name__ == "__main__":
    main(sys.argv[1:])

"""docs/types.md, made of the table that the matrix proves; needs no server.

`python -m tests.types.page` writes it, with `--check` it only says whether it is as it should be.
"""

import sys
from pathlib import Path

from tests.types.cases import Case
from tests.types.outcomes import DESTINATIONS, NO, SAME, TEXT, VALUE, expected
from tests.types.sources import CASES, columns_of

PAGE = Path(__file__).parents[2] / "docs/types.md"
TITLES = {
    "arrow": "Arrow",
    "csv": "CSV",
    "delta": "Delta",
    "duckdb": "DuckDB",
    "excel": "Excel",
    "iceberg": "Iceberg",
    "json": "JSON",
    "mongodb": "MongoDB",
    "mysql": "MySQL",
    "parquet": "Parquet",
    "postgres": "PostgreSQL",
    "sqlite": "SQLite",
}
SIGNS = {SAME: "✓", TEXT: "T", VALUE: "V", NO: "✗"}
INTRODUCTION = """# Types that survive

A value that changes on its way is a bug. For every type of every source and every destination, one of
four things happens; `tests/types` copies each line of this page with the engine, reads it back with
another program than ours, and fails for anything else. The page is generated (`make types-page`).

| sign | what happens |
|---|---|
| ✓ | the same value, in a type that is natural at the destination |
| T | the destination has no such type: refused by name, already when the job is saved if the catalog says the type. With `unheld_types: "text"` (of the stream, or in the job's `settings`) it is stored as its exact text |
| V | the destination has the type but cannot hold this very value: the load is refused by name and nothing is written. Name the column in `text_columns` (of the stream's `write`) and it is stored as its exact text |
| ✗ | refused by name in any case |

Exact text is ISO 8601 for moments and durations, hexadecimal for bytes, JSON for what is nested
(decimals, moments and bytes inside of it are texts). "Read as text" means that there is no type in
columns of memory for what the source holds; its own text is moved, and every destination holds texts.
"""


def page() -> str:
    """Return the text of the page."""
    return "\n".join([INTRODUCTION, *(_section(source) for source in CASES)])


def _section(source: str) -> str:
    outcomes = expected(source)
    names = " | ".join(TITLES[name] for name in DESTINATIONS)
    lines = [
        f"## From {TITLES[source]}",
        "",
        f"| type and value | read as | {names} |",
        f"|---|---|{':-:|' * len(DESTINATIONS)}",
    ]
    for column, case in columns_of(source).items():
        signs = " | ".join(SIGNS[outcomes[column][name]] for name in DESTINATIONS)
        lines.append(f"| {_code(case.name)} | {_read(case)} | {signs} |")
    return "\n".join([*lines, ""])


def _read(case: Case) -> str:
    return "*refused*" if case.dtype is None else _code(str(case.dtype))


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(39))}`"


def main() -> int:
    """Write the page, or say whether it is stale."""
    if "--check" not in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page():
        return 0
    print("docs/types.md is stale: make types-page")
    return 1


if __name__ == "__main__":
    sys.exit(main())

"""SQL text as the tree that DuckDB's own parser makes of it; nothing is run.

What is judged is this tree, and what runs is made of it anew, so the text is never trusted.
"""

import json
from functools import lru_cache
from typing import Any

from connectors.errors import ConfigError

LONGEST = 20_000
# Of nodes inside of nodes; an operation is two.
DEEPEST = 250
# Only a whole tree can be written again; what is empty in it is of no interest otherwise.
WHOLE = "SELECT json_serialize_sql(?)"
BRIEF = "SELECT json_serialize_sql(?, skip_null := true, skip_empty := true, skip_default := true)"
Node = dict[str, Any]


def parsed_query(text: str) -> Node:
    """Return the tree of the one SELECT that the text is; ConfigError says where it is none."""
    if len(text) > LONGEST:
        raise ConfigError(f"SQL has at most {LONGEST:,} characters", field="query")
    statements = _read(text, WHOLE)
    if len(statements) != 1:
        raise ConfigError("Give one SELECT, not several statements", field="query")
    found: Node = statements[0]
    return found


def parsed_expression(text: str) -> Node:
    """Return the tree of the one SQL expression that the text is; ConfigError as above."""
    if not text.strip() or len(text) > LONGEST:
        raise ConfigError(f"An expression has from 1 to {LONGEST:,} characters", field="expression")
    # A comment at the end must not hide what follows, so a line ends before it.
    (node, *others) = (one["node"] for one in _read(f"SELECT {text}\n", BRIEF, len("SELECT ")))
    wanted = {"type", "select_list", "from_table", "aggregate_handling"}
    is_plain = node["type"] == "SELECT_NODE" and node["from_table"] == {"type": "EMPTY"}
    if others or not is_plain or node.keys() - wanted or len(node["select_list"]) != 1:
        raise ConfigError(
            "Give one expression over columns, as price * quantity", field="expression"
        )
    found: Node = node["select_list"][0]
    return found


def written(statement: Node) -> str:
    """Return the SQL text of a tree."""
    tree = json.dumps({"error": False, "statements": [statement]})
    return str(_asked("SELECT json_deserialize_sql(?::JSON)", tree))


def _read(text: str, how: str, at: int = 0) -> list[Any]:
    try:
        found = json.loads(_tree(text, how))
    except RecursionError:
        found = None
    if found is None or _is_deep(found):
        raise ConfigError("The SQL is nested too deeply", field="query")
    if not found["error"]:
        return list(found["statements"])
    if found["error_type"] == "not implemented":
        raise ConfigError(
            "Only SELECT is possible here: nothing else is run, and nothing is written",
            field="query",
        )
    place = int(found.get("position", at)) - at
    raise ConfigError(f"No SQL: {found['error_message']}, character {place + 1}", field="query")


def _is_deep(tree: Any) -> bool:
    """Whether a tree is so deep that walking it might not end well; told without recursion."""
    level = [tree]
    for _ in range(DEEPEST):
        parts = (one.values() if isinstance(one, dict) else one for one in level)
        level = [part for some in parts for part in some if isinstance(part, dict | list)]
        if not level:
            return False
    return True


@lru_cache(maxsize=256)
def _tree(text: str, how: str) -> str:
    return str(_asked(how, text))


def _asked(query: str, text: str) -> Any:
    """Ask an engine of its own that reaches nothing; parsing has no other way in."""
    import duckdb

    closed: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "enable_external_access": False,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(config=closed) as engine:
        try:
            row = engine.execute(query, [text]).fetchone()
        except duckdb.Error as error:
            raise ConfigError(f"No SQL: {error}", field="query") from None
    assert row is not None
    return row[0]

"""The expressions of add_column: SQL over the columns of a row, as narwhals expressions.

The text becomes a tree (connectors.shaping.syntax), and each node that is known here becomes an
expression; anything else is refused by name. So no text ever reaches an engine, and the same
expression means the same on each of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne, or_
from typing import TYPE_CHECKING, Any

from connectors.columns import demand, is_text
from connectors.errors import ConfigError
from connectors.literals import typed
from connectors.shaping.engines import engine_errors
from connectors.shaping.functions import FUNCTIONS, Call, Value, known_functions
from connectors.shaping.operators import OPERATORS
from connectors.shaping.syntax import Node, parsed_expression
from connectors.shaping.values import constant, converted, is_constant, widest

if TYPE_CHECKING:
    import narwhals as nw

DEEPEST = 100
# Of operations: some name a value twice, so what is nested may grow without end.
HEAVIEST = 500
_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "COMPARE_EQUAL": eq,
    "COMPARE_NOTEQUAL": ne,
    "COMPARE_LESSTHAN": lt,
    "COMPARE_GREATERTHAN": gt,
    "COMPARE_LESSTHANOREQUALTO": le,
    "COMPARE_GREATERTHANOREQUALTO": ge,
}


def check(text: str) -> None:
    """Raise ConfigError for what can never be an expression, whatever columns there are."""
    _parsed(text)


def _parsed(text: str) -> Node:
    tree: Node = _flat(parsed_expression(text))
    _check(tree, 0)
    if _weight(tree) > HEAVIEST:
        raise ConfigError(
            "The expression is too big once it is spelled out; split it into several columns",
            field="expression",
        )
    return tree


def expression(text: str, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> Value:
    """Return what the text means over these rows; ConfigError names what is unknown."""
    return _Reader(rows, schema).read(_parsed(text))


def _check(node: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise ConfigError("The expression is nested too deeply", field="expression")
    if isinstance(node, dict):
        if node.get("class") == "FUNCTION":
            _known(node)
        elif "class" in node and node["class"] not in _READERS:
            raise ConfigError(
                f"An expression over one row has no {node['class'].lower()}", field="expression"
            )
    parts = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for part in parts:
        _check(part, depth + 1)


def _flat(node: Any) -> Any:
    """Return a tree in which texts that are put together are so in one go, not two by two."""
    if isinstance(node, list):
        return [_flat(part) for part in node]
    if not isinstance(node, dict):
        return node
    made = {key: _flat(part) for key, part in node.items()}
    if made.get("function_name") == "||":
        first, *others = made["children"]
        inner = first["children"] if first.get("function_name") == "||" else [first]
        made["children"] = [*inner, *others]
    return made


def _weight(node: Any) -> int:
    """Return how many operations a tree becomes."""
    if isinstance(node, list):
        return sum(map(_weight, node))
    if not isinstance(node, dict):
        return 0
    inside = sum(map(_weight, node.values()))
    if "class" not in node:
        return inside
    copies = 1
    if node["class"] == "FUNCTION":
        copies = _known(node).copies
    elif node["class"] == "BETWEEN":
        copies = 2
    elif node["class"] == "OPERATOR" and node["type"] in ("COMPARE_IN", "COMPARE_NOT_IN"):
        copies = len(node["children"])
    return 1 + copies * inside


def _known(node: Node) -> Call:
    name = node["function_name"].lower()
    found = OPERATORS.get(name) if node.get("is_operator") else FUNCTIONS.get(name)
    if found is None:
        raise ConfigError(
            f"Unknown function {name!r}; known: {known_functions()}", field="expression"
        )
    return found


@dataclass(frozen=True)
class _Reader:
    """Reads nodes over rows whose columns have these types."""

    rows: "nw.LazyFrame[Any]"
    schema: "nw.Schema"

    def read(self, node: Node) -> Value:
        if is_constant(node):
            return constant(node)
        made = _READERS[node["class"]](self, node)
        return made if isinstance(made, Value) else self._typed(made)

    def _typed(self, made: "nw.Expr") -> Value:
        """Return an expression with its type, which the engine knows without reading rows."""
        try:
            dtype = self.rows.select(made.alias("x")).collect_schema()["x"]
        except engine_errors() as error:
            text = str(error).partition("\n")[0]
            raise ConfigError(f"The expression does not fit: {text}", field="expression") from None
        return Value(made, dtype)

    def column(self, node: Node) -> Value:
        import narwhals as nw

        names = node["column_names"]
        name = names[0] if len(names) == 1 else ".".join(names)
        demand([name], self.schema, "expression")
        return Value(nw.col(name), self.schema[name])

    def function(self, node: Node) -> "nw.Expr | Value":
        call = _known(node)
        name = node["function_name"]
        parts = [self.read(part) for part in node.get("children", ())]
        least, most = call.takes
        if not least <= len(parts) <= most:
            raise ConfigError(f"{name} does not take {len(parts)} values", field="expression")
        return call.made(name, *parts)

    def comparison(self, node: Node) -> "nw.Expr":
        if node["type"] not in _COMPARED:
            raise ConfigError("Compare with = <> < > <= >=", field="expression")
        left, right = self.read(node["left"]), self.read(node["right"])
        return _compare(_COMPARED[node["type"]], left, right)

    def between(self, node: Node) -> "nw.Expr":
        value, low, high = (self.read(node[part]) for part in ("input", "lower", "upper"))
        return _compare(ge, value, low) & _compare(le, value, high)

    def conjunction(self, node: Node) -> "nw.Expr":
        join = and_ if node["type"] == "CONJUNCTION_AND" else or_
        return reduce(join, (self._condition(part) for part in node["children"]))

    def _condition(self, node: Node) -> "nw.Expr":
        import narwhals as nw

        value = self.read(node)
        if value.dtype != nw.Boolean:
            raise ConfigError(
                f"A condition is true or false, and this is {value.dtype}", field="expression"
            )
        return value.expr

    def operator(self, node: Node) -> "nw.Expr":
        kind, children = node["type"], node["children"]
        if kind == "OPERATOR_NOT":
            return ~self._condition(children[0])
        if kind in ("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"):
            missing = self.read(children[0]).expr.is_null()
            return missing if kind == "OPERATOR_IS_NULL" else ~missing
        if kind in ("COMPARE_IN", "COMPARE_NOT_IN"):
            value, *others = (self.read(child) for child in children)
            found = reduce(or_, (_compare(eq, value, other) for other in others))
            return found if kind == "COMPARE_IN" else ~found
        if kind == "OPERATOR_COALESCE":
            return _alike(*(self.read(child) for child in children))
        raise ConfigError(f"Unknown operator {kind.lower()}", field="expression")

    def case(self, node: Node) -> "nw.Expr":
        import narwhals as nw

        checks = node["case_checks"]
        results = [self.read(one["then_expr"]) for one in checks]
        results += [self.read(node["else_expr"])]
        made = [one.expr for one in _common(results)]
        whole = made[-1]
        for one, result in reversed(list(zip(checks, made, strict=False))):
            whole = nw.when(self._condition(one["when_expr"])).then(result).otherwise(whole)
        return whole

    def cast(self, node: Node) -> "nw.Expr":
        return converted(self.read(node["child"]), node["cast_type"])


def _compare(sign: Callable[[Any, Any], Any], left: Value, right: Value) -> "nw.Expr":
    """Return a comparison; a constant is read in the type of what it is compared with."""
    found: nw.Expr = sign(*(one.expr for one in _common([left, right])))
    return found


def _alike(*values: Value) -> "nw.Expr":
    import narwhals as nw

    return nw.coalesce(*(one.expr for one in _common(list(values))))


def _common(values: list[Value]) -> list[Value]:
    """Return the values in one type: that of numbers which holds all, or that of a column."""
    given = [one for one in values if one.literal is not None]
    if given and all(one.dtype.is_numeric() for one in given):
        dtype = widest([one.dtype for one in given])
        return [one if one.dtype == dtype else Value(one.expr.cast(dtype), dtype) for one in values]
    model = next((one.dtype for one in given if not one.is_constant), None)
    if model is None:
        return values
    for one in given:
        if not one.is_constant and not _is_alike(one.dtype, model):
            raise ConfigError(
                f"{one.dtype} and {model} do not go together; see CAST, and the step cast",
                field="expression",
            )
    return [_of_type(one, model) if one.is_constant else one for one in values]


def _is_alike(one: Any, other: Any) -> bool:
    return type(one) is type(other) or (is_text(one) and is_text(other))


def _of_type(value: Value, dtype: Any) -> Value:
    """Return a constant in the type of the column that it stands beside."""
    import narwhals as nw

    if value.literal is None:
        return Value(nw.lit(None, dtype), dtype)
    return Value(nw.lit(typed(value.literal, dtype, "the expression")), dtype)


_READERS: dict[str, Callable[[_Reader, Node], "nw.Expr | Value"]] = {
    "CONSTANT": lambda _, node: constant(node),
    "COLUMN_REF": _Reader.column,
    "FUNCTION": _Reader.function,
    "COMPARISON": _Reader.comparison,
    "BETWEEN": _Reader.between,
    "CONJUNCTION": _Reader.conjunction,
    "OPERATOR": _Reader.operator,
    "CASE": _Reader.case,
    "CAST": _Reader.cast,
}

"""SELECT over one input: what may stand in it, and its text made anew over a view.

All that is not known to be harmless is refused by name: other tables, files and addresses,
table functions, settings, extensions, and functions that are not listed here.
"""

import re
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from connectors.errors import ConfigError
from connectors.shaping.syntax import Node, parsed_query, written

INPUTS = ("input", "self")
# Every function that may be called; none of them knows more than the values that it is given.
FUNCTIONS = frozenset(
    """
    + - * / // % ^ ** || ~~ !~~ ~~* !~~* ~~~ & | << >> ~ @
    abs ceil ceiling floor round round_even trunc sign sqrt cbrt pow power exp ln log log2 log10 pi
    sin cos tan asin acos atan atan2 degrees radians mod divide fmod greatest least isnan isinf
    isfinite gcd lcm factorial even bit_count add subtract multiply
    upper ucase lower lcase length len char_length character_length strlen trim ltrim rtrim substring
    substr left right replace concat concat_ws contains starts_with prefix ends_with suffix
    lpad rpad split string_split str_split split_part regexp_matches regexp_full_match
    regexp_replace regexp_extract regexp_extract_all regexp_split_to_array like_escape
    not_like_escape ilike_escape not_ilike_escape instr strpos position reverse ascii chr unicode
    ord translate levenshtein jaccard hamming jaro_similarity jaro_winkler_similarity
    strip_accents md5 sha1 sha256 hash hex unhex to_hex base64 to_base64 from_base64 encode decode
    format printf string_agg listagg group_concat bar
    nullif error constant_or_null typeof
    year month day hour minute second quarter week weekday dayofweek isodow dayofmonth dayofyear
    weekofyear yearweek isoyear millisecond microsecond nanosecond epoch epoch_ms epoch_us epoch_ns
    era century decade millennium date_part datepart date_trunc datetrunc date_diff datediff
    date_sub datesub date_add last_day make_date make_time make_timestamp monthname dayname strftime
    strptime try_strptime age to_timestamp to_years to_quarters to_months to_weeks to_days to_hours
    to_minutes to_seconds to_milliseconds to_microseconds time_bucket timezone
    count count_star count_if countif sum sum_no_overflow fsum kahan_sum avg mean favg min max median
    mode stddev stddev_samp stddev_pop variance var_samp var_pop covar_pop covar_samp corr
    regr_slope regr_intercept regr_r2 regr_count regr_avgx regr_avgy regr_sxx regr_syy regr_sxy
    skewness kurtosis kurtosis_pop entropy mad quantile quantile_cont quantile_disc
    approx_count_distinct approx_quantile product bool_and bool_or bit_and bit_or bit_xor first last
    any_value arbitrary arg_min argmin min_by arg_max argmax max_by histogram list array_agg
    row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
    list_value list_extract list_element array_extract list_contains list_has array_contains
    list_position list_concat list_append list_prepend list_sort list_reverse_sort list_distinct
    list_unique list_aggregate list_aggr list_sum list_avg list_min list_max list_count list_slice
    array_slice array_length list_filter list_transform list_apply array_to_string
    list_reverse struct_pack row struct_extract map map_extract element_at map_keys map_values
    cardinality unnest array_value
    json_extract json_extract_string json_extract_path json_extract_path_text json_array_length
    json_type json_valid json_keys to_json json_object json_array ->>
    """.split()  # noqa: SIM905
)
TABLE_FUNCTIONS = frozenset({"unnest"})
TABLES = frozenset({"BASE_TABLE", "JOIN", "SUBQUERY", "EMPTY", "EXPRESSION_LIST", "TABLE_FUNCTION"})
EXPRESSIONS = frozenset(
    {
        *("COLUMN_REF", "CONSTANT", "FUNCTION", "WINDOW", "COMPARISON", "CONJUNCTION", "OPERATOR"),
        *("CASE", "CAST", "BETWEEN", "STAR", "SUBQUERY", "LAMBDA", "POSITIONAL_REFERENCE"),
    }
)
QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE"})
PARTS = frozenset(
    {
        *("ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER"),
        *("ORDER_DEFAULT", "ASCENDING", "DESCENDING"),
    }
)
# Other types come from extensions, which an engine may fetch from the network.
TYPES = frozenset(
    """
    BOOLEAN TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT
    FLOAT DOUBLE DECIMAL VARCHAR BLOB DATE TIME TIMESTAMP TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS
    INTERVAL UUID BIT LIST STRUCT MAP ARRAY SQLNULL
    """.split()  # noqa: SIM905
) | {"TIMESTAMP WITH TIME ZONE", "TIME WITH TIME ZONE"}
CURRENT = re.compile(r"current_\w+|session_user|user|localtime\w*", re.IGNORECASE)


class Query:
    """One SELECT that was vetted; it reads its input and nothing else."""

    def __init__(self, text: str) -> None:
        """Parse and vet a text; ConfigError names what may not be in it."""
        self._statement = parsed_query(text)
        self._used = 0
        _Vetting(self).visit(self._statement, frozenset())

    def over(self, view: str) -> str:
        """Return the SQL text over a view of this name, which is read once."""
        statement = deepcopy(self._statement)
        # The input may be named often, but its rows may be there only once.
        shared = f"{view}_rows" if self._used > 1 else view
        _rename(statement, shared)
        if shared != view:
            # The view's name is our own, of letters and digits.
            text = f'WITH "{shared}" AS MATERIALIZED (SELECT * FROM "{view}") SELECT 1'  # noqa: S608
            (entry,) = parsed_query(text)["node"]["cte_map"]["map"]
            statement["node"]["cte_map"]["map"].insert(0, entry)
        # What is kept apart is not told by the tree's writer; the first mention is where it is made.
        once = f"{shared} AS MATERIALIZED (" if shared != view else f"{shared} AS ("
        return written(statement).replace(f"{shared} AS (", once, 1)

    def count_input(self) -> None:
        """Count one more place where the input is read."""
        self._used += 1


class _Vetting:
    """Walks a tree and refuses what is not known; names are those of WITH, where they hold."""

    def __init__(self, query: Query) -> None:
        self._query = query

    def visit(self, node: Any, names: frozenset[str]) -> None:
        if isinstance(node, list):
            for part in node:
                self.visit(part, names)
        if not isinstance(node, dict):
            return
        names = self._with(node, names)
        if "class" in node:
            self._expression(node)
        elif "type" in node and isinstance(node["type"], str):
            self._part(node, names)
        for key, part in node.items():
            if key != "cte_map":
                self.visit(part, names)

    def _with(self, node: Node, names: frozenset[str]) -> frozenset[str]:
        """Vet what WITH names, each knowing those before it, and return all names that hold."""
        for entry in node.get("cte_map", {}).get("map", ()):
            name, inner = entry["key"].lower(), entry["value"]["query"]["node"]
            if name in INPUTS:
                raise ConfigError(f"WITH cannot name {name!r} anew", field="query")
            is_recursive = inner["type"] == "RECURSIVE_CTE_NODE"
            self.visit(entry["value"], names | {name} if is_recursive else names)
            names = names | {name}
        return names

    def _part(self, node: Node, names: frozenset[str]) -> None:
        kind = node["type"]
        if kind == "BASE_TABLE":
            self._table(node, names)
        elif kind == "TABLE_FUNCTION":
            called = node["function"]["function_name"].lower()
            if called not in TABLE_FUNCTIONS:
                _refuse(f"the function {called!r} in FROM")
        elif kind not in TABLES | QUERIES | PARTS and not kind.endswith("_TYPE_INFO"):
            _refuse(kind.lower())

    def _table(self, node: Node, names: frozenset[str]) -> None:
        name = node["table_name"]
        is_elsewhere = node.get("schema_name") or node.get("catalog_name")
        if is_elsewhere or name.lower() not in names | {*INPUTS}:
            shown = ".".join(filter(None, (node.get("schema_name"), name)))
            raise ConfigError(f"There is no table {shown!r}; there is: input", field="query")
        if name.lower() in INPUTS:
            self._query.count_input()

    def _expression(self, node: Node) -> None:
        kind = node["class"]
        if kind not in EXPRESSIONS:
            _refuse(kind.lower())
        if kind in ("FUNCTION", "WINDOW"):
            called = node["function_name"].lower()
            if called not in FUNCTIONS or node.get("schema") not in ("", None, "main"):
                _refuse(f"the function {called!r}")
            if node.get("catalog"):
                _refuse(f"the catalog {node['catalog']!r}")
        if kind == "COLUMN_REF" and CURRENT.fullmatch(node["column_names"][-1]):
            _refuse(node["column_names"][-1])
        if kind == "CAST":
            _demand_types(node["cast_type"])


def _demand_types(node: Any) -> None:
    """Refuse types that are not built in, at any depth."""
    parts: Iterable[Any] = node.values() if isinstance(node, dict) else node
    if isinstance(node, dict) and "id" in node and node["id"] not in TYPES:
        _refuse(f"the type {node['id'].lower()}")
    for part in parts:
        if isinstance(part, dict | list):
            _demand_types(part)


def _refuse(what: str) -> None:
    raise ConfigError(
        f"{what} is not possible in SQL over a step's input: it sees its rows and nothing else",
        field="query",
    )


def _rename(node: Any, view: str) -> None:
    """Point every mention of the input at a view; the names of its columns stay as they are."""
    parts = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if isinstance(node, dict) and node.get("type") == "BASE_TABLE":
        name = node["table_name"]
        if name.lower() in INPUTS:
            node["table_name"] = view
            node["alias"] = node["alias"] or name
    for part in parts:
        _rename(part, view)

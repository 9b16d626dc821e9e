"""What is wrong with a graph, said so that a person knows what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """What sort of fault a finding tells of."""

    # The structure: a graph with one of these cannot even be a draft.
    BAD_GRAPH = "bad_graph"
    MISSING_ID = "missing_id"
    MISSING_TYPE = "missing_type"
    MISSING_MODULE = "missing_module"
    DOUBLED_ID = "doubled_id"
    LOOSE_EDGE = "loose_edge"
    CYCLE = "cycle"
    UNKNOWN_MODULE = "unknown_module"
    # What a draft may still lack.
    EMPTY_PIPELINE = "empty_pipeline"
    MISSING_EXTRACTOR = "missing_extractor"
    MISSING_LOADER = "missing_loader"
    MISSING_SETTING = "missing_setting"
    BAD_SETTING = "bad_setting"
    UNKNOWN_CONNECTION = "unknown_connection"
    FORBIDDEN_CONNECTION = "forbidden_connection"
    WRONG_EDGE = "wrong_edge"
    UNCONNECTED_INPUT = "unconnected_input"
    UNKNOWN_PARAM = "unknown_param"
    MISSING_PARAM = "missing_param"
    BAD_PARAM = "bad_param"
    UNKNOWN_COLUMN = "unknown_column"
    BAD_COLUMN = "bad_column"
    # What works and may still not be meant.
    UNREACHABLE_NODE = "unreachable_node"
    UNUSED_PARAM = "unused_param"
    NO_DESCRIPTION = "no_description"


STRUCTURE = frozenset(
    {
        *(Code.BAD_GRAPH, Code.MISSING_ID, Code.MISSING_TYPE, Code.MISSING_MODULE),
        *(Code.DOUBLED_ID, Code.LOOSE_EDGE, Code.CYCLE, Code.UNKNOWN_MODULE),
    }
)
WARNINGS = frozenset({Code.UNREACHABLE_NODE, Code.UNUSED_PARAM, Code.NO_DESCRIPTION})


class Severity(StrEnum):
    """Whether a graph with this fault can run."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One fault: `node` is a node's id, `path` leads to the place in the graph as it is stored."""

    code: Code
    message: str
    node: str | None = None
    path: str = ""

    @property
    def severity(self) -> Severity:
        """Return whether the graph can run all the same."""
        return Severity.WARNING if self.code in WARNINGS else Severity.ERROR

    @property
    def is_structural(self) -> bool:
        """Whether a graph with this fault cannot even be kept as a draft."""
        return self.code in STRUCTURE

    def stored(self) -> dict[str, Any]:
        """Return the finding as plain JSON."""
        return {
            "code": self.code.value,
            "message": self.message,
            "node_id": self.node,
            "path": self.path,
            "severity": self.severity.value,
        }


def ordered(findings: Iterable[Finding], nodes: Sequence[str]) -> list[Finding]:
    """Return each finding once: errors first, those of the whole graph before those of nodes.

    `nodes` are the ids in the order of the graph.
    """
    places = {node: number for number, node in enumerate(nodes)}

    def place(finding: Finding) -> tuple[Any, ...]:
        at = -1 if finding.node is None else places.get(finding.node, len(places))
        return (finding.severity != Severity.ERROR, at, finding.path, finding.code, finding.message)

    return sorted(dict.fromkeys(findings), key=place)


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings with which a graph cannot run."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]

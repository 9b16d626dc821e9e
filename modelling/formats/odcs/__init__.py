"""The Open Data Contract Standard: 3.1.0 out, 3.0 to 3.2 in."""

from collections import Counter
from typing import Any

from modelling.exchange.faults import Fault, FormatError, Note, Parsed, spelled
from modelling.exchange.trees import lines, placed, tree
from modelling.exchange.yamls import dumped
from modelling.formats.odcs.contracts import document_of, keeping
from modelling.formats.odcs.versions import WRITTEN, is_valid, mistakes, set_aside
from modelling.formats.odcs.writing import contract_of
from modelling.schema import Document

TITLE = "Open Data Contract Standard"
SUFFIXES = (".odcs.yaml", ".yaml", ".yml", ".json")
MEDIA_TYPE = "application/yaml"


def parse(text: str) -> Parsed:
    """Return the document of a contract in YAML or JSON; FormatError with every mistake."""
    contract = tree(text)
    aside = set_aside(contract)
    wrong = list(mistakes(contract))
    if wrong:
        raise FormatError(placed(text, wrong))
    document, reading = document_of(contract)
    reading.notes += [
        (path, "3.1 does not allow this; it is kept as formerKeys") for path, _ in aside
    ]
    if document is None:
        raise FormatError(placed(text, reading.faults))
    if aside:
        former = [{"path": spelled(path), "value": value} for path, value in aside]
        document = keeping(document, {"property": "formerKeys", "value": former})
    known = lines(text, [path for path, _ in reading.notes]) if reading.notes else {}
    notes = [Note(spelled(path), message, known[path][0]) for path, message in reading.notes]
    return Parsed(document, tuple(notes))


def render(document: Document) -> str:
    """Return a document as a contract that the standard's schema accepts."""
    doubled = [name for name, n in Counter(one.name for one in document.tables).items() if n > 1]
    if doubled:
        raise FormatError([Fault("tables", 1, f"two tables are named {doubled[0]}; rename one")])
    contract = contract_of(document)
    for version in (WRITTEN, "v3.2.0"):
        if is_valid(contract | {"apiVersion": version}, version):
            return dumped(contract | {"apiVersion": version})
    raise FormatError(_refused(contract))


def _refused(contract: dict[str, Any]) -> list[Fault]:
    return [Fault(spelled(path), 1, message) for path, message in mistakes(contract)]

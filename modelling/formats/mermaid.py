"""Mermaid's entity-relationship diagrams, in and out.

Mermaid knows entities, attributes with keys and remarks, and how many of each belong together; which
columns a relationship is over it cannot say, and neither whether a column may be null.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

from pydantic import ValidationError

from modelling.exchange.faults import Fault, FormatError, Note, Parsed
from modelling.schema import Cardinality, Column, Document, Domain, Relationship, Table, findings

TITLE = "Mermaid"
SUFFIXES = (".mmd", ".mermaid")
MEDIA_TYPE = "text/vnd.mermaid"
MOST_BYTES = 4 * 1024 * 1024
GRID, STEP_X, STEP_Y = 10, 300.0, 250.0

NAME = r'(?:"[^"\n]+"|[\w-]+)'
ENTITY = re.compile(rf"({NAME})(?:\[({NAME})\])?\s*(?:(\{{)\s*(\}})?)?")
ATTRIBUTE = re.compile(
    r"(\*?[^\W\d][\w\-()\[\]]*)\s+(\*?[^\W\d][\w\-()\[\]]*)"
    r'((?:\s*,?\s*\b(?:PK|FK|UK)\b)*)\s*(?:"([^"\n]*)")?'
)
LINK = re.compile(
    rf"({NAME})\s*(\|o|\|\||\}}o|\}}\|)(?:--|\.\.)(o\||\|\||o\{{|\|\{{)\s*({NAME})\s*(?::\s*(.*))?"
)
WORD = re.compile(r"[^\W\d][\w\-()\[\]]*")
PLAIN = re.compile(r"[A-Za-z_][\w-]*")
UNSAID = re.compile(r"[^\w\-()\[\]]")


def render(document: Document) -> str:
    """Return a model as a diagram; what had to be written differently is a remark in it."""
    notes: list[str] = []
    names = {table.id: _entity(table.name) for table in document.tables}
    lines: list[str] = []
    for table in document.tables:
        lines.append(f"  {names[table.id]} {{")
        ordered = sorted(table.columns, key=lambda column: column.order)
        lines += [f"    {_attribute(table, column, notes)}" for column in ordered]
        lines.append("  }")
    for one in document.relationships:
        if one.source_table_id in names and one.target_table_id in names:
            ends = (names[one.source_table_id], names[one.target_table_id])
            lines.append(f"  {ends[0]} {_ends(one)} {ends[1]} : {_quoted(one.name)}")
    head = [f"  %% {' '.join(note.split())}" for note in dict.fromkeys(notes)]
    return "\n".join(["erDiagram", *head, *lines]) + "\n"


def _quoted(text: str) -> str:
    return '"' + " ".join(text.replace('"', "'").split()) + '"'


def _entity(name: str) -> str:
    return name if PLAIN.fullmatch(name) else _quoted(name)


def _word(text: str, label: str, notes: list[str], otherwise: str) -> str:
    """Return a text as one word of Mermaid, with a note if it had to become another."""
    word = text if WORD.fullmatch(text) else UNSAID.sub("_", text)
    word = word if WORD.fullmatch(word) else f"_{word}" if word.strip("_") else otherwise
    if word != text:
        notes.append(f"{label}: {text or 'no type'} is written as {word}")
    return word


def _attribute(table: Table, column: Column, notes: list[str]) -> str:
    label = f"{table.name}.{column.name}"
    kind = _word(column.data_type, label, notes, "unknown")
    words = [kind, _word(column.name, label, notes, "column")]
    marks = {
        "PK": column.is_primary_key,
        "FK": column.is_foreign_key,
        "UK": column.constraints.get("unique") is True,
    }
    keys = ", ".join(mark for mark, is_set in marks.items() if is_set)
    remark = _quoted(column.description) if column.description.strip() else ""
    return " ".join(word for word in (*words, keys, remark) if word)


def _ends(one: Relationship) -> str:
    if one.cardinality == "many-to-many":
        return "}o--o{"
    parent = "||" if one.optionality == "required" else "|o"
    return f"{parent}--{'o|' if one.cardinality == 'one-to-one' else 'o{'}"


def parse(text: str, *, fresh: Callable[[], UUID] = uuid4) -> Parsed:
    """Return the model of a diagram; FormatError with the line of what is none."""
    if len(text) > MOST_BYTES:
        raise FormatError([Fault("", 1, f"larger than {MOST_BYTES // 1024 // 1024} MB; split it")])
    reading = _Reading(fresh)
    for number, line in _said(text):
        reading.line = number
        try:
            reading.take(line)
        except ValidationError as error:
            message = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise FormatError([Fault("", number, message)]) from None
    return reading.parsed()


def _said(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that say something, with their numbers; the first names the diagram."""
    # One space for many, so that no pattern has a choice among them.
    lines = (
        (number, " ".join(line.split())) for number, line in enumerate(text.split("\n"), start=1)
    )
    said = ((number, line) for number, line in lines if line and not line.startswith("%%"))
    number, first = next(said, (1, ""))
    if first != "erDiagram":
        raise FormatError(
            [Fault("", number, "not an entity-relationship diagram: erDiagram is missing")]
        )
    yield from said


class _Reading:
    """What is known of a diagram so far."""

    def __init__(self, fresh: Callable[[], UUID]) -> None:
        self.fresh = fresh
        self.line = 1
        self.domain = Domain(id=fresh(), name="Imported", is_primary=True)
        self.tables: dict[str, dict[str, Any]] = {}
        self.links: list[Relationship] = []
        self.notes: list[Note] = []
        self.inside: dict[str, Any] | None = None

    def take(self, line: str) -> None:
        """Take in one line."""
        if self.inside is not None:
            self.attribute(line, self.inside)
        elif found := LINK.fullmatch(line):
            self.link(found)
        elif found := ENTITY.fullmatch(line):
            table = self.table(found[1])
            if found[2]:
                table["alias"] = found[2].strip('"')
            self.inside = table if found[3] and not found[4] else None
        elif re.fullmatch(r"(direction|title|accTitle|accDescr|style|classDef|class)\b.*", line):
            self.notes.append(Note("", f"left out: {line[:60]}", self.line))
        else:
            raise FormatError(
                [Fault("", self.line, f"neither entity nor relationship: {line[:60]}")]
            )

    def attribute(self, line: str, table: dict[str, Any]) -> None:
        """Take in a column, or the end of an entity."""
        if line == "}":
            self.inside = None
            return
        found = ATTRIBUTE.fullmatch(line)
        if found is None:
            message = f'no attribute: {line[:60]}; write: type name PK "remark"'
            raise FormatError([Fault("", self.line, message)])
        is_key = "PK" in found[3]
        column = Column(
            id=self.fresh(),
            name=found[2].removeprefix("*"),
            data_type=found[1],
            nullable=not is_key,
            is_primary_key=is_key,
            is_foreign_key="FK" in found[3],
            constraints={"unique": True} if "UK" in found[3] else {},
            order=len(table["columns"]),
            description=found[4] or "",
        )
        if column.name in {one.name for one in table["columns"]}:
            raise FormatError([Fault("", self.line, f"a second attribute {column.name}")])
        table["columns"].append(column)

    def table(self, said: str) -> dict[str, Any]:
        """Return the table of a name, a new one if it is said for the first time."""
        name = said.strip('"')
        place = len(self.tables)
        made = {
            "id": self.fresh(),
            "name": name,
            "primary_domain_id": self.domain.id,
            "position_x": place % GRID * STEP_X,
            "position_y": place // GRID * STEP_Y,
            "columns": [],
        }
        Table.model_validate(made)
        return self.tables.setdefault(name, made)

    def link(self, found: re.Match[str]) -> None:
        """Take in a relationship; the side with one at most is the source."""
        left, right = found[2], found[3]
        many = ("}" in left, "{" in right)
        ends = (self.table(found[1])["id"], self.table(found[4])["id"])
        if many == (True, False):
            ends, left, many = (ends[1], ends[0]), right, (False, True)
        kinds: dict[tuple[bool, bool], Cardinality] = {
            (False, False): "one-to-one",
            (False, True): "one-to-many",
            (True, True): "many-to-many",
        }
        link = Relationship(
            id=self.fresh(),
            source_table_id=ends[0],
            target_table_id=ends[1],
            cardinality=kinds[many],
            optionality="required" if "o" not in left else "optional",
            name=(found[5] or "").strip().strip('"'),
        )
        self.links.append(link)

    def parsed(self) -> Parsed:
        """Return the whole."""
        if self.inside is not None:
            raise FormatError([Fault("", self.line, "an entity is not closed with }")])
        document = Document(
            id=self.fresh(),
            name="Imported",
            domains=(self.domain,),
            tables=tuple(Table.model_validate(one) for one in self.tables.values()),
            relationships=tuple(self.links),
        )
        wrong = [Fault("", self.line, found.message) for found in findings(document)]
        if wrong:
            raise FormatError(wrong)
        return Parsed(document, tuple(self.notes))

"""Statements that create and alter tables become a document; what they refer to is tied at the end."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlglot import exp

from modelling.exchange.faults import Fault, FormatError, Note, Parsed
from modelling.formats.sql.gathering import Gathered, Gathering, Key
from modelling.formats.sql.statements import Statement, statements
from modelling.schema import Column, Document, Domain, Relationship, Table, findings

GRID, STEP_X, STEP_Y = 10, 300.0, 250.0
HARMLESS = ("SET", "USE", "BEGIN", "COMMIT", "START", "PRAGMA", "CREATE SCHEMA", "CREATE DATABASE")


def read(text: str, dialect: str, fresh: Callable[[], UUID]) -> Parsed:
    """Return the document of a text of SQL."""
    gathering = Gathering(dialect)
    notes: list[Note] = []
    for statement in statements(text, dialect):
        try:
            message = _taken(gathering, statement)
        except (TypeError, AttributeError, KeyError, IndexError, ValueError, RecursionError):
            # A tree of a form that no definition has, or too deep to be said again.
            fault = Fault("", statement.line, "this statement cannot be read")
            raise FormatError([fault]) from None
        if message and not statement.words.startswith(HARMLESS):
            notes.append(Note("", message, statement.line))
    notes += [Note("", message, line) for line, message in gathering.notes]
    if not gathering.tables:
        raise FormatError([Fault("", 1, "the text creates no table")])
    building = _Building(gathering, fresh)
    try:
        document = building.document()
    except ValidationError as error:
        told = error.errors()[0]
        message = f"{told['loc'][0]} {told['msg'].removeprefix('Value error, ')}"
        raise FormatError([Fault("", building.line, message)]) from None
    wrong = [Fault("", 1, f"{found.path[-1]} {found.message}") for found in findings(document)]
    if wrong:
        raise FormatError(wrong)
    return Parsed(document, (*notes, *building.notes))


def _taken(gathering: Gathering, statement: Statement) -> str | None:
    """Take a statement in, or return why it was left out."""
    tree = statement.tree
    gathering.line = statement.line
    if isinstance(tree, exp.Create) and tree.kind == "TABLE" and isinstance(tree.this, exp.Schema):
        gathering.create(tree)
    elif isinstance(tree, exp.Create) and tree.kind == "INDEX" and tree.args.get("unique"):
        gathering.index(tree)
    elif isinstance(tree, exp.Alter) and tree.args.get("kind") == "TABLE":
        return gathering.alter(tree)
    elif isinstance(tree, exp.Comment):
        gathering.comment(tree)
    else:
        return f"left out: {statement.words[:60]} …"
    return None


class _Building:
    """Makes the parts of a document out of what was gathered."""

    def __init__(self, gathering: Gathering, fresh: Callable[[], UUID]) -> None:
        self.gathering = gathering
        self.fresh = fresh
        self.notes: list[Note] = []
        self.line = 1
        self.ids = {id(table): fresh() for table in gathering.tables}
        self.columns = {
            id(table): {name: fresh() for name in table.columns} for table in gathering.tables
        }

    def document(self) -> Document:
        """Return the whole."""
        domain = Domain(id=self.fresh(), name="Imported", is_primary=True)
        links = list(self._relationships())
        keys: dict[UUID, UUID] = {}
        for link in links:
            ends = zip(link.target_column_ids, link.source_column_ids, strict=True)
            keys = dict(ends) | keys
        names: set[str] = set()
        tables = tuple(
            self._table(place, table, domain.id, keys, names)
            for place, table in enumerate(self.gathering.tables)
        )
        return Document(
            id=self.fresh(),
            name="Imported",
            domains=(domain,),
            tables=tables,
            relationships=tuple(links),
            extras={"sql": {"dialect": self.gathering.dialect}},
        )

    def _table(
        self, place: int, table: Gathered, domain: UUID, keys: dict[UUID, UUID], names: set[str]
    ) -> Table:
        self.line = table.line
        kept: dict[str, Any] = {"schema": table.schema} if table.schema else {}
        if table.checks:
            kept["checks"] = table.checks
        wide = [list(key) for key in table.unique if len(key) > 1]
        if wide:
            kept["unique"] = wide
        name = table.name
        if name in names and table.schema:
            name = f"{table.schema}.{name}"
        names.add(name)
        return Table(
            id=self.ids[id(table)],
            primary_domain_id=domain,
            name=name,
            model_type="physical",
            position_x=place % GRID * STEP_X,
            position_y=place // GRID * STEP_Y,
            description=table.comment,
            columns=tuple(self._columns(table, keys)),
            extras={"sql": kept} if kept else {},
        )

    def _columns(self, table: Gathered, keys: dict[UUID, UUID]) -> Iterator[Column]:
        referring = {name for key in table.keys for name in key.columns}
        for order, (name, said) in enumerate(table.columns.items()):
            own = self.columns[id(table)][name]
            constraints = dict(said.constraints)
            if (name,) in table.unique:
                constraints["unique"] = True
            yield Column(
                id=own,
                name=name,
                data_type=said.data_type,
                nullable=said.nullable and name not in table.primary_key,
                is_primary_key=name in table.primary_key,
                is_foreign_key=name in referring,
                foreign_key_reference=keys.get(own),
                default_value=said.default,
                constraints=constraints,
                order=order,
                description=said.comment,
            )

    def _relationships(self) -> Iterator[Relationship]:
        for table in self.gathering.tables:
            for key in table.keys:
                self.line = key.line
                found = self._relationship(table, key)
                if isinstance(found, str):
                    self.notes.append(Note(table.name, found, key.line))
                else:
                    yield found

    def _relationship(self, child: Gathered, key: Key) -> Relationship | str:
        parent = self.gathering.find(*key.table)
        if parent is None:
            return f"refers to {'.'.join(filter(None, key.table))}, which the text does not create"
        columns = key.references or tuple(parent.primary_key)
        missing = [name for name in columns if name not in parent.columns]
        missing += [name for name in key.columns if name not in child.columns]
        if missing or len(columns) != len(key.columns):
            what = f"no column {missing[0]}" if missing else "lists of different length"
            return f"its foreign key to {parent.name} has {what}"
        said = [child.columns[name] for name in key.columns]
        is_key = set(key.columns) == set(child.primary_key)
        is_unique = tuple(key.columns) in child.unique
        is_required = all(
            name in child.primary_key or not one.nullable
            for name, one in zip(key.columns, said, strict=True)
        )
        return Relationship(
            id=self.fresh(),
            name=key.name,
            source_table_id=self.ids[id(parent)],
            target_table_id=self.ids[id(child)],
            source_column_ids=tuple(self.columns[id(parent)][name] for name in columns),
            target_column_ids=tuple(self.columns[id(child)][name] for name in key.columns),
            cardinality="one-to-one" if is_key or is_unique else "one-to-many",
            optionality="required" if is_required else "optional",
            extras={"sql": {"options": key.options}} if key.options else {},
        )

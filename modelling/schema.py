"""The data model as one document: what rows, sockets, imports and revisions agree on.

The models are frozen and know no framework. Every rule of form that a client can break is said
here once; what only the whole document can break (an end that is not there) is in `findings`.
"""

import math
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

ModelType = Literal["conceptual", "logical", "physical"]
Cardinality = Literal["one-to-one", "one-to-many", "many-to-many"]
Optionality = Literal["required", "optional"]
WorkspaceType = Literal["personal", "shared"]
NodeType = Literal["database", "kafka_topic", "api", "processor", "target"]
Direction = Literal["forward", "bidirectional"]

MODEL_TYPES: tuple[ModelType, ...] = get_args(ModelType)
CARDINALITIES: tuple[Cardinality, ...] = get_args(Cardinality)
OPTIONALITIES: tuple[Optionality, ...] = get_args(Optionality)

LONGEST_NAME = 255
LONGEST_TYPE = 10_000
LONGEST_TEXT = 100_000
DEEPEST_JSON = 150
WIDTH, HEIGHT = 200.0, 150.0


def storable(text: str) -> str:
    """Refuse what no database stores as text: the NUL character and half of a surrogate pair."""
    if "\x00" in text:
        raise ValueError("must not contain the NUL character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("must be valid Unicode, without lone surrogates") from None
    return text


def named(text: str) -> str:
    """Refuse a name that shows nothing."""
    if not text.strip():
        raise ValueError("must not be empty")
    return storable(text)


def json_value(value: Any, *, depth: int = 0) -> Any:
    """Refuse what JSON cannot say: other types, keys that are no text, infinity, endless depth."""
    if depth > DEEPEST_JSON:
        raise ValueError(f"must not be nested deeper than {DEEPEST_JSON} levels")
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise ValueError(f"must have keys that are text, not {key!r}")  # noqa: TRY004
            storable(key)
            json_value(inner, depth=depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            json_value(inner, depth=depth + 1)
    elif isinstance(value, str):
        storable(value)
    else:
        _plain(value)
    return value


def _plain(value: Any) -> None:
    """Refuse a scalar that JSON has no word for."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must not contain NaN or infinity")
    if value is not None and not isinstance(value, bool | int | float):
        raise ValueError(f"must be JSON, not {type(value).__name__}")


Name = Annotated[str, StringConstraints(max_length=LONGEST_NAME), AfterValidator(named)]
Label = Annotated[str, StringConstraints(max_length=LONGEST_NAME), AfterValidator(storable)]
Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(storable)]
DataType = Annotated[str, StringConstraints(max_length=LONGEST_TYPE), AfterValidator(storable)]
Coordinate = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
Extent = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
Json = Annotated[dict[str, Any], AfterValidator(json_value)]


class Part(BaseModel):
    """What every part of a document is: frozen, closed, and known by a UUID.

    `extras` holds, by the name of a format, what that format says and the model has no field for,
    so that a round trip loses nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    extras: Json = {}


class Domain(Part):
    """A canvas: a part of the model that one team draws."""

    name: Name
    model_type: ModelType = "logical"
    is_primary: bool = False


class Column(Part):
    """One column of a table; `data_type` is kept word for word and may still be empty.

    `constraints` knows `unique` (true), `check` (an SQL condition), `identity` (true) and
    `enum` (a list of values); other keys are kept.
    """

    name: Name
    data_type: DataType = ""
    nullable: bool = True
    is_primary_key: bool = False
    is_foreign_key: bool = False
    foreign_key_reference: UUID | None = None
    default_value: Text | None = None
    constraints: Json = {}
    order: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    description: Text = ""


class Table(Part):
    """One table with its columns, and where it stands on its canvas."""

    primary_domain_id: UUID
    name: Name
    alias: Label = ""
    model_type: ModelType = "logical"
    position_x: Coordinate = 0.0
    position_y: Coordinate = 0.0
    width: Extent = WIDTH
    height: Extent = HEIGHT
    visible_domains: tuple[UUID, ...] = ()
    columns: tuple[Column, ...] = ()
    description: Text = ""

    def primary_key(self) -> tuple[Column, ...]:
        """Return the columns of the primary key, in the table's order."""
        return tuple(column for column in self.columns if column.is_primary_key)


class Relationship(Part):
    """Which rows belong together: of one-to-many, the source is the one side (the referenced one).

    Composite keys name several columns on both sides, pairwise; no columns at all is allowed.
    """

    source_table_id: UUID
    target_table_id: UUID
    cardinality: Cardinality = "one-to-many"
    optionality: Optionality = "optional"
    name: Label = ""
    source_column_ids: tuple[UUID, ...] = ()
    target_column_ids: tuple[UUID, ...] = ()

    @property
    def source_column_id(self) -> UUID | None:
        """The first column of the source side, as the contract has it."""
        return self.source_column_ids[0] if self.source_column_ids else None

    @property
    def target_column_id(self) -> UUID | None:
        """The first column of the target side, as the contract has it."""
        return self.target_column_ids[0] if self.target_column_ids else None

    @property
    def is_paired(self) -> bool:
        """Whether both sides name the same number of columns, one at least."""
        return 0 < len(self.source_column_ids) == len(self.target_column_ids)


class Node(Part):
    """One station of a data-flow diagram."""

    type: NodeType
    name: Name
    position_x: Coordinate = 0.0
    position_y: Coordinate = 0.0
    icon: Label = ""
    metadata: Json = {}


class Connection(Part):
    """An arrow between two stations of one diagram."""

    source_node_id: UUID
    target_node_id: UUID
    label: Label = ""
    direction: Direction = "forward"


class Diagram(Part):
    """How data flows between systems, and which tables it is about."""

    name: Name
    nodes: tuple[Node, ...] = ()
    connections: tuple[Connection, ...] = ()
    linked_tables: tuple[UUID, ...] = ()


class Document(Part):
    """A whole workspace: what is exported, imported, compared and restored."""

    name: Name
    type: WorkspaceType = "personal"
    domains: tuple[Domain, ...] = ()
    tables: tuple[Table, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    diagrams: tuple[Diagram, ...] = ()


class Finding(BaseModel):
    """What is wrong in the whole: the place as a path of the document, and why."""

    model_config = ConfigDict(frozen=True)

    path: tuple[str | int, ...]
    message: str


def findings(document: Document) -> Iterator[Finding]:
    """Yield what a store would refuse: doubled ids and names, ends that are not there."""
    yield from _doubled("domains", document.domains)
    yield from _doubled("tables", document.tables)
    yield from _doubled("relationships", document.relationships, by_name=False)
    yield from _doubled("diagrams", document.diagrams)
    domains = {domain.id for domain in document.domains}
    for place, table in enumerate(document.tables):
        yield from _doubled(f"tables/{place}/columns", table.columns)
        if table.primary_domain_id not in domains:
            path = ("tables", place, "primary_domain_id")
            yield Finding(path=path, message="names a domain that is not in this document")
    yield from _loose_ends(document)
    for place, diagram in enumerate(document.diagrams):
        yield from _loose_arrows(place, diagram)


def _doubled(where: str, parts: tuple[Any, ...], *, by_name: bool = True) -> Iterator[Finding]:
    prefix = tuple(int(step) if step.isdigit() else step for step in where.split("/"))
    for field in ("id", "name") if by_name else ("id",):
        first: dict[Any, int] = {}
        for place, part in enumerate(parts):
            value = getattr(part, field)
            if first.setdefault(value, place) != place:
                path = (*prefix, place, field)
                yield Finding(path=path, message=f"{value} is there twice")


def _loose_ends(document: Document) -> Iterator[Finding]:
    columns = {table.id: {column.id for column in table.columns} for table in document.tables}
    for place, relationship in enumerate(document.relationships):
        for side in ("source", "target"):
            table_id = getattr(relationship, f"{side}_table_id")
            known = columns.get(table_id)
            if known is None:
                path = ("relationships", place, f"{side}_table_id")
                yield Finding(path=path, message="names a table that is not in this document")
            elif not known.issuperset(getattr(relationship, f"{side}_column_ids")):
                path = ("relationships", place, f"{side}_column_ids")
                yield Finding(path=path, message="names a column that its table does not have")


def _loose_arrows(place: int, diagram: Diagram) -> Iterator[Finding]:
    nodes = {node.id for node in diagram.nodes}
    for number, arrow in enumerate(diagram.connections):
        if not nodes.issuperset((arrow.source_node_id, arrow.target_node_id)):
            path = ("diagrams", place, "connections", number)
            yield Finding(path=path, message="connects a node that is not in its diagram")

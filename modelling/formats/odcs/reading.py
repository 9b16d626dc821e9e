"""A contract that its schema accepts becomes a document; what no field says is kept in `extras`."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from modelling.exchange.faults import Path
from modelling.formats.odcs import custom
from modelling.formats.odcs.custom import Custom, Ids, within
from modelling.formats.odcs.types import data_type, typed
from modelling.schema import MODEL_TYPES, Column, Table

NAMESPACE = UUID("6f1d6a53-0f5e-5d0c-9a0e-3f6c1f0c7d21")
TYPES = ("physicalType", "logicalType", "logicalTypeOptions")
PROPERTY_KEYS = frozenset(
    {
        *TYPES,
        *("id", "name", "required", "unique", "primaryKey", "primaryKeyPosition", "description"),
        *("relationships", "customProperties", "properties"),
    }
)
OBJECT_KEYS = frozenset(
    {
        *("id", "name", "physicalName", "businessName", "logicalType", "physicalType"),
        *("description", "properties", "relationships", "customProperties"),
    }
)
FIELDS = {"name": "name", "data_type": "physicalType", "alias": "businessName"}
GRID, STEP_X, STEP_Y = 10, 300.0, 250.0


class Reading:
    """What is known while a contract is read."""

    def __init__(self, contract: Mapping[str, Any], document_id: UUID) -> None:
        self.contract = contract
        self.document_id = document_id
        self.ids = Ids()
        self.faults: list[tuple[Path, str]] = []
        self.notes: list[tuple[Path, str]] = []
        # Where each relationship is said: path, table, column or None, and what is said.
        self.said: list[tuple[Path, UUID, UUID | None, dict[str, Any]]] = []
        # Names and ids of tables and columns as the contract has them.
        self.tables: dict[str, UUID] = {}
        self.columns: dict[tuple[UUID, str], UUID] = {}
        self.table_ids: dict[str, UUID] = {}
        self.column_ids: dict[tuple[UUID, str], UUID] = {}
        # What is said of foreign keys beside the relationships.
        self.foreign_keys: dict[UUID, dict[str, Any]] = {}

    def refuse(self, path: Path, error: ValidationError) -> None:
        """Keep what a model has against a value, at the key that the value came from."""
        for fault in error.errors():
            step = FIELDS.get(str(fault["loc"][0]), str(fault["loc"][0]))
            self.faults.append(((*path, step), fault["msg"].removeprefix("Value error, ")))


def extras(kept: Mapping[str, Any], foreign: Any = None) -> dict[str, Any]:
    """Return extras of what is kept of ODCS, and of what other formats had kept before."""
    full = {key: value for key, value in kept.items() if value not in ({}, [])}
    others = {key: value for key, value in (foreign or {}).items() if key != "odcs"}
    return ({"odcs": full} if full else {}) | others


def table_of(reading: Reading, path: Path, said: Mapping[str, Any], domains: list[UUID]) -> Table:
    """Return a table of a schema object; ValidationError where a value cannot be kept."""
    ours = Custom(said.get("customProperties"))
    name = said["name"]
    table_id, kept = _identified_table(reading, ours, said)
    primary = ours.take("primaryDomainId", custom.uuid)
    if primary is not None and primary not in domains:
        reading.notes.append(
            (path, "its primary domain is not in the contract; the first one is taken")
        )
    visible = ours.take("visibleDomains", custom.uuids, ())
    foreign = ours.take("modelExtras", custom.mapping)
    columns = _columns(reading, path, said, table_id)
    described = any(column.data_type for column in columns)
    table = Table(
        id=table_id,
        name=name,
        alias=said.get("businessName", ""),
        description=said.get("description", ""),
        primary_domain_id=primary if primary in domains else domains[0],
        model_type=ours.take(
            "modelType", custom.one_of(*MODEL_TYPES), "physical" if described else "logical"
        ),
        visible_domains=tuple(one for one in visible if one in domains),
        columns=columns,
        **_layout(ours, int(path[-1])),
        extras=extras(kept | {"custom": ours.rest}, foreign),
    )
    for place, link in enumerate(said.get("relationships", ())):
        reading.said.append(((*path, "relationships", place), table_id, None, link))
    return table


def _identified_table(
    reading: Reading, ours: Custom, said: Mapping[str, Any]
) -> tuple[UUID, dict[str, Any]]:
    """Return the id of a table, and what is kept of it."""
    name, key = said["name"], said.get("id")
    own = ours.take("modelId", custom.uuid)
    table_id = reading.ids.claim(reading.document_id, "table", str(key or name), own)
    kept = _kept(said, OBJECT_KEYS, key, table_id)
    usual = {"physicalName": name, "physicalType": "table", "logicalType": "object"}
    kept |= {field: said.get(field) for field in usual if said.get(field) != usual[field]}
    if key is not None:
        reading.table_ids[key] = table_id
    return table_id, kept


def _kept(
    said: Mapping[str, Any], known: frozenset[str], key: str | None, own_id: UUID
) -> dict[str, Any]:
    """Return what is kept of any element: keys without a field, and an id that is no UUID."""
    kept: dict[str, Any] = {"more": {name: said[name] for name in said if name not in known}}
    if key is not None and key != str(own_id):
        kept["id"] = key
    return kept


def _layout(ours: Custom, place: int) -> dict[str, float]:
    """Return position and size: as the canvas had them, or on a grid."""

    def valid(value: Any) -> dict[str, float]:
        if value.keys() != {"x", "y", "width", "height"}:
            raise ValueError
        known = {"x": "position_x", "y": "position_y"}
        layout = {known.get(key, key): float(number) for key, number in value.items()}
        Table.model_validate(
            {"id": NAMESPACE, "primary_domain_id": NAMESPACE, "name": "any", **layout}
        )
        return layout

    grid = {"position_x": place % GRID * STEP_X, "position_y": place // GRID * STEP_Y}
    found: dict[str, float] = ours.take("canvasLayout", valid, grid)
    return found


def _columns(
    reading: Reading, path: Path, said: Mapping[str, Any], table_id: UUID
) -> tuple[Column, ...]:
    """Return all columns of an object, nested ones behind their parent, in their order."""
    found: list[Column] = []
    ranks: list[int] = []
    names: set[str] = set()
    ids: set[tuple[UUID, str]] = set()
    waiting: list[tuple[Path, Mapping[str, Any], Column | None]] = [
        ((*path, "properties", place), inner, None)
        for place, inner in enumerate(said.get("properties", ()))
    ]
    waiting.reverse()
    while waiting:
        here, prop, parent = waiting.pop()
        name = f"{parent.name}.{prop['name']}" if parent else prop["name"]
        if name in names:
            reading.faults.append(((*here, "name"), f"the table has two columns {name}"))
        names.add(name)
        owner, key = parent.id if parent else table_id, prop.get("id")
        if (owner, key) in ids:
            reading.faults.append(((*here, "id"), f"the id {key} is there twice"))
        ids |= {(owner, key)} if key is not None else set()
        try:
            column = _column(
                reading, here, prop, name=name, table_id=table_id, parent=parent, order=len(found)
            )
        except ValidationError as error:
            reading.refuse(here, error)
            continue
        found.append(column)
        ranks.append(prop.get("primaryKeyPosition", -1))
        nested = prop.get("properties") or ()
        waiting += [
            ((*here, "properties", place), inner, column) for place, inner in enumerate(nested)
        ][::-1]
    return _ranked(found, ranks)


def _ranked(columns: list[Column], ranks: list[int]) -> tuple[Column, ...]:
    """Keep the place of a column in the primary key where it is not the place in the table."""
    keys = [(rank, place) for place, rank in enumerate(ranks) if columns[place].is_primary_key]
    order = sorted(keys, key=lambda key: (key[0] < 1, key))
    for rank, ((_, place), (_, usual)) in enumerate(zip(order, keys, strict=True), start=1):
        if place != usual:
            kept = columns[place].extras.get("odcs", {}) | {"position": rank}
            whole = columns[place].extras | {"odcs": kept}
            columns[place] = columns[place].model_copy(update={"extras": whole})
    return tuple(columns)


def _column(
    reading: Reading,
    path: Path,
    said: Mapping[str, Any],
    *,
    name: str,
    table_id: UUID,
    parent: Column | None,
    order: int,
) -> Column:
    """Return one column; its relationships are noted for later."""
    ours = Custom(said.get("customProperties"))
    column_id, kept = _identified_column(reading, ours, said, name, (table_id, parent))
    types = {one: said[one] for one in TYPES if one in said}
    kind = data_type(types)
    if types != typed(kind):
        kept["types"] = types | {"of": kind}
    constraints = ours.take("constraints", custom.mapping, {})
    if said.get("unique"):
        constraints = constraints | {"unique": True}
    foreign, said_key = ours.take("modelExtras", custom.mapping), _foreign_key(ours)
    if said_key:
        reading.foreign_keys[column_id] = said_key
    column = Column(
        id=column_id,
        name=name,
        data_type=kind,
        nullable=not said.get("required", False),
        is_primary_key=said.get("primaryKey", False),
        default_value=ours.take("defaultValue", custom.text),
        constraints=constraints,
        order=order,
        description=said.get("description", ""),
        **said_key,
        extras=extras(kept | {"custom": ours.rest}, foreign),
    )
    for place, link in enumerate(said.get("relationships", ())):
        reading.said.append(((*path, "relationships", place), table_id, column_id, link))
    return column


def _identified_column(
    reading: Reading,
    ours: Custom,
    said: Mapping[str, Any],
    name: str,
    place: tuple[UUID, Column | None],
) -> tuple[UUID, dict[str, Any]]:
    """Return the id of a column within its table and parent, and what is kept of it."""
    (table_id, parent), key = place, said.get("id")
    own = ours.take("modelId", custom.uuid)
    called = name if key is None else within(key, parent.id if parent else None)
    column_id = reading.ids.claim(table_id, "column", called, own)
    kept = _kept(said, PROPERTY_KEYS, key, column_id)
    if parent:
        kept["in"] = str(parent.id)
    reading.columns[table_id, name] = column_id
    if key is not None:
        reading.column_ids.setdefault((table_id, key), column_id)
    return column_id, kept


def _foreign_key(ours: Custom) -> dict[str, Any]:
    """Return what is said of a foreign key beside its relationships, if anything."""

    def reference(value: Any) -> UUID | None:
        return None if value is None else custom.uuid(value)

    is_key = ours.take("isForeignKey", custom.flag, custom.ABSENT)
    found = ours.take("foreignKeyReference", reference, custom.ABSENT)
    said: dict[str, Any] = {}
    if is_key is not custom.ABSENT:
        said["is_foreign_key"] = is_key
    if found is not custom.ABSENT:
        said["foreign_key_reference"] = found
    return said

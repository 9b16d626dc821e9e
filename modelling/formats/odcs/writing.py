"""A document becomes a contract: our fields, and beside them all that was kept when it was read."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from modelling.formats.odcs.contracts import USUAL
from modelling.formats.odcs.custom import derived, listed, within
from modelling.formats.odcs.diagrams import diagram_said, workspace_said
from modelling.formats.odcs.linking import foreign_keys
from modelling.formats.odcs.nesting import kept, nested_in
from modelling.formats.odcs.reading import NAMESPACE
from modelling.formats.odcs.relating import Names, related
from modelling.formats.odcs.types import typed
from modelling.formats.odcs.versions import WRITTEN
from modelling.schema import Column, Document, Table

# The order of keys, so that two exports differ where the models do and nowhere else.
ORDER = {
    key: place
    for place, key in enumerate(
        [
            "apiVersion",
            "kind",
            "id",
            "name",
            "version",
            "status",
            "tenant",
            "domain",
            "dataProduct",
            "description",
            "tags",
            "contractCreatedTs",
            "servers",
            "schema",
            "businessName",
            "physicalName",
            "logicalType",
            "physicalType",
            "logicalTypeOptions",
            "required",
            "unique",
            "primaryKey",
            "primaryKeyPosition",
        ]
    )
}
LAST = {
    key: place
    for place, key in enumerate(["items", "properties", "relationships", "customProperties"])
}


def ordered(said: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return our keys that say something and all that were kept, in one order for all contracts."""

    def rank(key: str) -> tuple[int, int, str]:
        if key in LAST:
            return 2, LAST[key], key
        return (0, ORDER[key], key) if key in ORDER else (1, 0, key)

    full = {
        key: value for key, value in said.items() if value is not None and value not in ([], "")
    }
    full = {**more, **full}
    return {key: full[key] for key in sorted(full, key=rank)}


def contract_of(document: Document, version: str = WRITTEN) -> dict[str, Any]:
    """Return the contract of a document, as one release of the standard has it."""
    extras = document.extras
    domains = document.domains
    written = kept(extras, "id", str(document.id))
    ours: dict[str, Any] = {"modelWorkspace": workspace_said(document)}
    if document.diagrams:
        ours["dataFlowDiagrams"] = [diagram_said(diagram) for diagram in document.diagrams]
    ours |= own(document, derived(NAMESPACE, "contract", written))
    name = None if kept(extras, "unnamed", None) == document.name else document.name
    usual = {key: kept(extras, key, value) for key, value in USUAL.items()}
    return ordered(
        usual
        | {
            "apiVersion": version,
            "kind": "DataContract",
            "id": written or document.id.hex,
            "name": name,
            "domain": kept(extras, "domain", domains[0].name if len(domains) == 1 else None),
            "schema": _objects(document),
            "customProperties": listed(ours) + kept(extras, "custom", []),
        },
        kept(extras, "more", {}),
    )


def own(part: Any, expected: UUID) -> dict[str, Any]:
    """Return a part's UUID if its written id does not tell it, and extras of other formats."""
    said: dict[str, Any] = {} if part.id == expected else {"modelId": str(part.id)}
    others = {key: part.extras[key] for key in sorted(part.extras) if key != "odcs"}
    return said | ({"modelExtras": others} if others else {})


def _objects(document: Document) -> list[dict[str, Any]]:
    counts = Counter(table.name for table in document.tables)
    names = Names(document, counts)
    links = related(document, names)
    keys = foreign_keys(document.relationships)
    return [_object(document.id, table, links, keys) for table in document.tables]


def _object(
    document_id: UUID, table: Table, links: Mapping[UUID, list[Any]], keys: Mapping[UUID, UUID]
) -> dict[str, Any]:
    extras = table.extras
    written = kept(extras, "id", str(table.id))
    layout = {
        "x": table.position_x,
        "y": table.position_y,
        "width": table.width,
        "height": table.height,
    }
    ours: dict[str, Any] = {
        "modelType": table.model_type,
        "primaryDomainId": str(table.primary_domain_id),
        "visibleDomains": [str(one) for one in table.visible_domains] or None,
        "canvasLayout": {key: whole(value) for key, value in layout.items()},
        **own(table, derived(document_id, "table", written)),
    }
    return ordered(
        {
            "id": written,
            "name": table.name,
            "businessName": table.alias,
            "description": table.description,
            "physicalName": kept(extras, "physicalName", table.name),
            "physicalType": kept(extras, "physicalType", "table"),
            "logicalType": kept(extras, "logicalType", "object"),
            "properties": _properties(table, links, keys),
            "relationships": links.get(table.id, []) + kept(extras, "outside", []),
            "customProperties": listed({k: v for k, v in ours.items() if v is not None})
            + kept(extras, "custom", []),
        },
        kept(extras, "more", {}),
    )


def whole(number: float) -> float | int:
    """Return a float without a fraction as an integer."""
    return int(number) if number.is_integer() else number


def _properties(
    table: Table, links: Mapping[UUID, list[Any]], keys: Mapping[UUID, UUID]
) -> list[dict[str, Any]]:
    """Return the properties of a table in order, each with those that are nested in it."""
    columns = sorted(table.columns, key=lambda column: column.order)
    ranks = _ranks(columns)
    known = {str(column.id): column for column in columns}
    roots: list[dict[str, Any]] = []
    nested: dict[UUID, list[dict[str, Any]]] = {column.id: [] for column in columns}
    for column in columns:
        parent = nested_in(column, known) if column.extras else None
        said = _property(table.id, column, parent, keys)
        said["primaryKeyPosition"] = ranks.get(column.id)
        said["properties"] = nested[column.id]
        said["relationships"] = links.get(column.id, []) + kept(column.extras, "outside", [])
        (nested[parent.id] if parent else roots).append(said)
    return _closed(roots)


def _closed(properties: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return properties with their keys in order, all the way down."""
    for said in properties:
        said["properties"] = _closed(said["properties"]) or None
    return [ordered(said, said.pop("more")) for said in properties]


def _ranks(columns: list[Column]) -> dict[UUID, int]:
    """Return the places of the primary key's columns, from 1."""
    keys = [column for column in columns if column.is_primary_key]
    order = {
        column.id: (kept(column.extras, "position", place), place)
        for place, column in enumerate(keys, start=1)
    }
    return {one: rank for rank, one in enumerate(sorted(order, key=order.__getitem__), start=1)}


def _property(
    table_id: UUID, column: Column, parent: Column | None, keys: Mapping[UUID, UUID]
) -> dict[str, Any]:
    extras = column.extras
    types = kept(extras, "types", {})
    is_as_read = types.get("of") == column.data_type
    if is_as_read:
        said = {key: value for key, value in types.items() if key != "of"}
    else:
        said = typed(column.data_type)
    written = kept(extras, "id", str(column.id))
    expected = derived(table_id, "column", within(written, parent.id if parent else None))
    constraints = dict(column.constraints)
    is_unique = constraints.get("unique") is True and constraints.pop("unique")
    ours = own(column, expected) | _said_beside(column, constraints, keys)
    more = kept(extras, "more", {})
    if "items" in more and not is_as_read and said.get("logicalType", "array") != "array":
        more = {name: value for name, value in more.items() if name != "items"}
    return said | {
        "more": more,
        "id": written,
        "name": column.name.removeprefix(f"{parent.name}.") if parent else column.name,
        "description": column.description,
        "required": None if column.nullable else True,
        "unique": is_unique or None,
        "primaryKey": column.is_primary_key or None,
        "customProperties": listed(ours) + kept(extras, "custom", []),
    }


def _said_beside(
    column: Column, constraints: dict[str, Any], keys: Mapping[UUID, UUID]
) -> dict[str, Any]:
    """Return what the standard has no key for."""
    said: dict[str, Any] = {}
    if column.default_value is not None:
        said["defaultValue"] = column.default_value
    if constraints:
        said["constraints"] = constraints
    reference = keys.get(column.id)
    is_outside = bool(kept(column.extras, "outside", []))
    if column.is_foreign_key != (reference is not None or is_outside):
        said["isForeignKey"] = column.is_foreign_key
    if column.foreign_key_reference != reference:
        told = column.foreign_key_reference
        said["foreignKeyReference"] = None if told is None else str(told)
    return said

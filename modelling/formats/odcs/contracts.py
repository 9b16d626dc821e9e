"""The whole of a contract: its root, its domains and diagrams, and what holds between its tables."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from modelling.exchange.faults import Path
from modelling.formats.odcs import custom
from modelling.formats.odcs.custom import Custom, derived
from modelling.formats.odcs.diagrams import diagrams, domains
from modelling.formats.odcs.linking import Keep, foreign_keys, relationships
from modelling.formats.odcs.reading import NAMESPACE, Reading, extras, table_of
from modelling.schema import LONGEST_NAME, Column, Document, Table, findings

ROOT_KEYS = frozenset({"id", "name", "apiVersion", "kind", "schema", "customProperties", "domain"})
USUAL = {"version": "1.0.0", "status": "draft"}


def document_of(contract: Mapping[str, Any]) -> tuple[Document | None, Reading]:
    """Return the document of a valid contract; None if what was read has faults."""
    ours = Custom(contract.get("customProperties"))
    own = ours.take("modelId", custom.uuid)
    document_id = own or derived(NAMESPACE, "contract", contract["id"])
    reading = Reading(contract, document_id)
    kept = _kept(contract, document_id)
    name = contract.get("name", f"Contract {contract['id']}"[:LONGEST_NAME])
    if "name" not in contract:
        kept["unnamed"] = name
    try:
        workspace = domains(reading, ours, contract)
        usual = workspace.domains[0].name if len(workspace.domains) == 1 else None
        if contract.get("domain") != usual:
            kept["domain"] = contract.get("domain")
        kept["workspace"] = workspace.unknown
        tables = _tables(reading, [domain.id for domain in workspace.primary_first])
        links, outside = relationships(reading, {table.id: table for table in tables})
        keys = foreign_keys(links)
        tables = [_tied(table, keys, outside, reading) for table in tables]
        drawn, foreign = diagrams(ours), ours.take("modelExtras", custom.mapping)
        document = Document(
            id=document_id,
            name=name,
            type=workspace.type,
            domains=workspace.domains,
            tables=tuple(tables),
            relationships=tuple(links),
            diagrams=drawn,
            extras=extras(kept | {"custom": ours.rest}, foreign),
        )
    except ValidationError as error:
        reading.refuse((), error)
        return None, reading
    reading.faults += [
        ((), f"{'/'.join(map(str, one.path))} {one.message}") for one in findings(document)
    ]
    return (None if reading.faults else document), reading


def _kept(contract: Mapping[str, Any], document_id: UUID) -> dict[str, Any]:
    """Return what the root says and no field does; what we would write anyway is left out."""
    more = {key: contract[key] for key in contract if key not in ROOT_KEYS and key not in USUAL}
    kept: dict[str, Any] = {"more": more}
    for key, usual in USUAL.items():
        if contract.get(key) != usual:
            kept[key] = contract.get(key)
    if contract["id"] != str(document_id):
        kept["id"] = contract["id"]
    return kept


def _tables(reading: Reading, domain_ids: list[UUID]) -> list[Table]:
    """Return every table that can be kept; the others are faults."""
    found: list[Table] = []
    ids: set[str] = set()
    for place, said in enumerate(reading.contract.get("schema", ())):
        path: Path = ("schema", place)
        if said["name"] in reading.tables:
            reading.faults.append(((*path, "name"), f"the contract has two objects {said['name']}"))
            continue
        if said.get("id") is not None and said["id"] in ids:
            reading.faults.append(((*path, "id"), f"the contract has two objects {said['id']}"))
            continue
        ids.add(said.get("id"))
        try:
            table = table_of(reading, path, said, domain_ids)
        except ValidationError as error:
            reading.refuse(path, error)
            continue
        reading.tables[said["name"]] = table.id
        found.append(table)
    return found


def _tied(table: Table, keys: dict[UUID, UUID], outside: Keep, reading: Reading) -> Table:
    """Return a table whose columns know what they refer to, and keep what leads elsewhere."""
    columns = tuple(_tied_column(column, keys, outside, reading) for column in table.columns)
    changed: dict[str, Any] = {"columns": columns}
    if table.id in outside:
        changed["extras"] = _keeping(table.extras, outside[table.id])
    return table.model_copy(update=changed)


def _tied_column(column: Column, keys: dict[UUID, UUID], outside: Keep, reading: Reading) -> Column:
    changed: dict[str, Any] = {}
    if column.id in keys or column.id in outside:
        said = reading.foreign_keys.get(column.id, {})
        changed = {
            "is_foreign_key": said.get("is_foreign_key", True),
            "foreign_key_reference": said.get("foreign_key_reference", keys.get(column.id)),
        }
    if column.id in outside:
        changed["extras"] = _keeping(column.extras, outside[column.id])
    return column.model_copy(update=changed) if changed else column


def _keeping(before: dict[str, Any], links: list[dict[str, Any]]) -> dict[str, Any]:
    return before | {"odcs": before.get("odcs", {}) | {"outside": links}}


def keeping(document: Document, entry: dict[str, Any]) -> Document:
    """Return a document that keeps one more custom property of its contract."""
    before = document.extras.get("odcs", {})
    kept = before | {"custom": [*before.get("custom", []), entry]}
    return document.model_copy(update={"extras": document.extras | {"odcs": kept}})

"""Relationships of a contract: `from` is the referencing side, so a parent is what `to` names."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from modelling.exchange.faults import Path
from modelling.formats.odcs import custom
from modelling.formats.odcs.custom import Custom
from modelling.formats.odcs.reading import Reading, extras
from modelling.formats.odcs.references import End, resolved
from modelling.schema import CARDINALITIES, OPTIONALITIES, Column, Relationship, Table

KNOWN = frozenset({"type", "from", "to", "customProperties"})
Keep = dict[UUID, list[dict[str, Any]]]


def relationships(
    reading: Reading, tables: Mapping[UUID, Table]
) -> tuple[list[Relationship], Keep]:
    """Return all relationships within the contract, and by owner those that lead out of it."""
    found: list[Relationship] = []
    outside: Keep = {}
    for path, table, column, said in reading.said:
        ends = _ends(reading, path, End(table, column), said)
        if ends is None:
            outside.setdefault(column or table, []).append(said)
            message = "leads to what is not in this contract; it is kept, but not drawn"
            reading.notes.append((path, message))
            continue
        try:
            if ends:
                found.append(_relationship(reading, said, *ends, tables))
        except ValidationError as error:
            reading.refuse(path, error)
    return found, outside


def _ends(
    reading: Reading, path: Path, owner: End, said: Mapping[str, Any]
) -> tuple[list[End], list[End]] | tuple[()] | None:
    """Return both ends; None if one is elsewhere, nothing (and a fault) if they do not fit."""
    children = [owner] if owner.column else _named(reading, said["from"])
    parents = _named(reading, said["to"])
    if not owner.column and None in children:
        return None
    if None in parents:
        return None
    if len(children) != len(parents):
        message = f"{len(children)} columns refer to {len(parents)}; both sides need as many"
        reading.faults.append(((*path, "to"), message))
        return ()
    for key, side in (("from", children), ("to", parents)):
        if len({end.table for end in side if end}) > 1:
            reading.faults.append(((*path, key), "names columns of more than one table"))
            return ()
    pairs = [end for side in (children, parents) for end in side if end]
    if len(pairs) > 2 and not all(end.column for end in pairs):
        reading.faults.append((path, "a list names columns, not whole tables"))
        return ()
    return [end for end in children if end], [end for end in parents if end]


def _named(reading: Reading, said: str | list[str]) -> list[End | None]:
    return [resolved(reading, one) for one in ([said] if isinstance(said, str) else said)]


def _relationship(
    reading: Reading,
    said: Mapping[str, Any],
    children: list[End],
    parents: list[End],
    tables: Mapping[UUID, Table],
) -> Relationship:
    ours = Custom(said.get("customProperties"))
    own = ours.take("relationshipId", custom.uuid)
    child, parent = children[0].table, parents[0].table
    known = {column.id: column for column in tables[child].columns}
    holders = [known[end.column] for end in children if end.column]
    targets = [end.column for end in parents if end.column]
    if len(holders) != len(targets):
        holders, targets = [], []
    names = ",".join(column.name for column in holders)
    key = f"{child}.{names}->{parent}.{','.join(str(one) for one in targets)}"
    fields: dict[str, Any] = {
        "source_table_id": parent,
        "target_table_id": child,
        "source_column_ids": tuple(targets),
        "target_column_ids": tuple(column.id for column in holders),
        "cardinality": _cardinality(tables[child], holders),
        "optionality": _optionality(holders),
    }
    if own:
        fields |= _ours(ours, fields)
    foreign = ours.take("modelExtras", custom.mapping) if own else None
    more = {name: said[name] for name in said if name not in KNOWN}
    return Relationship(
        id=reading.ids.claim(reading.document_id, "relationship", key, own),
        **fields,
        extras=extras({"more": more, "custom": ours.rest}, foreign),
    )


def _ours(ours: Custom, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return what we said of a relationship when we wrote it."""
    said: dict[str, Any] = {
        "cardinality": ours.take(
            "cardinality", custom.one_of(*CARDINALITIES), fields["cardinality"]
        ),
        "optionality": ours.take(
            "optionality", custom.one_of(*OPTIONALITIES), fields["optionality"]
        ),
        "name": ours.take("label", custom.text, ""),
    }
    source = ours.take("sourceTableId", custom.uuid)
    loose = {
        side: ours.take(f"{side}ColumnIds", custom.uuids, fields[f"{side}_column_ids"])
        for side in ("source", "target")
    }
    said |= {f"{side}_column_ids": columns for side, columns in loose.items()}
    both = (fields["source_table_id"], fields["target_table_id"])
    if said["cardinality"] == "many-to-many" and source == both[1] != both[0]:
        # Neither side refers to the other: the first table that was drawn is the source.
        said |= {"source_table_id": both[1], "target_table_id": both[0]}
        said |= {"source_column_ids": loose["target"], "target_column_ids": loose["source"]}
    return said


def _cardinality(child: Table, holders: list[Column]) -> str:
    """Return one-to-one if a row's key is its reference, or its reference is unique."""
    key = {column.id for column in child.primary_key()}
    is_key = bool(holders) and {column.id for column in holders} == key
    is_unique = len(holders) == 1 and holders[0].constraints.get("unique") is True
    return "one-to-one" if is_key or is_unique else "one-to-many"


def _optionality(holders: list[Column]) -> str:
    is_required = bool(holders) and not any(column.nullable for column in holders)
    return "required" if is_required else "optional"


def foreign_keys(found: Iterable[Relationship]) -> dict[UUID, UUID]:
    """Return which column refers to which, as the relationships say it; the lowest id decides."""
    keys: dict[UUID, UUID] = {}
    for relationship in sorted(found, key=lambda one: one.id, reverse=True):
        if relationship.is_paired and relationship.cardinality != "many-to-many":
            ends = (relationship.target_column_ids, relationship.source_column_ids)
            keys |= dict(zip(*ends, strict=True))
    return keys

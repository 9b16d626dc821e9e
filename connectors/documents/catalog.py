"""What a database holds: its collections and views, and columns learned from a sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.base import Stream
from connectors.documents.codec import decode
from connectors.documents.columns import EXTRA, KEY
from connectors.documents.reading import Query, Reading
from connectors.documents.server import Server
from connectors.documents.types import Document, infer, polars_type
from connectors.errors import ConfigError

if TYPE_CHECKING:
    from connectors.documents.server import Client

# Bytes after which a sample is big enough.
SAMPLE_BYTES = 32 << 20
# Types whose values sort the same way there and here, all of them in one bracket of BSON's order.
CURSORS = ("objectid", "string", "int64", "decimal", "timestamp")


@dataclass(frozen=True)
class Collection:
    """A collection or view, and what its sample shows."""

    name: str
    types: Mapping[str, str]
    # Fields that every document of the sample has.
    complete: frozenset[str]
    # None for a view, whose documents are not there to be counted.
    rows: int | None

    @property
    def extra(self) -> str:
        """Return the name of the column for what has none of its own."""
        name = EXTRA
        while name in self.types:
            name += "_"
        return name

    @property
    def is_plain(self) -> bool:
        """Whether this is no view."""
        return self.rows is not None


def names(server: Server, client: "Client") -> dict[str, str]:
    """Return what can be read, by name: `collection`, `view` or `timeseries`."""
    with server.told():
        found = server.database(client).list_collections()
        return {
            one["name"]: one.get("type", "collection")
            for one in found
            if not one["name"].startswith("system.")
        }


def look(server: Server, client: "Client", name: str, kind: str, sample: int) -> Collection:
    """Sample a collection from both ends of its key, so that all types of keys are seen.

    Keys sort by type first: where both ends are of one type, all between are.
    """
    documents: list[Document] = []
    if kind == "collection":
        documents += _some(server, client, name, (sample + 1) // 2, 1)
        documents += _some(server, client, name, max(1, sample // 2), -1)
    else:
        documents += _some(server, client, name, sample, 0)
    found = infer(documents) if documents else {KEY: "objectid"}
    types = {KEY: found.pop(KEY), **found} if KEY in found else found
    complete = {field for field in types if all(one.get(field) is not None for one in documents)}
    rows = None
    if kind == "collection":
        with server.told():
            rows = server.database(client)[name].estimated_document_count()
    return Collection(name, types, frozenset(complete), rows)


def stream(collection: Collection, database: str) -> Stream:
    """Return a collection as a stream."""
    schema = {name: polars_type(kind) for name, kind in collection.types.items()}
    cursors = tuple(
        name
        for name, kind in collection.types.items()
        if name in collection.complete and kind.partition("(")[0] in CURSORS
    )
    return Stream(
        collection.name,
        {**schema, collection.extra: polars_type("json")},
        {"table": collection.name},
        database,
        key=(KEY,) if KEY in collection.complete else (),
        cursors=cursors,
    )


def placed(name: str, known: Sequence[str], database: str) -> str:
    """Return the collection that a name means, with its database before it or without."""
    bare = name.removeprefix(f"{database}.")
    for one in (name, bare):
        if one in known:
            return one
    listed = ", ".join(sorted(known)[:50]) or "none"
    raise ConfigError(
        f"There is no collection {name!r} in {database!r}; known: {listed}", field="table"
    )


def _some(server: Server, client: "Client", name: str, limit: int, order: int) -> list[Document]:
    sort = ((KEY, order),) if order else ()
    found: list[Document] = []
    size = 0
    for part in Reading(server, client, Query(name, sort=sort, limit=limit)).slices():
        found += decode(part)
        size += len(part)
        if size >= SAMPLE_BYTES:
            break
    return found

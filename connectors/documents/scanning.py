"""A scan of one collection: its columns, what is asked of the server, where an increment begins."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from bson import Decimal128, Int64, ObjectId

from connectors.base import Extraction, Remark, State, lazy_frame
from connectors.documents.catalog import CURSORS, Collection, decode
from connectors.documents.columns import KEY, Builder
from connectors.documents.options import CollectionReadOptions
from connectors.documents.reading import Query, Reading, documents_of
from connectors.documents.server import Server
from connectors.documents.texts import spelling
from connectors.documents.types import polars_type
from connectors.errors import ConfigError
from connectors.sql.increments import Cursor, Watermark
from connectors.sql.scanning import chosen_of

if TYPE_CHECKING:
    import polars as pl

    from connectors.documents.server import Client

# A digest of the whole document, by which an increment knows those that it has read: it stays the
# same whatever columns a later sample makes of the fields.
DIGEST = "$$document"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Scan:
    """Reads what `options` say, as often as it is asked."""

    def __init__(
        self,
        server: Server,
        client: "Client",
        collection: Collection,
        options: CollectionReadOptions,
        legacy_uuids: str,
    ) -> None:
        """Keep what was learned of the collection."""
        self._server = server
        self._client = client
        self._collection = collection
        self._options = options
        self._legacy = legacy_uuids
        self._readings: list[Reading] = []
        # Documents that an increment left out.
        self._odd = 0

    def interrupt(self) -> None:
        """End what is read."""
        for reading in self._readings:
            reading.interrupt()

    def extraction(self, state: State | None) -> Extraction:
        """Return a lazy frame over all documents, or with a cursor over those that came since."""
        # An increment keeps the types that it began with, so that columns stay what they are.
        types = {**self._collection.types, **self._options.types, **(state or {}).get("types", {})}
        extra = self._extra(types)
        schema = {name: polars_type(kind) for name, kind in types.items()} | {
            extra: polars_type("json")
        }
        chosen = {
            name: schema[name] for name in chosen_of(schema, self._options.columns, "columns")
        }
        builder = Builder(
            types,
            extra=extra,
            legacy=self._legacy,
            refuses=self._options.misfits == "error",
        )
        if self._options.cursor is None:
            rows = None if self._options.types else self._collection.rows
            frame = lazy_frame(chosen, lambda names: self._read(builder, names))
            return Extraction(frame, rows=rows, remarks=partial(self._remarks, builder))
        return self._increment(builder, chosen, self._options.cursor, state)

    def _extra(self, types: Mapping[str, str]) -> str:
        name = self._collection.extra
        while name in types:
            name += "_"
        return name

    def _increment(
        self,
        builder: Builder,
        chosen: Mapping[str, "pl.DataType"],
        cursor: str,
        state: State | None,
    ) -> Extraction:
        import polars as pl

        kind = _cursor_type(cursor, builder.types)
        told: dict[str, pl.DataType] = {cursor: polars_type(kind), DIGEST: pl.UInt64()}
        # Documents without a value in the cursor come with the first load only.
        mark = Watermark(Cursor(cursor, nulls="skip" if state else "read"), told, state)
        every = list(dict.fromkeys([*chosen, cursor]))

        def batches(_names: list[str]) -> Iterator["pl.DataFrame"]:
            last = mark.reach.since
            since = None if last is None else _since(cursor, kind, last)
            for frame in mark.follow(self._read(builder, every, since=since, cursor=cursor)):
                yield frame.drop(DIGEST)

        def reached() -> State | None:
            found = mark.state()
            return None if found is None else {**found, "types": dict(builder.types)}

        remarks = partial(self._remarks, builder)
        return Extraction(lazy_frame(chosen, batches), state=reached, remarks=remarks)

    def _read(
        self,
        builder: Builder,
        columns: Sequence[str],
        *,
        since: Mapping[str, Any] | None = None,
        cursor: str | None = None,
    ) -> Iterator["pl.DataFrame"]:
        # Of a frame without columns the rows still count.
        columns = list(columns) or list(builder.types)[:1] or [builder.extra]
        is_text = since is not None and cursor is not None and builder.types[cursor] == "string"
        query = Query(
            self._collection.name,
            since or {},
            None if cursor or builder.extra in columns else _projection(columns),
            by_bytes=is_text and self._collection.is_plain,
        )
        reading = Reading(self._server, self._client, query)
        self._readings.append(reading)
        self._odd = 0
        builder.misfits.clear()
        for part in reading.slices():
            with self._server.told():
                documents = decode(part)
            frame = builder.frame(documents, columns, spelling(part))
            if cursor is not None:
                frame, left_out = _told_apart(frame, part, cursor, is_increment=since is not None)
                self._odd += left_out
                builder.misfits[cursor] -= left_out
            yield frame

    def _remarks(self, builder: Builder) -> list[Remark]:
        """Return what was kept beside its column, and what an increment left out."""
        said = [
            Remark(
                f"{count} values of field {name!r} are no {builder.types[name]} and lie in "
                f"{builder.extra!r}; `types` can say what the field holds"
            )
            for name, count in builder.misfits.items()
            if count
        ]
        if self._odd:
            said.append(
                Remark(
                    f"{self._odd} documents were left out: their {self._options.cursor!r} is of "
                    "another type than the cursor",
                    rejected=self._odd,
                )
            )
        return said


def _projection(columns: Sequence[str]) -> dict[str, int] | None:
    """Return what makes the server send these fields only, None where it cannot be said."""
    if any(not name or "." in name or name.startswith("$") or "\0" in name for name in columns):
        return None
    # The key is sent unless it is refused; by it a message names a document.
    return {KEY: 1, **dict.fromkeys(columns, 1)}


def _cursor_type(cursor: str, types: Mapping[str, str]) -> str:
    chosen_of(types, (cursor,), "cursor")
    if types[cursor].partition("(")[0] not in CURSORS:
        raise ConfigError(
            f"Field {cursor!r} is read as {types[cursor]} and cannot be a cursor; choose one of "
            "whole numbers, decimals, dates, text or ids that holds nothing else",
            field="cursor",
        )
    return types[cursor]


def _since(cursor: str, kind: str, value: str) -> dict[str, Any]:
    """Return the condition for documents from `value` on; it asks within the type of the value."""
    if kind == "objectid":
        last: Any = ObjectId(value)
    elif kind == "int64":
        last = Int64(value)
    elif kind == "timestamp":
        moment = datetime.fromisoformat(value)
        last = EPOCH + timedelta(milliseconds=round((moment - EPOCH) / timedelta(milliseconds=1)))
    else:
        last = value if kind == "string" else Decimal128(value)
    # By `$expr` a field called `$x` or `a.b` could be asked for; no cursor should need one.
    return {cursor: {"$gte": last}}


def _told_apart(
    frame: "pl.DataFrame", part: bytes, cursor: str, *, is_increment: bool
) -> "tuple[pl.DataFrame, int]":
    """Return the rows with the digests of their documents, and how many an increment leaves out."""
    import polars as pl

    frame = frame.with_columns(pl.Series(DIGEST, _digests(part), pl.UInt64()))
    if not is_increment:
        return frame, 0
    # Lists that hold such a value come too, and numbers that the column's type does not hold.
    is_odd = frame.get_column(cursor).is_null()
    return frame.filter(~is_odd), int(is_odd.sum())


def _digests(part: bytes) -> list[int]:
    return [int.from_bytes(blake2b(one, digest_size=8).digest()) for one in documents_of(part)]

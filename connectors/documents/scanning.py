"""A scan of one collection: its columns, what is asked of the server, where an increment begins."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING

from connectors.base import Extraction, Remark, State, lazy_frame
from connectors.documents import conditions
from connectors.documents.catalog import CURSORS, Collection
from connectors.documents.codec import decode
from connectors.documents.columns import KEY, Builder
from connectors.documents.decoding import frame_of
from connectors.documents.options import CollectionReadOptions
from connectors.documents.reading import Query, Reading, documents_of
from connectors.documents.server import Server
from connectors.documents.types import polars_type
from connectors.errors import ConfigError
from connectors.sql.increments import Watermark
from connectors.sql.scanning import chosen_of, judging

if TYPE_CHECKING:
    import polars as pl

    from connectors.documents.server import Client

# A digest of the whole document, by which an increment knows those that it has read: it stays the
# same whatever columns a later sample makes of the fields.
DIGEST = "$$document"


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

    def extraction(self, state: State | None) -> Extraction:
        """Return a lazy frame over all documents, or with a cursor over those that came since."""
        # An increment keeps the types that it began with, unless a person says others.
        types = {**self._collection.types, **(state or {}).get("fields", {}), **self._options.types}
        builder = Builder(
            types,
            extra=self._extra(types),
            legacy=self._legacy,
            refuses=self._options.misfits == "error",
        )
        schema, fitting = builder.schema, self._options.fitting()
        chosen_of(schema, [] if fitting is None else list(fitting.columns()), "filter")
        wanted = chosen_of(schema, self._options.columns, "columns")
        chosen = {name: schema[name] for name in wanted}
        if self._options.cursor is not None:
            return self._increment(builder, chosen, state)
        rows = None if fitting else self._collection.rows
        frame = lazy_frame(chosen, lambda names: self._read(builder, names))
        return Extraction(frame, rows=rows, remarks=partial(self._remarks, builder))

    def _extra(self, types: Mapping[str, str]) -> str:
        name = self._collection.extra
        while name in types:
            name += "_"
        return name

    def _increment(
        self, builder: Builder, chosen: Mapping[str, "pl.DataType"], state: State | None
    ) -> Extraction:
        import polars as pl

        cursor = self._options.along()
        assert cursor is not None
        told: dict[str, pl.DataType] = {DIGEST: pl.UInt64()}
        for name, field in zip(cursor.columns, ("cursor", "second_cursor"), strict=False):
            told[name] = polars_type(_cursor_type(name, builder.types, field))
        mark = Watermark(cursor, told, state)
        every = list(dict.fromkeys([*chosen, *cursor.columns]))

        def batches(_names: list[str]) -> Iterator["pl.DataFrame"]:
            for frame in mark.follow(self._read(builder, every, mark)):
                yield frame.drop(DIGEST)

        def state_after() -> State | None:
            found = mark.state()
            return None if found is None else {**found, "fields": dict(builder.types)}

        remarks = partial(self._remarks, builder)
        return Extraction(lazy_frame(chosen, batches), state=state_after, remarks=remarks)

    def _read(
        self, builder: Builder, columns: Sequence[str], mark: Watermark | None = None
    ) -> Iterator["pl.DataFrame"]:
        """Yield the rows that fit the filter; along a cursor with the digests of documents."""
        import polars as pl

        fitting = self._options.fitting()
        looked_at = [] if fitting is None else list(fitting.columns())
        # Of a frame without columns the rows still count.
        wanted = [*dict.fromkeys([*columns, *looked_at])] or [*builder.types][:1] or [builder.extra]
        if builder.extra in wanted:
            # What lies beside the columns is the same whichever of them are wanted.
            wanted = list(builder.schema)
        judge = judging(fitting, builder.schema)
        reading = Reading(self._server, self._client, self._query(builder, wanted, mark))
        builder.misfits.clear()
        for part in reading.slices():
            with self._server.told(None):
                frame = frame_of(builder, part, wanted, decode)
            if mark is not None:
                frame = frame.with_columns(pl.Series(DIGEST, _digests(part), pl.UInt64()))
            yield from judge(iter([frame]))

    def _query(self, builder: Builder, columns: Sequence[str], mark: Watermark | None) -> Query:
        since = None if mark is None else conditions.reached(mark.reach, builder.types)
        fit = conditions.pushed(
            self._options.fitting(), builder.types, with_texts=self._collection.is_plain
        )
        is_asked = since is not None or fit is not None
        return Query(
            self._collection.name,
            conditions.both(since, fit),
            None if mark is not None or builder.extra in columns else _projection(columns),
            by_bytes=is_asked and self._collection.is_plain,
        )

    def _remarks(self, builder: Builder) -> list[Remark]:
        """Return what was kept beside its column."""
        return [
            Remark(
                f"{count} values of field {name!r} are no {builder.types[name]} and lie in "
                f"{builder.extra!r}; `types` can say what the field holds"
            )
            for name, count in builder.misfits.items()
            if count
        ]


def _projection(columns: Sequence[str]) -> dict[str, int] | None:
    """Return what makes the server send these fields only, None where it cannot be said."""
    if not all(map(conditions.is_plain, columns)):
        return None
    # The key is sent unless it is refused; by it a message names a document.
    return {KEY: 1, **dict.fromkeys(columns, 1)}


def _cursor_type(cursor: str, types: Mapping[str, str], field: str) -> str:
    chosen_of(types, (cursor,), field)
    conditions.refuse_strange(cursor)
    if types[cursor].partition("(")[0] not in CURSORS:
        raise ConfigError(
            f"Field {cursor!r} is read as {types[cursor]} and cannot be a cursor; choose one of "
            "whole numbers, decimals, dates, text or ids that holds nothing else",
            field=field,
        )
    return types[cursor]


def _digests(part: bytes) -> list[int]:
    return [int.from_bytes(blake2b(one, digest_size=8).digest()) for one in documents_of(part)]

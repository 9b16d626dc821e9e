"""Files as a stream that grows: only those that are new or have changed are read.

A file is known by a digest of its name, size, time and tag. The digests of the newest files are
kept in the State, so equal times lose nothing and read nothing twice, a file that was changed comes
again, and one that appears late with an old time is seen. Beyond MOST files the oldest are
forgotten: of what is older than those that are kept, nothing is read any more.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.base import Extraction, State, lazy_frame
from connectors.errors import ConfigError, TransientError
from connectors.files.locations import name_parts
from connectors.files.streams import File
from connectors.files.types import name_of, parse_type
from connectors.files.unions import cast, common_type

if TYPE_CHECKING:
    import polars as pl

    from connectors.files.source import FileSource

MODIFIED = "_last_modified_time"
MOST = 4000


@dataclass(frozen=True)
class Seen:
    """What a State knows: files by digest with their times, and the columns as last read."""

    files: Mapping[str, str] = field(default_factory=dict)
    before: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, state: State | None) -> "Seen":
        """Read a State; raise ConfigError for one that is none of ours."""
        if state is None:
            return cls()
        if state.get("cursor") != MODIFIED:
            raise ConfigError(
                "The stored state of this stream belongs to another cursor; reset it",
                field="cursor",
            )
        return cls(state["files"], state["before"], state["columns"])

    def has(self, file: File) -> bool:
        """Whether this very content was read before."""
        if digest(file) in self.files:
            return True
        return self.before is not None and _time(file) < self.before

    def after(self, files: Sequence[File], columns: Mapping[str, str]) -> State:
        """Return the State once these files are loaded too."""
        known = {**self.files, **{digest(file): _time(file) for file in files}}
        before = self.before
        if len(known) > MOST:
            before = sorted(known.values(), reverse=True)[MOST - 1]
            known = {name: time for name, time in known.items() if time >= before}
        return {"cursor": MODIFIED, "files": known, "before": before, "columns": dict(columns)}


def digest(file: File) -> str:
    """Return what tells this content of this file from all others."""
    said = f"{file.shown}\0{file.size}\0{_time(file)}\0{file.tag}"
    return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()


def gather(
    source: "FileSource",
    files: Sequence[File],
    options: Any,
    state: State | None = None,
    *,
    fetch: Callable[[Sequence[File]], list[File]] = list,
) -> Extraction:
    """Return the rows of all files, or with a cursor of those that are new, oldest first.

    Columns are those of all these files; where a file lacks one, it is null. `fetch` brings files
    to where they can be read.
    """
    seen = Seen.of(state) if options.cursor else Seen()
    ordered = sorted(files, key=lambda file: (_time(file), file.shown))
    fresh = [file for file in ordered if not seen.has(file)]
    # Without new files the newest old one still tells the columns.
    looked = fetch(fresh or ordered[-1:])
    frames = _typed(source, looked, options, seen)
    whole = _schema(frames)
    pairs = list(zip(looked, frames, strict=True)) if fresh else []
    frame = lazy_frame(whole, lambda columns: _batches(pairs, whole, columns))
    names = {**seen.columns, **_named(whole)}
    return Extraction(
        select_columns(frame, options.columns),
        state=lambda: seen.after(fresh, names) if options.cursor else None,
        size=sum(file.size for file in fresh),
        packed=are_packed(fresh, options),
        remarks=source.remarks,
    )


def are_packed(files: Sequence[File], options: Any) -> bool:
    """Whether files are packed as a whole, so that their sizes say little of their rows."""
    said = getattr(options, "compression", "auto")
    return said not in ("auto", "none") or any(name_parts(file.shown)[2] for file in files)


def select_columns(frame: "pl.LazyFrame", columns: Sequence[str] | None) -> "pl.LazyFrame":
    """Return the frame with these columns only; raise ConfigError for one that is not there."""
    if columns is None:
        return frame
    known = frame.collect_schema().names()
    unknown = [name for name in columns if name not in known]
    if unknown:
        raise ConfigError(
            f"There is no column {unknown[0]!r}; known: {', '.join(known)}", field="columns"
        )
    return frame.select(columns)


def _typed(
    source: "FileSource", files: Sequence[File], options: Any, seen: Seen
) -> "list[pl.LazyFrame]":
    """Return a frame per file whose types hold what earlier files brought, too."""
    import polars as pl

    frames = source.each(files, options)
    found = _schema(frames)
    wanted: dict[str, pl.DataType] = {}
    for name, said in seen.columns.items():
        if name in found and name != MODIFIED and name not in getattr(options, "types", {}):
            before = parse_type(said, name)
            is_unknown = found[name] == pl.String and _is_null(frames, name)
            both = common_type(before, found[name], are_integers_exact=hasattr(options, "types"))
            wanted[name] = before if is_unknown else both or pl.String()
    changed = {name: dtype for name, dtype in wanted.items() if dtype != found[name]}
    if not changed:
        return frames
    if hasattr(options, "types"):
        return _retyped(source, files, options, changed)
    return [
        frame.with_columns(
            cast(name, found[name], changed[name])
            for name in frame.collect_schema().names()
            if name in changed
        )
        for frame in frames
    ]


def _is_null(frames: "Sequence[pl.LazyFrame]", name: str) -> bool:
    """Whether a column has no value in any of the frames, so that nothing says its type."""
    import polars as pl

    holders = [frame for frame in frames if name in frame.collect_schema()]
    return not any(
        frame.select(pl.col(name).is_not_null().any()).collect().item() for frame in holders
    )


def _retyped(
    source: "FileSource", files: Sequence[File], options: Any, types: "Mapping[str, pl.DataType]"
) -> "list[pl.LazyFrame]":
    """Read anew what is text on disk, so that no digit is lost on the way to another type."""
    said = {**{name: name_of(dtype) for name, dtype in types.items()}, **options.types}
    return source.each(files, options.model_copy(update={"types": said}))


def _schema(frames: "Sequence[pl.LazyFrame]") -> "dict[str, pl.DataType]":
    import polars as pl

    whole: dict[str, pl.DataType] = {}
    for frame in frames:
        for name, dtype in frame.collect_schema().items():
            whole.setdefault(name, dtype)
    return {**whole, MODIFIED: pl.Datetime("us", "UTC")}


def _named(schema: "Mapping[str, pl.DataType]") -> dict[str, str]:
    """Return the types in words, where words say them exactly."""
    named = {}
    for name, dtype in schema.items():
        word = name_of(dtype)
        try:
            is_exact = parse_type(word, name) == dtype
        except ConfigError:
            continue
        if is_exact:
            named[name] = word
    return named


def _batches(
    pairs: "Sequence[tuple[File, pl.LazyFrame]]",
    whole: "Mapping[str, pl.DataType]",
    columns: Sequence[str],
) -> "Iterator[pl.DataFrame]":
    """Yield the rows of one file after the other, what a file lacks as null."""
    import polars as pl

    for file, frame in pairs:
        names = frame.collect_schema().names()
        # Without any column of its own a file would have no rows to count.
        own = [name for name in columns if name in names and name != MODIFIED] or names[:1]
        lacking = [
            pl.lit(file.modified if name == MODIFIED else None, dtype=whole[name]).alias(name)
            for name in columns
            if name not in own
        ]
        try:
            for batch in frame.select(own).collect_batches(maintain_order=True):
                yield batch.with_columns(lacking).select(columns)
        except Exception as error:
            if isinstance(error, FileNotFoundError) or "404 Not Found" in str(error):
                raise TransientError(
                    f"{file.shown} vanished while it was read; the next attempt looks anew"
                ) from error
            raise


def _time(file: File) -> str:
    assert file.modified is not None
    return file.modified.isoformat(timespec="microseconds")

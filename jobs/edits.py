"""What an edit of a sync job does to a stream: judged by what was loaded and what is read now."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from connectors.base import WriteMode
from connectors.base.options import CURSOR
from jobs.engine.standings import Identity, differences, has_cursor
from jobs.plan import Action, Wish

# What asks for more comes later.
ORDER = (Action.KEEP, Action.CONTINUE, Action.RELOAD)
ALONG = (*CURSOR, "second_cursor")
NARROWING = ("columns", "filter")
GONE = "rows that are gone at the source, and older versions of rows, are gone afterwards"
SWAP = f"All rows are read anew and replace the table's at the end, in one step: {GONE}"
MERGE = "All rows are read once more and merged by their key; no row is taken away"


class Deed(StrEnum):
    """What becomes of a stream."""

    KEEP = "keep"
    START = "start"
    BACKFILL = "backfill"
    RELOAD = "reload"
    LEAVE = "leave"
    FAIL = "fail"


@dataclass(frozen=True)
class Side:
    """What is read, and where and how it is written."""

    origin: Identity
    into: Mapping[str, Any]

    @classmethod
    def of(cls, origin: Identity, into: Mapping[str, Any]) -> "Side":
        """Return a side as it looks once it was stored: plain JSON."""
        return cls(json.loads(json.dumps(origin)), json.loads(json.dumps(into)))

    @property
    def place(self) -> tuple[Any, ...]:
        """Return which table of which connection."""
        return tuple(self.into.get(name) for name in ("origin", "table", "table_schema"))

    @property
    def merges(self) -> bool:
        """Whether rows are merged by a key."""
        return bool(self.into.get("mode") == WriteMode.UPSERT)


@dataclass(frozen=True)
class Verdict:
    """What is done, why, and the wish that does it; `columns` are those that join."""

    action: Deed
    text: str
    reasons: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    is_destructive: bool = False
    wish: Wish | None = None


def judged(was: Side | None, now: Side, *, evolves: bool) -> Verdict:
    """Return what the next load does; `was` is None where the stream was never loaded.

    `evolves` says whether the destination can add columns to rows that it has.
    """
    if was is None:
        return Verdict(Deed.START, "It is loaded for the first time: all of its rows")
    if was.place != now.place:
        text = (
            "Another table is filled, with all rows, or goes on from where it is if the stream was "
            "loaded into it before; the old one stays as it is"
        )
        reason = f"table: {_table(was)} → {_table(now)}"
        return Verdict(Deed.START, text, (reason,))
    if now.into.get("mode") == WriteMode.REPLACE:
        return Verdict(Deed.KEEP, "Each run reads it anew and swaps the rows, the next one too")
    if not was.origin:
        return Verdict(Deed.START, "Its table was emptied: all of its rows are loaded")
    key = _key_change(was, now)
    if key and was.into.get("mode") != WriteMode.REPLACE:
        return _swap(Deed.RELOAD, (*differences(was.origin, now.origin), *key))
    return _incremental(was, now, evolves=evolves)


def strongest(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict that asks for most; the first of those that ask for the same."""
    return max(verdicts, key=lambda verdict: _weight(verdict.wish))


def failing(verdict: Verdict) -> Verdict:
    """Return what the next run does where nobody has confirmed what a verdict asks for."""
    assert verdict.wish is not None
    saved = "goes on from where it is" if verdict.wish.action is Action.KEEP else verdict.text
    text = (
        "The next run will fail, because the stream is read or written in another way than its "
        "state was made with. Save the job (PUT with its config), or reset or keep the stream's "
        f"state. Saved: {saved}"
    )
    return Verdict(Deed.FAIL, text, verdict.reasons, verdict.columns)


def _weight(wish: Wish | None) -> int:
    return 0 if wish is None else 1 + ORDER.index(wish.action)


def _incremental(was: Side, now: Side, *, evolves: bool) -> Verdict:
    if not has_cursor(now.origin):
        return Verdict(Deed.KEEP, "Each run adds all of its rows, the next one too")
    if not has_cursor(was.origin):
        return _after_full_loads(was)
    return _compared(was, now, evolves=evolves)


def _after_full_loads(was: Side) -> Verdict:
    reason = ("its last load was a full refresh",)
    if was.into.get("mode") == WriteMode.REPLACE:
        text = "The first increment reads all rows and replaces those of the full refresh"
    else:
        text = "The first increment reads all rows and adds them to those of the full loads"
    return Verdict(Deed.RELOAD, text, reason)


def _compared(was: Side, now: Side, *, evolves: bool) -> Verdict:
    changes = differences(was.origin, now.origin)
    key = _key_change(was, now)
    if key or any(name not in (*ALONG, *NARROWING) for name in _changed(was, now)):
        return _swap(Deed.RELOAD, (*changes, *key))
    joined, is_unknown = _joined(was.origin, now.origin)
    is_backfill = bool(joined) or is_unknown
    again = is_backfill or _must_begin_anew(was, now)
    if not again:
        return _kept(tuple(changes))
    is_only = is_backfill and set(_changed(was, now)) == {"columns"}
    deed = Deed.BACKFILL if is_only else Deed.RELOAD
    if now.merges and (evolves or not is_backfill):
        wish = Wish(action=Action.CONTINUE, evolve=True)
        return Verdict(deed, MERGE, tuple(changes), joined, wish=wish)
    return _swap(deed, tuple(changes), joined)


def _kept(changes: tuple[str, ...]) -> Verdict:
    if not changes:
        return Verdict(Deed.KEEP, "It goes on from where it is")
    text = "It goes on from where it is; rows and columns that are left out stay in the table"
    return Verdict(Deed.KEEP, text, changes, wish=Wish(action=Action.KEEP))


def _swap(deed: Deed, reasons: tuple[str, ...], columns: tuple[str, ...] = ()) -> Verdict:
    wish = Wish(action=Action.RELOAD)
    return Verdict(deed, SWAP, reasons, columns, is_destructive=True, wish=wish)


def _changed(was: Side, now: Side) -> list[str]:
    names = {**was.origin, **now.origin}
    return [name for name in names if was.origin.get(name) != now.origin.get(name)]


def _key_change(was: Side, now: Side) -> tuple[str, ...]:
    """Return why rows cannot be merged into what is there; nothing where they can, or are added."""
    if not now.merges:
        return ()
    before = was.into.get("key") if was.merges else None
    after = now.into.get("key")
    if before == after:
        return ()
    return (f"key: {', '.join(before or []) or 'nothing'} → {', '.join(after or [])}",)


def _must_begin_anew(was: Side, now: Side) -> bool:
    """Return whether rows from before are needed, or can no longer be told apart."""
    along = any(was.origin.get(name) != now.origin.get(name) for name in ALONG)
    return along or not _is_narrower(was.origin.get("filter"), now.origin.get("filter"))


def _joined(was: Identity, now: Identity) -> tuple[tuple[str, ...], bool]:
    """Return the columns that join, and whether others may that nobody named."""
    before, after = was.get("columns"), now.get("columns")
    if before is None or before == after:
        return (), False
    if after is None:
        return (), True
    return tuple(name for name in after if name not in before), False


def _is_narrower(was: Any, now: Any) -> bool:
    """Return whether a filter lets nothing through that the other one did not."""
    return all(condition in _conditions(now) for condition in _conditions(was))


def _conditions(found: Any) -> list[Any]:
    if not found:
        return []
    return list(found["all"]) if set(found) == {"all"} else [found]


def _table(side: Side) -> str:
    return ".".join(str(name) for name in side.place[:0:-1] if name) or "the path"

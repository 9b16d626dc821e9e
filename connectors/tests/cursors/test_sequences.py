"""Random sequences of inserts between runs: what must arrive arrives once, and nothing twice."""

import json

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.sql.increments import Cursor, Watermark, rows, window_of

NUMBER = st.integers(0, 12)
ROW = st.tuples(NUMBER | st.none(), NUMBER | st.none())
# What comes between two runs.
STEPS = st.lists(st.lists(ROW, max_size=6), min_size=2, max_size=5)
QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck)}


class Expected:
    """What must have arrived: told from the rules, not from the code."""

    def __init__(self, window: int, *, has_second: bool) -> None:
        self._window, self._has_second = window, has_second
        self._tops: dict[str, int] = {}
        self._lows: dict[str, int] = {}
        self.due: set[int] = set()

    def insert(self, batch: list[tuple[int, int | None, int | None]]) -> None:
        """Take in the rows of one step, read right after it."""
        reached = []
        for number, first, second in batch:
            track = "a" if first is not None else "b" if self._has_second else ""
            value = first if first is not None else second if self._has_second else None
            if value is None or value >= self._lows.get(track, value):
                self.due.add(number)
                reached += [] if value is None else [(track, value)]
        for track, value in reached:
            self._tops[track] = max(value, self._tops.get(track, value))
        for track, top in self._tops.items():
            # What was not asked for once is not asked for later.
            self._lows[track] = max(top - self._window, self._lows.get(track, top - self._window))


@settings(max_examples=200, **QUIET)
@given(steps=STEPS, window=st.sampled_from([0, 1, 4]), has_second=st.booleans())
def test_a_table_that_grows_arrives_once(steps, window, has_second):
    cursor = Cursor("a", "b" if has_second else None, window_of(str(window)))
    expected, table, state, arrived = Expected(window, has_second=has_second), [], None, []
    for step in steps:
        batch = [(len(table) + place, *row) for place, row in enumerate(step)]
        table += batch
        expected.insert(batch)
        schema = dict.fromkeys(("id", "a", "b"), pl.Int64())
        frame = pl.DataFrame(table[::-1], schema=schema, orient="row")
        mark = Watermark(cursor, schema, state)
        asked = mark.reach.predicate()
        read = frame if asked is None else frame.filter(asked)
        for part in mark.follow(iter([read.head(3), read.slice(3)])):
            arrived += part["id"].to_list()
        state = json.loads(json.dumps(mark.state()))
    assert sorted(arrived) == sorted(expected.due)


@settings(max_examples=100, **QUIET)
@given(steps=STEPS, window=st.sampled_from([0, 3]))
def test_where_rows_are_merged_a_limit_loses_nothing(steps, window):
    kept, rows.DIGESTS = rows.DIGESTS, 2
    try:
        cursor = Cursor("a", None, window_of(str(window)), may_repeat=True)
        expected, table, state, arrived = Expected(window, has_second=False), [], None, set()
        for step in steps:
            batch = [(len(table) + place, *row) for place, row in enumerate(step)]
            table += batch
            expected.insert(batch)
            schema = dict.fromkeys(("id", "a", "b"), pl.Int64())
            mark = Watermark(cursor, schema, state)
            asked = mark.reach.predicate()
            frame = pl.DataFrame(table, schema=schema, orient="row")
            read = frame if asked is None else frame.filter(asked)
            for part in mark.follow(iter([read])):
                arrived.update(part["id"].to_list())
            state = json.loads(json.dumps(mark.state()))
    finally:
        rows.DIGESTS = kept
    assert expected.due <= arrived


@settings(max_examples=6, **QUIET)
@given(steps=STEPS, window=st.sampled_from([0, 4]), has_second=st.booleans())
def test_every_database_gives_the_same_answer(shop, steps, window, has_second):
    shop.make(a="whole", b="whole")
    shop.options = {"cursor": "a", "look_back": str(window)}
    shop.options |= {"second_cursor": "b"} if has_second else {}
    expected, count = Expected(window, has_second=has_second), 0
    for step in steps:
        batch = [(count + place, *row) for place, row in enumerate(step)]
        count += len(batch)
        if batch:
            shop.insert(*batch)
        expected.insert(batch)
        shop.sync()
    assert sorted(shop.arrived) == sorted(expected.due)

"""What every destination must do in each of its write modes."""

import datetime as dt
import uuid

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connectors import registry
from connectors.base import WriteMode
from connectors.errors import Cancelled, ConfigError, MillraceError
from tests.contract.rows import Rows
from tests.contract.subjects import DESTINATIONS, Subject, subject

PEOPLE = pl.DataFrame(
    {
        "id": [1, 2, 3, 4],
        "name": ["Ada", "", None, 'comma, "quote"\nnew line 🚀'],
        "score": [1.5, -0.1, None, 1e300],
        "born": [dt.date(1815, 12, 10), None, dt.date(1, 1, 1), dt.date(9999, 12, 31)],
        "is_active": [True, False, None, True],
        "seen": [dt.datetime(2026, 1, 2, 3, 4, 5, 678901), None, None, dt.datetime(1970, 1, 1)],
    }
)
ISO = {pl.Date: "%Y-%m-%d", pl.Datetime: "%Y-%m-%dT%H:%M:%S%.f"}
# Whose names of columns end with the basic plane of Unicode.
KNOW_NO_EMOJI = {"mysql"}
MORE = PEOPLE.with_columns(pl.col("id") + 4)


@pytest.fixture(params=DESTINATIONS)
def place(request, tmp_path) -> Subject:
    """A destination of the registry with an empty target."""
    return subject(request.param, tmp_path, request)


def same(actual: pl.DataFrame, expected: pl.DataFrame) -> None:
    """Compare values; a text format may give dates back as text, a system may widen a type."""
    cast = actual.select(
        pl.col(name).str.strptime(kind, ISO[kind.base_type()])
        if actual.schema[name] == pl.String and kind.base_type() in ISO
        else pl.col(name).cast(kind)
        for name, kind in expected.schema.items()
    )
    assert_frame_equal(cast, expected)


def test_a_load_into_nothing_makes_the_target_with_every_value(place):
    outcome = place.load(PEOPLE, MORE)
    assert outcome.commits["write"].rows == 8
    same(place.rows(), pl.concat([PEOPLE, MORE]))


def test_replace_leaves_the_new_rows_only(place):
    place.load(PEOPLE, MORE)
    place.load(MORE)
    same(place.rows(), MORE)


def test_replace_takes_on_the_new_columns(place):
    place.load(PEOPLE)
    place.load(PEOPLE.select("id", pl.lit("x").alias("city")))
    assert place.rows().columns == ["id", "city"]


def test_replace_with_no_rows_leaves_an_empty_target(place):
    place.load(PEOPLE)
    outcome = place.load(PEOPLE.clear())
    assert outcome.commits["write"].rows == 0
    assert place.rows_or_none() is None or place.rows().height == 0


def test_the_old_rows_can_be_read_until_the_commit(place):
    place.load(PEOPLE)
    seen: list[int] = []
    place.load(MORE, MORE, on_hold=lambda: seen.append(place.rows().height))
    assert seen == [4]


def test_append_adds_rows(place):
    place.load(PEOPLE, mode=WriteMode.APPEND)
    place.load(MORE, mode=WriteMode.APPEND)
    same(place.rows(), pl.concat([PEOPLE, MORE]))


def test_append_of_other_columns_is_refused_and_leaves_the_rows(place):
    place.load(PEOPLE, mode=WriteMode.APPEND)
    with pytest.raises(MillraceError, match="city"):
        place.load(PEOPLE.select("id", pl.lit("x").alias("city")), mode=WriteMode.APPEND)
    same(place.rows(), PEOPLE)


def test_error_refuses_a_target_that_exists(place):
    place.load(PEOPLE, mode=WriteMode.ERROR)
    with pytest.raises(ConfigError, match="exists"):
        place.load(MORE, mode=WriteMode.ERROR)
    same(place.rows(), PEOPLE)


UPSERTING = [name for name in DESTINATIONS if "upsert" in registry.destination(name).write_modes]


@pytest.mark.parametrize("name", UPSERTING)
def test_upsert_changes_known_keys_and_adds_new_ones(name, tmp_path, request):
    place = subject(name, tmp_path, request)
    place.load(PEOPLE)
    changed = PEOPLE.tail(2).with_columns(name=pl.lit("changed"))
    place.load(changed, MORE, mode=WriteMode.UPSERT, key=("id",))
    same(place.rows(), pl.concat([PEOPLE.head(2), changed, MORE]))


@pytest.mark.parametrize("name", UPSERTING)
def test_the_last_of_equal_keys_in_one_load_wins(name, tmp_path, request):
    place = subject(name, tmp_path, request)
    place.load(PEOPLE)
    later = PEOPLE.head(1).with_columns(name=pl.lit("later"))
    place.load(PEOPLE.head(1), later, mode=WriteMode.UPSERT, key=("id",))
    same(place.rows(), pl.concat([later, PEOPLE.tail(3)]))


def test_a_source_that_breaks_in_the_middle_leaves_the_target_as_it_was(place):
    place.load(PEOPLE)

    def breaking(index: int) -> None:
        if index == 1:
            raise ConfigError("the source broke")

    for mode in place.plugin.write_modes - {WriteMode.ERROR}:
        broken = Rows([MORE, MORE], place.access, before=breaking)
        with pytest.raises(ConfigError, match="the source broke"):
            place.load(rows=broken, mode=mode, key=("id",))
        same(place.rows(), PEOPLE)


def test_a_cancel_in_the_middle_leaves_the_target_as_it_was(place):
    place.load(PEOPLE)
    calls: list[int] = []

    def cancelling() -> None:
        calls.append(1)
        if len(calls) > 3:
            raise Cancelled("stopped by a person")

    with pytest.raises(Cancelled):
        place.load(*[MORE] * 50, on_pulse=cancelling)
    same(place.rows(), PEOPLE)


def test_a_repeated_delivery_of_the_same_run_loads_nothing_twice(place):
    run = str(uuid.uuid4())
    place.load(PEOPLE, mode=WriteMode.APPEND, run=run)
    again = place.load(PEOPLE, mode=WriteMode.APPEND, run=run)
    assert again.commits["write"].rows == 4
    same(place.rows(), PEOPLE)


def test_the_state_comes_back_with_the_marker_of_its_stream(place):
    for stream, value in (("job/1", 10), ("job/2", 20)):
        rows = Rows([PEOPLE], place.access, state={"cursor": value})
        place.load(rows=rows, mode=WriteMode.APPEND, stream=stream)
    destination = place.open()
    try:
        parsed = destination.WriteOptions.model_validate(place.options(WriteMode.APPEND))
        for stream, value in (("job/1", 10), ("job/2", 20)):
            marker = destination.committed(destination.target(parsed, stream))
            assert marker is not None
            assert marker.state is not None
            assert marker.state["read"] == {"read": {"cursor": value}}
            assert marker.rows == 4
    finally:
        destination.close()


def test_a_connection_check_passes_and_leaves_nothing_behind(place):
    place.load(PEOPLE)
    destination = place.open()
    try:
        assert destination.check().passed
    finally:
        destination.close()
    same(place.rows(), PEOPLE)


def test_a_column_name_that_needs_quoting_survives(place):
    odd = pl.DataFrame({"id": [1], 'a "b"; drop table x --': [2], "select": [3], "ü `\\'": [4]})
    place.load(odd)
    assert place.rows().columns == odd.columns


def test_a_column_name_with_an_emoji_survives_or_is_refused_by_name(place):
    odd = pl.DataFrame({"id": [1], "ü 🚀": [2]})
    if place.name in KNOW_NO_EMOJI:
        with pytest.raises(ConfigError, match=r"'ü 🚀'.*rename it"):
            place.load(odd)
        return
    place.load(odd)
    assert place.rows().columns == odd.columns

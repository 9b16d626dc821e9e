"""What every destination must do when a load may change the columns of its target."""

import datetime as dt
import signal
import uuid
from decimal import Decimal
from pathlib import PurePosixPath

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connectors import registry
from connectors.base import WriteMode
from connectors.configuration import split
from connectors.errors import ConfigError, LeaseLost, MillraceError, TargetBusy, TransientError
from connectors.files.destination import FileDestination
from tests.contract.rows import Rows
from tests.contract.subjects import DESTINATIONS, Subject, subject
from tests.contract.test_destinations import ISO
from tests.contract.test_faults import attempt

APPEND, UPSERT = WriteMode.APPEND, WriteMode.UPSERT
EVOLVING = [name for name in DESTINATIONS if registry.destination(name).evolves]
# Files as one, and as a folder that an append adds one to.
FOLDERS = [
    f"{name} folder" for name in EVOLVING if issubclass(registry.destination(name), FileDestination)
]
PLACES = [*EVOLVING, *FOLDERS]
UPSERTING = [name for name in EVOLVING if UPSERT in registry.destination(name).write_modes]
OLD = pl.DataFrame({"id": [1, 2], "name": ["Ada", None]})


@pytest.fixture(params=PLACES)
def place(request, tmp_path) -> Subject:
    """A destination that evolves, with an empty target."""
    return opened(request.param, tmp_path, request)


def opened(param: str, folder, request) -> Subject:
    name, _, is_folder = param.partition(" ")
    found = subject(name, folder, request)
    if is_folder:
        found.config["path"] = str(PurePosixPath(found.config["path"]).with_suffix(""))
    return found


def same(actual: pl.DataFrame, expected: pl.DataFrame) -> None:
    """Compare columns and values; a text may stand for a date, and a system has its own widths."""
    assert set(actual.columns) == set(expected.columns)
    cast = actual.select(
        pl.col(name).str.strptime(kind, ISO[kind.base_type()])
        if actual.schema[name] == pl.String and kind.base_type() in ISO
        else pl.col(name).cast(kind)
        for name, kind in expected.schema.items()
    )
    assert_frame_equal(cast.sort("id"), expected.sort("id"))


@pytest.mark.parametrize("at", ["front", "middle", "end"])
def test_a_column_joins_and_old_rows_have_null_there(place, at):
    orders = {"front": ["city", "id", "name"], "middle": ["id", "city", "name"]}
    new = pl.DataFrame({"id": [3], "name": ["Eve"], "city": ["Bonn"]})
    new = new.select(orders.get(at, new.columns))
    place.load(OLD, mode=APPEND)
    place.load(new, mode=APPEND, evolve=True)
    same(place.rows(), pl.concat([OLD, new], how="diagonal"))


def test_several_columns_of_all_kinds_join_at_once(place):
    new = pl.DataFrame(
        {
            "id": [3, 4],
            "score": [0.5, None],
            "price": [Decimal("12.34"), None],
            "born": [dt.date(1815, 12, 10), None],
            "seen": [dt.datetime(2026, 1, 2, 3, 4, 5, 678901), None],
            "is_active": [True, None],
            "select": [7, None],
            'a "b" c': ["x", None],
        },
        schema_overrides={"price": pl.Decimal(10, 2)},
    )
    place.load(OLD, mode=APPEND)
    place.load(new, mode=APPEND, evolve=True)
    same(place.rows(), pl.concat([OLD, new], how="diagonal"))


# Those that widen all of these; others may refuse one, by the column's name.
WIDENING = {"csv", "delta", "duckdb", "excel", "json", "mysql", "parquet", "postgres", "sqlite"}
WIDER = {
    "int": (pl.Int32, 2_147_483_647, pl.Int64, 9_007_199_254_740_993),
    "small int": (pl.Int16, -32_768, pl.Int32, 2_147_483_647),
    "unsigned": (pl.UInt32, 4_294_967_295, pl.Int64, -5),
    "float": (pl.Float32, 0.25, pl.Float64, 1e300),
    "digits before": (pl.Decimal(6, 2), Decimal("1234.56"), pl.Decimal(18, 2), Decimal("1e15")),
    "digits behind": (pl.Decimal(6, 2), Decimal("1234.5"), pl.Decimal(9, 5), Decimal("1.00001")),
    "int to decimal": (pl.Int32, 12, pl.Decimal(12, 2), Decimal("1.25")),
}


@pytest.mark.parametrize("kind", WIDER)
def test_a_column_that_is_too_narrow_is_widened_and_old_values_stay(place, kind):
    narrow, low, wide, high = WIDER[kind]
    schema = {"id": pl.Int64, "value": narrow}
    old = pl.DataFrame({"id": [1, 2], "value": [low, None]}, schema=schema)
    new = pl.DataFrame({"id": [3], "value": [high]}, schema={**schema, "value": wide})
    place.load(old, mode=APPEND)
    said = refusal(place, new, mode=APPEND, evolve=True)
    if said is None:
        values = [None if value is None else Decimal(str(value)) for value in place.rows()["value"]]
        assert values == [Decimal(str(low)), None, Decimal(str(high))]
        return
    assert place.name not in WIDENING
    assert "'value'" in said
    same(place.rows(), old)


def refusal(place: Subject, rows: pl.DataFrame, **how) -> str | None:
    """Load rows; return what was said where they were refused."""
    try:
        place.load(rows, **how)
    except MillraceError as error:
        return error.message
    return None


def test_a_type_that_nothing_widens_is_refused_or_every_value_stays_itself(place):
    old = pl.DataFrame({"id": [1], "value": [dt.date(2026, 1, 1)]})
    place.load(old, mode=APPEND)
    said = refusal(place, old.with_columns(id=2, value=2.5), mode=APPEND, evolve=True)
    if said is None:
        # A cell's date may come back as a moment.
        texts = place.rows()["value"].cast(pl.String).to_list()
        assert [texts[0][:10], texts[1]] == ["2026-01-01", "2.5"]
        return
    for word in ("'value'", "Date", "Float64", "another table", "replace", "unheld_types"):
        assert word in said
    same(place.rows(), old)


def test_columns_that_the_rows_lack_are_null_in_new_rows(place):
    place.load(OLD, mode=APPEND)
    place.load(pl.DataFrame({"id": [3], "city": ["Bonn"]}), mode=APPEND, evolve=True)
    place.load(pl.DataFrame({"id": [4]}), mode=APPEND, evolve=True)
    expected = pl.DataFrame(
        {
            "id": [1, 2, 3, 4],
            "name": ["Ada", None, None, None],
            "city": [None, None, "Bonn", None],
        }
    )
    same(place.rows(), expected)


@pytest.mark.parametrize("name", UPSERTING)
def test_an_upsert_lets_columns_join_and_keeps_what_it_does_not_bring(name, tmp_path, request):
    place = opened(name, tmp_path, request)
    place.load(OLD)
    changed = pl.DataFrame({"id": [2, 3], "city": ["Rome", "Bonn"]})
    place.load(changed, mode=UPSERT, key=("id",), evolve=True)
    place.load(pl.DataFrame({"id": [1], "name": ["Eve"]}), mode=UPSERT, key=("id",), evolve=True)
    expected = {"id": [1, 2, 3], "name": ["Eve", None, None], "city": [None, "Rome", "Bonn"]}
    same(place.rows(), pl.DataFrame(expected))


@pytest.mark.parametrize("name", UPSERTING)
def test_an_upsert_widens_even_its_key(name, tmp_path, request):
    place = opened(name, tmp_path, request)
    place.load(OLD.cast({"id": pl.Int32}))
    new = pl.DataFrame({"id": [2, 5_000_000_000], "name": ["Bob", "Eve"]})
    place.load(new, mode=UPSERT, key=("id",), evolve=True)
    same(place.rows(), pl.concat([OLD.head(1), new]))


def test_two_streams_let_one_table_grow_one_after_the_other(place):
    place.load(OLD, mode=APPEND)
    first = pl.DataFrame({"id": [3], "city": ["Bonn"]})
    second = pl.DataFrame({"id": [4], "age": [42]})
    place.load(first, mode=APPEND, evolve=True, stream="job/2")
    place.load(second, mode=APPEND, evolve=True, stream="job/3")
    same(place.rows(), pl.concat([OLD, first, second], how="diagonal"))


def test_a_load_that_changes_nothing_is_as_ever(place):
    place.load(OLD, mode=APPEND, evolve=True)
    more = OLD.with_columns(pl.col("id") + 2)
    place.load(more, mode=APPEND, evolve=True)
    same(place.rows(), pl.concat([OLD, more]))


def test_no_rows_let_columns_join_or_leave_them(place):
    place.load(OLD, mode=APPEND)
    place.load(pl.DataFrame(schema={"id": pl.Int64, "city": pl.String}), mode=APPEND, evolve=True)
    same(place.rows().select(OLD.columns), OLD)


def test_unless_columns_may_grow_rows_with_others_are_refused(place):
    place.load(OLD, mode=APPEND)
    with pytest.raises(MillraceError, match="city"):
        place.load(pl.DataFrame({"id": [3], "city": ["Bonn"]}), mode=APPEND)
    same(place.rows(), OLD)


def test_a_source_that_breaks_leaves_the_columns_as_they_were(place):
    place.load(OLD, mode=APPEND)
    before = place.rows().schema

    def breaking(index: int) -> None:
        if index == 1:
            raise ConfigError("the source broke")

    new = pl.DataFrame({"id": [3], "city": ["Bonn"]})
    with pytest.raises(ConfigError, match="the source broke"):
        place.load(rows=Rows([new, new], place.access, before=breaking), mode=APPEND, evolve=True)
    assert place.rows().schema == before
    same(place.rows(), OLD)


def test_an_attempt_that_lost_its_target_changes_no_columns(place):
    place.load(OLD, mode=APPEND, fence=1)
    later = pl.DataFrame({"id": [3], "age": [42]})
    refused: list[MillraceError] = []

    def overtake() -> None:
        try:
            place.load(later, mode=APPEND, evolve=True, stream="job/2", fence=3)
        except (TargetBusy, TransientError) as error:
            # A system with one writer keeps the later one out.
            refused.append(error)

    stale = pl.DataFrame({"id": [4], "city": ["Bonn"]})
    try:
        place.load(stale, mode=APPEND, evolve=True, fence=2, on_hold=overtake)
    except (LeaseLost, TransientError):
        same(place.rows(), pl.concat([OLD, later], how="diagonal"))
    else:
        assert refused
        same(place.rows(), pl.concat([OLD, stale], how="diagonal"))


def test_a_repeated_delivery_lets_nothing_grow_twice(place):
    run = str(uuid.uuid4())
    place.load(OLD, mode=APPEND)
    new = pl.DataFrame({"id": [3], "city": ["Bonn"]})
    place.load(new, mode=APPEND, evolve=True, run=run)
    place.load(new, mode=APPEND, evolve=True, run=run)
    same(place.rows(), pl.concat([OLD, new], how="diagonal"))


@pytest.mark.slow
def test_death_before_the_commit_leaves_the_columns_and_a_repeat_finishes(place):
    run = str(uuid.uuid4())
    assert attempt(place, note="old", run=str(uuid.uuid4())) == (0, "done")
    more = {"run": run, "mode": "append", "more": ["grown"]}
    assert attempt(place, **more, die_at="hold", fence=2)[0] == -signal.SIGKILL
    assert place.rows().columns == ["id", "note"]
    assert attempt(place, **more, die_at="remember", fence=3)[0] == -signal.SIGKILL
    assert attempt(place, **more, fence=4) == (0, "done")
    found = place.rows()
    assert sorted(found.columns) == ["grown", "id", "note"]
    assert dict(found.group_by("note").len().iter_rows()) == {"old": 100, "new": 100}
    assert found["grown"].null_count() == 100


STEADY = [name for name in DESTINATIONS if name not in EVOLVING]


@pytest.mark.parametrize("name", STEADY or [None])
def test_a_destination_that_cannot_evolve_says_so(name, tmp_path, request, monkeypatch):
    if name is None:
        name = EVOLVING[0]
        monkeypatch.setattr(registry.destination(name), "evolves", False)
    found = subject(name, tmp_path, request)
    with pytest.raises(ConfigError, match=f"{name} cannot change the columns"):
        split(
            {"type": name, **found.options(APPEND), **found.config, "evolve": True}, "destination"
        )

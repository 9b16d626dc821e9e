"""Rows that go over the disk: their order, who reads them how often, and what DuckDB may touch."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from connectors.base import lazy_frame
from connectors.errors import ConfigError, DataError
from jobs.tests.spilling.steps import on_disk, on_polars, sorted_by, spilling, step

patient = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
MANY = 400_000


def sql(text: str) -> Any:
    """Return a step that only DuckDB does."""

    def work(rows: Any) -> Any:
        return nw.from_native(nw.to_native(rows).query("input", text))

    return step(work, engines=frozenset({"duckdb"}))


def counted(reads: list[int]) -> pl.LazyFrame:
    """Return a source that notes how often it was read."""

    def batches(columns: list[str]) -> Iterator[pl.DataFrame]:
        reads.append(1)
        for start in range(0, 1000, 100):
            yield pl.DataFrame({"id": range(1000 - start, 900 - start, -1)}).select(columns)

    return lazy_frame({"id": pl.Int64()}, batches)


@st.composite
def tables(draw: Any) -> pl.DataFrame:
    """Return a small table whose columns have missing and equal values."""
    size = draw(st.integers(0, 12))
    kinds = {
        "whole": (st.integers(-3, 3), pl.Int32),
        "real": (st.sampled_from([float("nan"), float("inf"), -1.5, 0.0, 2.0]), pl.Float64),
        "text": (st.sampled_from(["", "a", "B", "é", "ab"]), pl.String),
        "kind": (st.sampled_from(["z", "a"]), pl.Enum(["z", "a"])),
        "sign": (st.booleans(), pl.Boolean),
    }
    columns = {
        name: pl.Series(
            draw(st.lists(st.none() | values, min_size=size, max_size=size)), dtype=dtype
        )
        for name, (values, dtype) in kinds.items()
    }
    return pl.DataFrame({**columns, "id": pl.Series(range(size), dtype=pl.UInt16)})


@patient
@given(tables(), st.permutations(["whole", "real", "text", "kind", "sign"]), st.booleans())
def test_both_engines_sort_alike(tmp_path: Path, rows: pl.DataFrame, by: Any, last: Any) -> None:
    down = [name in by[:2] for name in by]

    def work(frame: Any) -> Any:
        return frame.sort(*by, "id", descending=[*down, False], nulls_last=last)

    assert_frame_equal(on_disk(tmp_path, step(work), rows), on_polars(step(work), rows))


@patient
@given(tables(), st.sets(st.sampled_from(["whole", "real", "text", "kind"]), min_size=1))
def test_both_engines_group_alike(tmp_path: Path, rows: pl.DataFrame, by: Any) -> None:
    keys = sorted(by)

    def work(frame: Any) -> Any:
        made = {
            "rows": nw.len(),
            "first": nw.col("id").min(),
            "total": nw.col("whole").sum(),
            "mean": nw.col("id").mean(),
            "kinds": nw.col("text").n_unique(),
        }
        return frame.group_by(*keys).agg(**made).sort("first")

    def distinct(frame: Any) -> Any:
        return frame.select(*keys).unique(keys, keep="any").sort(*keys, nulls_last=True)

    for one in (step(work), step(distinct)):
        assert_frame_equal(on_disk(tmp_path, one, rows), on_polars(one, rows))


def test_rows_keep_their_order_over_many_batches(tmp_path: Path) -> None:
    rows = pl.DataFrame({"id": range(MANY)}).with_columns(note=pl.col("id").hash() % 100)
    with spilling(tmp_path) as disk:
        kept = disk.keep(rows.lazy())
        ranked = disk.apply(sql("SELECT id, row_number() OVER () AS place FROM input"), [kept])[""]
        disk.write()
        assert_frame_equal(kept.collect(), rows)
        places = ranked.collect()
    assert (places["place"] == places["id"] + 1).all()


def test_two_loads_of_one_result_read_the_source_once(tmp_path: Path) -> None:
    reads: list[int] = []
    with spilling(tmp_path) as disk:
        made = disk.apply(sorted_by("id"), [counted(reads)])[""].cache()
        disk.write()
        sinks = [made.sink_csv(tmp_path / name, lazy=True) for name in ("a.csv", "b.csv")]
        pl.collect_all(sinks)
    assert reads == [1]
    for name in ("a.csv", "b.csv"):
        assert pl.read_csv(tmp_path / name)["id"].to_list() == list(range(1, 1001))


def test_steps_on_disk_follow_one_another(tmp_path: Path) -> None:
    reads: list[int] = []
    with spilling(tmp_path) as disk:
        first = disk.apply(sorted_by("id"), [counted(reads)])[""]
        some = first.filter(pl.col("id") % 10 == 0)
        last = disk.apply(sql("SELECT id * 2 AS twice FROM input ORDER BY id DESC"), [some])[""]
        disk.write()
        assert last.collect()["twice"].to_list() == list(range(2000, 0, -20))
    assert reads == [1]


def test_named_outputs_are_read_side_by_side(tmp_path: Path) -> None:
    def work(rows: Any, others: Any) -> Any:
        low, high = nw.col("id") <= 500, nw.col("id") > 500
        return {
            "low": rows.filter(low).sort("id"),
            "high": rows.filter(high).join(others, on="id").sort("id"),
        }

    with spilling(tmp_path) as disk:
        others = pl.LazyFrame({"id": [600, 700], "note": ["x", "y"]})
        made = disk.apply(step(work), [counted([]), others])
        disk.write()
        low, high = pl.collect_all([made["low"], made["high"]])
    assert low["id"].to_list() == list(range(1, 501))
    assert high.rows() == [(600, "x"), (700, "y")]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM '/etc/hostname.csv'",
        "SELECT * FROM read_csv('https://example.com/a.csv')",
        "SELECT * FROM reads",
    ],
)
def test_duckdb_sees_nothing_but_the_rows(text: str, tmp_path: Path) -> None:
    reads = [1]
    with pytest.raises(ConfigError):
        on_disk(tmp_path, sql(text), pl.DataFrame({"id": reads}))


@pytest.mark.parametrize("text", ["SET memory_limit = '9GB'", "SET enable_external_access = true"])
def test_duckdb_cannot_be_configured_anew(text: str, tmp_path: Path) -> None:
    def work(rows: Any) -> Any:
        nw.to_native(rows).query("input", text)
        return rows

    with pytest.raises((ConfigError, DataError), match=r"locked|configuration"):
        on_disk(tmp_path, step(work, engines=frozenset({"duckdb"})), pl.DataFrame({"id": [1]}))


def test_nothing_stays_on_disk(tmp_path: Path) -> None:
    with spilling(tmp_path) as disk:
        made = disk.apply(sorted_by("id"), [counted([])])[""]
        disk.write()
        assert list((tmp_path / "scratch").rglob("*.parquet"))
        made.collect()
    assert not list((tmp_path / "scratch").iterdir())


def test_sql_sees_times_of_day_as_such(tmp_path: Path) -> None:
    rows = pl.DataFrame({"clock": pl.Series([86_399_999_999_999, 1, None]).cast(pl.Time)})
    text = "SELECT max(clock) AS clock FROM input WHERE clock > CAST('10:00:00' AS TIME_NS)"
    assert_frame_equal(on_disk(tmp_path, sql(text), rows), rows.head(1))

"""What every transformer of the registry must keep, whoever wrote it."""

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
import pytest
from pydantic import ValidationError

from connectors import registry
from connectors.base import Transformer, lazy_frame
from connectors.configuration import validate
from connectors.errors import ConfigError
from connectors.shaping.samples import sample

NAMES = registry.names("transformers")
EVERY = pytest.mark.parametrize("name", NAMES)
# Settings that need all rows where the example does not, and the other way round.
STREAMING = {name: registry.transformer(name).example for name in NAMES} | {
    "sample": {"fraction": 0.5}
}


def made(name: str, config: Any = None) -> Transformer:
    plugin = registry.transformer(name)
    return plugin(validate(plugin.Config, plugin.example if config is None else config))


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine like the one that takes over from Polars: it reaches nothing but its input."""
    with duckdb.connect(config={"enable_external_access": "false"}) as engine:
        engine.execute("SET TimeZone = 'UTC'; SET lock_configuration = true")
        yield engine


def on(engine: str, rows: pl.DataFrame, connection: duckdb.DuckDBPyConnection) -> Any:
    return nw.from_native(rows.lazy() if engine == "polars" else connection.from_arrow(rows))


def collected(frame: Any) -> pl.DataFrame:
    native = nw.to_native(frame)
    return native.collect(engine="streaming") if isinstance(native, pl.LazyFrame) else native.pl()


def found(
    name: str, engine: str, rows: pl.DataFrame, connection: duckdb.DuckDBPyConnection
) -> pl.DataFrame:
    return collected(made(name).apply(on(engine, rows, connection)))


@EVERY
def test_a_transformer_is_named_like_its_file_and_tells_what_it_does(name):
    plugin = registry.transformer(name)
    assert plugin.name == name == plugin.__module__.rpartition(".")[2]
    assert plugin.label
    assert plugin.description.endswith(".")
    assert made(name).engines
    assert made(name).engines <= {"polars", "duckdb"}
    assert all(registry.transformer(alias) is plugin for alias in plugin.aliases)


def test_no_two_transformers_have_one_alias():
    spellings = [spelled for name in NAMES for spelled in registry.transformer(name).aliases]
    assert len({*spellings, *NAMES}) == len(spellings) + len(NAMES)


@EVERY
def test_every_field_has_a_title_and_unknown_fields_are_refused(name):
    model = registry.transformer(name).Config
    assert all(field.title for field in model.model_fields.values())
    schema = json.loads(json.dumps(model.model_json_schema()))
    assert schema.get("additionalProperties", True) is False or "$ref" in schema
    with pytest.raises(ValidationError):
        model.model_validate({**registry.transformer(name).example, "no_such_field": 1})


@EVERY
def test_the_example_gives_the_same_rows_on_every_engine(name, connection):
    frames = [found(name, engine, sample(), connection) for engine in sorted(made(name).engines)]
    assert frames[0].height
    for frame in frames[1:]:
        assert frame.schema == frames[0].schema
        assert frame.equals(frames[0], null_equal=True)


@EVERY
def test_an_empty_frame_keeps_the_columns(name, connection):
    for engine in made(name).engines:
        full = found(name, engine, sample(), connection)
        empty = found(name, engine, sample().clear(), connection)
        assert empty.schema == full.schema
        told = made(name).apply(on(engine, sample(), connection)).collect_schema()
        assert list(told) == full.columns


@EVERY
def test_nothing_is_read_until_the_rows_are_wanted(name, connection):
    reads = []

    def batches(columns: list[str]) -> Iterator[pl.DataFrame]:
        reads.append(columns)
        yield sample().select(columns)

    if "polars" not in made(name).engines:
        made(name).apply(on("duckdb", sample(), connection))
        return
    rows = made(name).apply(nw.from_native(lazy_frame(sample().schema, batches)))
    rows.collect_schema()
    assert reads == []
    assert collected(rows).height
    assert len(reads) == 1


@EVERY
def test_what_does_not_block_stops_where_the_rows_are_not_wanted_any_more(name):
    """A source without an end gives its first rows; a step that blocks would read for ever."""
    step = made(name, STREAMING[name])
    if step.blocks:
        return
    given = 0

    def batches(columns: list[str]) -> Iterator[pl.DataFrame]:
        nonlocal given
        while given < 10_000:
            given += 1
            yield sample().select(columns)

    rows = nw.to_native(step.apply(nw.from_native(lazy_frame(sample().schema, batches))))
    assert rows.head(2).collect(engine="streaming").height == 2
    assert given < 10_000


@EVERY
def test_a_column_that_is_not_there_is_an_error_that_names_those_that_are(name, connection):
    config = json.dumps(registry.transformer(name).example)
    wrong = config
    for column in sample().columns:
        wrong = wrong.replace(f'"{column}"', '"nowhere"', 1)
        if wrong != config:
            break
    if wrong == config:
        return
    for engine in made(name).engines:
        with pytest.raises(ConfigError, match=r"nowhere.* id, customer, country") as told:
            made(name, json.loads(wrong)).apply(on(engine, sample(), connection))
        assert told.value.field


def test_a_step_of_one_input_refuses_two():
    frame = nw.from_native(sample().lazy())
    with pytest.raises(ConfigError, match="takes one input, not 2"):
        made("limit").apply(frame, frame)

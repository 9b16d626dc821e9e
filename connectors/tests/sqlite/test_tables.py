"""Tables and columns: how they are found, named and chosen."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connectors.errors import ConfigError
from connectors.tests.sqlite.database import PEOPLE, run_sql

ODD_NAMES = ['a"b', "a b", "select", "🚀", "x'; DROP TABLE t; --", "a.b", 'x" (y INTEGER); --']


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_of_tables_and_columns_are_only_names(system, name):
    frame = pl.DataFrame({name: ["x"], "id": [1]})
    written = '"' + name.replace('"', '""') + '"'
    for mode in ("append", "append", "upsert", "replace"):
        system.load(frame, table=written, mode=mode, key=[name])
    assert_frame_equal(system.read(table=written), frame)
    assert system.read(table=f"main.{written}", columns=[name]).columns == [name]
    assert system.read(table=written, cursor=name).height == 1
    (stream,) = system.discover().values()
    assert_frame_equal(system.read(**stream.options), frame)


def test_unknown_tables_columns_and_schemas_are_named(system):
    system.load(PEOPLE, table="t")
    with pytest.raises(ConfigError, match=r"no table 'u'; known: t$"):
        system.read(table="u")
    with pytest.raises(ConfigError, match="the schema 'main' only, not 'public'"):
        system.read(table="t", schema="public")
    for field in ("columns", "cursor"):
        with pytest.raises(ConfigError, match="no column 'x'; known: id, name") as caught:
            system.read(table="t", **{field: ["x"] if field == "columns" else "x"})
        assert caught.value.field == field


def test_discovery_tells_columns_keys_and_cursors_and_hides_our_own(system):
    run_sql(
        system,
        "CREATE TABLE t (a INTEGER, b TEXT, seen TIMESTAMP, PRIMARY KEY (b, a))",
        "CREATE VIEW v AS SELECT seen FROM t",
    )
    system.load(PEOPLE, table="p")
    streams = system.discover()
    assert set(streams) == {"p", "t", "v"}
    assert (streams["t"].key, streams["t"].cursors) == (("b", "a"), ("a", "seen"))
    assert streams["v"].schema == {"seen": pl.Datetime("us")}

"""Tables and columns: how they are found, named and chosen."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connectors.errors import ConfigError
from connectors.tests.duckdb.database import PEOPLE, run_sql

ODD_NAMES = ['a"b', "a b", "select", "🚀", "x'; DROP TABLE t; --", "a.b", 'x" (y INTEGER); --']


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_of_tables_and_columns_are_only_names(system, name):
    frame = pl.DataFrame({name: ["x"], "id": [1]})
    written = '"' + name.replace('"', '""') + '"'
    for mode in ("append", "append", "upsert", "replace"):
        system.load(frame, table=written, mode=mode, key=[name])
    assert_frame_equal(system.read(table=written), frame)
    assert system.read(table=written, columns=[name]).columns == [name]
    assert system.read(table=written, cursor=name).height == 1
    (stream,) = system.discover().values()
    assert_frame_equal(system.read(**stream.options), frame)


def test_unknown_tables_and_columns_are_named_with_the_known_ones(system):
    system.load(PEOPLE, table="t")
    with pytest.raises(ConfigError, match=r"no table 'u'; known: t$"):
        system.read(table="u")
    for field in ("columns", "cursor"):
        with pytest.raises(ConfigError, match="no column 'x'; known: id, name") as caught:
            system.read(table="t", **{field: ["x"] if field == "columns" else "x"})
        assert caught.value.field == field


def test_discovery_tells_columns_keys_and_cursors_and_hides_our_own(system):
    run_sql(
        system,
        "CREATE SCHEMA s; CREATE TABLE s.t (a INTEGER, b VARCHAR, seen TIMESTAMP, PRIMARY KEY (b, a));"
        "CREATE VIEW v AS SELECT 1.5 AS x",
    )
    system.load(PEOPLE, table="p")
    streams = system.discover()
    assert set(streams) == {"p", "s.t", "v"}
    found = streams["s.t"]
    assert (found.namespace, found.key, found.cursors) == ("s", ("b", "a"), ("a", "seen"))
    assert streams["v"].schema == {"x": pl.Decimal(2, 1)}


def test_only_the_wanted_columns_are_read(system):
    run_sql(system, "CREATE VIEW v AS SELECT 1 AS good, error('read the bad column') AS bad")
    assert system.read(table="v", columns=["good"]).columns == ["good"]
    with system.opened() as connector:
        frame = connector.scan(connector.ReadOptions(table="v")).frame
        assert frame.select("good").collect(engine="streaming").height == 1

"""Arrow files and streams, as others write them."""

import gzip

import polars as pl
import pyarrow as pa
import pytest

from connectors.configuration import validate
from connectors.errors import DataError
from connectors.library.arrow import Arrow
from connectors.tests.loads import System, access_to

ROWS = pl.DataFrame({"id": [1, 2, 3], "note": ["a", None, "c"]})


@pytest.fixture
def arrow(files):
    """Make a system of Arrow files at a path."""
    return lambda path: System(Arrow, access_to(files), path=path)


def test_a_stream_is_read_like_a_file(files, arrow):
    ROWS.write_ipc_stream(files / "s.arrow")
    ROWS.write_ipc(files / "f.arrow")
    assert arrow("s.arrow").read().equals(ROWS)
    assert arrow("*.arrow").read(columns=["note"])["note"].to_list() == ["a", None, "c"] * 2
    assert arrow("s.arrow").read(columns=["note"]).columns == ["note"]


def test_a_packed_file_is_unpacked(files, arrow):
    ROWS.write_ipc(files / "plain")
    (files / "t.feather.gz").write_bytes(gzip.compress((files / "plain").read_bytes()))
    assert arrow("t.feather.gz").read().equals(ROWS)


def test_a_file_knows_its_rows_and_a_stream_does_not(files, arrow):
    ROWS.write_ipc(files / "f.arrow")
    ROWS.write_ipc_stream(files / "s.arrow")
    counted = []
    for name in ("f.arrow", "s.arrow"):
        with arrow(name).opened() as connector:
            counted.append(connector.scan(validate(connector.ReadOptions, {})).rows)
    assert counted == [3, None]


@pytest.mark.parametrize("write", [ROWS.write_ipc, ROWS.write_ipc_stream])
def test_a_file_that_was_cut_off_is_an_error(files, arrow, write):
    write(files / "t.arrow")
    whole = (files / "t.arrow").read_bytes()
    (files / "t.arrow").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(
        (DataError, pl.exceptions.ComputeError), match=r"not a sound Arrow (file|stream)"
    ):
        arrow("t.arrow").read()


def test_something_else_is_an_error(files, arrow):
    (files / "t.arrow").write_bytes(b"id,note\n1,a\n")
    with pytest.raises(DataError, match="not a sound Arrow file"):
        arrow("t.arrow").read()


@pytest.mark.parametrize(
    "kind", [pa.month_day_nano_interval(), pa.decimal256(50, 2), pa.list_(pa.decimal256(50, 2))]
)
def test_a_type_without_a_place_is_refused_by_name(files, arrow, kind):
    table = pa.table({"id": [1], "odd": pa.nulls(1, kind)})
    with pa.ipc.new_file(files / "t.arrow", table.schema) as file:
        file.write_table(table)
    with pytest.raises(DataError, match=r"column 'odd' is .* cannot be read"):
        arrow("t.arrow").read()


def test_columns_may_join_with_the_rows(arrow):
    arrow("t.arrow").load(ROWS)
    arrow("t.arrow").load(pl.DataFrame({"id": [4], "more": [1.5]}), evolve=True)
    found = arrow("t.arrow").read().sort("id")
    assert found["more"].to_list() == [None, None, None, 1.5]
    assert found["note"].to_list() == ["a", None, "c", None]

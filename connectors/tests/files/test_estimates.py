"""How many rows there are, or may be, before they are read."""

import bz2
import gzip

import polars as pl
import pytest

from connectors.configuration import validate

ROWS = pl.DataFrame({"id": range(5000), "note": ["a, b"] * 5000})


@pytest.fixture
def extracted(files, csv, json, parquet):
    """Return what a system says of a file before it is read."""

    def extract(name, **options):
        makers = {"parquet": parquet, "ndjson": json, "json": json}
        make = next((makers[piece] for piece in name.split(".") if piece in makers), csv)
        with make(name).opened() as connector:
            return connector.scan(validate(connector.ReadOptions, options))

    return extract


def test_a_parquet_file_knows_its_rows(files, extracted):
    ROWS.write_parquet(files / "a.parquet")
    found = extracted("a.parquet")
    assert (found.rows, found.about_rows) == (5000, 5000)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.ndjson", "a.ndjson.gz", "a.json"])
def test_text_is_judged_by_its_beginning(files, extracted, name):
    text = ROWS.write_csv() if "csv" in name else ROWS.write_ndjson()
    if name == "a.json":
        text = ROWS.write_json()
    raw = text.encode()
    (files / name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    found = extracted(name)
    assert found.rows is None
    assert 4700 <= found.about_rows <= 5300


def test_what_must_be_unpacked_first_is_not_judged(files, extracted):
    (files / "a.csv.bz2").write_bytes(bz2.compress(ROWS.write_csv().encode()))
    assert extracted("a.csv.bz2").about_rows is None

"""Files whose columns grow: what other readers see, and what must not change on the way."""

import gzip
import json

import duckdb
import polars as pl
import pytest

from connectors import registry
from connectors.errors import ConfigError, DataError
from connectors.tests.loads import System, access_to

OLD = pl.DataFrame({"id": [1, 2], "name": ["", None]})
NEW = pl.DataFrame({"id": [3], "city": ["Bonn"]})
BOTH = pl.concat([OLD, NEW], how="diagonal")


@pytest.fixture
def folder(tmp_path):
    """A folder that files are written to."""
    return tmp_path


def files_of(name: str, folder, path: str) -> System:
    return System(registry.destination(name), access_to(folder), path=str(folder / path))


def grow(system: System, *frames: pl.DataFrame, **options: object) -> None:
    for fence, frame in enumerate(frames, start=1):
        system.load(frame, fence=fence, mode="append", evolve=True, **options)


def test_a_parquet_folder_is_read_by_plain_polars_and_duckdb(folder):
    narrow = OLD.cast({"id": pl.Int32})
    grow(files_of("parquet", folder, "t"), narrow, narrow, NEW)
    expected = pl.concat([OLD, OLD, NEW], how="diagonal").sort("id")
    found = pl.read_parquet(f"{folder}/t/*.parquet").sort("id")
    assert found.select(expected.columns).equals(expected)
    sql = f"SELECT id, name, city FROM '{folder}/t/*.parquet' ORDER BY id"
    assert duckdb.sql(sql).pl().equals(expected)


def test_a_csv_folder_has_one_header_in_all_its_files(folder):
    grow(files_of("csv", folder, "t"), OLD, OLD, NEW)
    heads = {path.read_text().splitlines()[0] for path in (folder / "t").glob("*.csv")}
    assert heads == {"id,name,city"}
    sql = f"SELECT * FROM '{folder}/t/*.csv' ORDER BY id"
    assert duckdb.sql(sql).fetchall()[-1] == (3, None, "Bonn")
    assert len(pl.read_csv(f"{folder}/t/*.csv")) == 5


def test_the_texts_of_old_csv_rows_stay_what_they_are(folder):
    path = folder / "t.csv"
    path.write_text('id,code,"a ""b"""\n1,007,""\n2,"x,\ny",\n3,"say ""hi""", z \n')
    new = pl.DataFrame({"id": [4], "city": ["Bonn"]})
    grow(files_of("csv", folder, "t.csv"), new)
    lines = path.read_text()
    assert lines.startswith('id,code,"a ""b""",city\n1,007,"",\n2,"x,\ny",,\n3,"say ""hi""", z ,\n')
    assert lines.endswith("4,,,Bonn\n")


def test_packed_files_stay_packed(folder):
    system = files_of("csv", folder, "t.csv.gz")
    grow(system, OLD, NEW)
    assert gzip.decompress((folder / "t.csv.gz").read_bytes()) == (
        b'id,name,city\n1,"",\n2,,\n3,,Bonn\n'
    )
    system = files_of("json", folder, "t")
    grow(system, OLD, NEW, compression="gzip")
    assert system.read().sort("id").equals(BOTH)


def test_a_csv_without_a_header_cannot_grow(folder):
    system = files_of("csv", folder, "t.csv")
    system.load(OLD, mode="append", header=False)
    with pytest.raises(ConfigError, match="no header"):
        system.load(NEW, fence=2, mode="append", header=False, evolve=True)


def test_json_values_stay_as_they_are_written(folder):
    path = folder / "t.ndjson"
    path.write_text('{"id": 1.10, "deep": {"a": [1, {"city": 2}]}}\n{}\n{"c\\u0069ty": "Rome"}\n')
    grow(files_of("json", folder, "t.ndjson"), pl.DataFrame({"age": [7]}))
    assert path.read_text().splitlines() == [
        '{"id": 1.10, "deep": {"a": [1, {"city": 2}]},"age":null}',
        '{"age":null}',
        '{"c\\u0069ty": "Rome","age":null}',
        '{"id":null,"deep":null,"city":null,"age":7}',
    ]


def test_a_json_array_stays_an_array(folder):
    system = files_of("json", folder, "t.json")
    grow(system, OLD, NEW)
    assert json.loads((folder / "t.json").read_text()) == BOTH.to_dicts()
    assert system.read().equals(BOTH)


def test_a_json_column_that_joined_after_the_sample_is_text_and_no_error(folder):
    system = files_of("json", folder, "t.ndjson")
    old = pl.DataFrame({"id": range(11_000)})
    grow(system, old, pl.DataFrame({"id": [11_000, 11_001], "age": [42, None]}))
    found = system.read()
    assert found["age"].to_list() == [None] * 11_000 + ["42", None]


def test_a_folder_with_files_of_somebody_else_is_not_written_anew(folder):
    (folder / "t").mkdir()
    (folder / "t" / "theirs.csv").write_text("id,name\n1,Ada\n")
    with pytest.raises(ConfigError, match=r"'theirs.csv', which Millrace did not write"):
        grow(files_of("csv", folder, "t"), NEW)
    grow(files_of("csv", folder, "t"), OLD)
    assert (folder / "t" / "theirs.csv").read_text() == "id,name\n1,Ada\n"


def test_files_that_grow_keep_their_names(folder):
    system = files_of("parquet", folder, "t")
    grow(system, OLD, OLD)
    before = {path.name for path in (folder / "t").iterdir()}
    system.load(NEW, fence=3, mode="append", evolve=True)
    assert before < {path.name for path in (folder / "t").iterdir()}


def test_parquet_refuses_what_no_type_holds(folder):
    system = files_of("parquet", folder, "t.parquet")
    system.load(pl.DataFrame({"id": [True]}), mode="append")
    with pytest.raises(DataError, match=r"'id' of .* holds Boolean and the rows bring Int64"):
        system.load(pl.DataFrame({"id": [1]}), fence=2, mode="append", evolve=True)


def test_rows_of_a_narrower_type_are_widened_and_not_the_file(folder):
    system = files_of("parquet", folder, "t.parquet")
    grow(system, pl.DataFrame({"id": [2**40]}), pl.DataFrame({"id": [1]}, schema={"id": pl.Int8}))
    assert system.read().equals(pl.DataFrame({"id": [2**40, 1]}))


@pytest.mark.parametrize("path", ["t.csv.gz", "t.ndjson", "t.json", "t.parquet"])
@pytest.mark.parametrize("is_folder", [False, True])
def test_files_and_folders_grow_here_and_in_buckets(at, path, is_folder):
    system = at(path)
    if is_folder:
        plugin, name = system.plugin, f"folder-{path.replace('.', '-')}"
        system = at(name, plugin)
    grow(system, OLD, OLD, NEW)
    expected = pl.concat([OLD, OLD, NEW], how="diagonal")
    assert system.read().sort("id", "name").equals(expected.sort("id", "name"))

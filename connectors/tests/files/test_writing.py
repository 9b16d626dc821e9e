"""What each write mode does to files, which columns fit, and which names are refused."""

import polars as pl
import pytest

from connectors.configuration import validate
from connectors.errors import ConfigError, DataError
from connectors.library.csv import Csv

OLD = pl.DataFrame({"id": [1, 2], "name": ["x", "y"]})
NEW = pl.DataFrame({"id": [3], "name": ["z"]})
BOTH = pl.concat([OLD, NEW])
TARGETS = ["t.csv", "t.csv.gz", "t", "t.parquet", "t.json", "t.json.gz", "t.ndjson", "t.jsonl.zst"]


def rows(system):
    """Read what a target holds, in the order of the ids."""
    return system.read().sort("id")


@pytest.mark.parametrize("path", TARGETS)
def test_append_adds_and_replace_swaps(at, path):
    system = at(path)
    assert system.load(OLD, mode="append", state={"n": 1}).rows == 2
    assert system.load(NEW, mode="append", fence=2).rows == 1
    assert rows(system).equals(BOTH)
    system.load(BOTH.head(0), mode="append", fence=3)
    assert rows(system).equals(BOTH)
    system.load(NEW, mode="replace", fence=4, state={"n": 2})
    assert rows(system).equals(NEW)
    assert system.marker().state == {"n": 2}
    assert system.marker().rows == 1


def test_a_pattern_over_a_target_reads_exactly_its_rows(at):
    system = at("t")
    for fence in (1, 2):
        system.load(OLD, mode="append", fence=fence)
    assert at("t/*.csv").read().height == 4
    assert at("**/*.csv").read().height == 4
    system.load(NEW, mode="replace", fence=3)
    assert at("*/*").read().equals(NEW)


@pytest.mark.parametrize("path", ["t.csv", "t"])
def test_error_refuses_what_exists_unless_this_run_made_it(at, path):
    system = at(path)
    system.load(OLD, mode="error", run="r1")
    assert system.load(OLD, mode="error", run="r1").rows == 2
    with pytest.raises(ConfigError, match="exists, and write mode 'error' refuses"):
        system.load(NEW, mode="error", run="r2", fence=2)
    assert rows(system).equals(OLD)


@pytest.mark.parametrize("path", ["t.csv", "t.parquet", "t.ndjson", "t"])
def test_columns_must_fit_those_that_are_there(at, path):
    system = at(path)
    system.load(OLD, mode="append")
    with pytest.raises(DataError, match="has no column 'more'"):
        system.load(OLD.with_columns(more=1), mode="append", fence=2)
    system.load(NEW.select("name", "id"), mode="append", fence=3)
    assert rows(system).equals(BOTH)
    system.load(NEW.select("id"), mode="append", fence=4)
    assert rows(system)["name"].null_count() == 1
    assert rows(system).columns == ["id", "name"]


def test_types_must_fit_those_that_are_there(at):
    system = at("t.parquet")
    system.load(OLD, mode="append")
    with pytest.raises(
        DataError, match=r"Column 'id' of .* is Int64, and the new rows bring String"
    ):
        system.load(OLD.cast({"id": pl.String}), mode="append", fence=2)
    assert rows(system).equals(OLD)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("t.parquet", "this writes .csv"),
        ("t.csv.bz2", "cannot be packed so"),
        ("*.csv", "can be read and not written"),
    ],
)
def test_names_that_cannot_be_written_are_refused(at, path, message):
    with pytest.raises(ConfigError, match=message):
        at(path, Csv).load(OLD)


def test_the_root_itself_is_no_target(files, csv):
    with pytest.raises(ConfigError, match="is a root"):
        csv(".").load(OLD)
    csv(".").load(OLD, table="orders")
    assert csv("orders").read().equals(OLD)


def test_a_folder_is_not_replaced_by_a_file_nor_a_file_by_a_folder(files, csv):
    (files / "t.csv").mkdir()
    (files / "t").write_text("mine")
    for path in ("t.csv", "t"):
        with pytest.raises(ConfigError, match="choose another path"):
            csv(path).load(OLD, mode="replace")
    assert (files / "t").read_text() == "mine"


def test_a_folder_with_files_of_somebody_else_is_not_replaced(files, csv):
    (files / "mine").mkdir()
    (files / "mine" / "diary.csv").write_text("day\n1\n")
    with pytest.raises(ConfigError, match=r"holds 'diary\.csv', which Millrace did not write"):
        csv("mine").load(OLD, mode="replace")
    assert (files / "mine" / "diary.csv").read_text() == "day\n1\n"


def test_a_place_has_one_name_however_it_is_written(files, csv):
    (files / "in").mkdir()
    (files / "link").symlink_to(files / "in")

    def place(path, **options):
        with csv(path).opened() as connector:
            return connector.target(validate(connector.WriteOptions, options), "s").place

    names = {
        place("in/t.csv"),
        place(str(files / "in/t.csv")),
        place("link/../in/./t.csv"),
        place("in", table="t.csv"),
        place("link/t.csv"),
    }
    assert names == {str(files / "in/t.csv")}

"""What a reader sees at every point of a commit, and what is left of a death there."""

import errno
import json as plain_json
from dataclasses import replace
from ipaddress import ip_network

import polars as pl
import pytest

from connectors.base import Marker, PartResult, RunKey
from connectors.configuration import validate
from connectors.errors import ConfigError, DataError, LeaseLost
from connectors.files import buckets
from connectors.files.buckets import Bucket
from connectors.files.commits import Ledger
from connectors.files.folders import Folder
from connectors.files.objects import open_store
from connectors.library.csv import Csv
from connectors.library.json import Json
from connectors.library.parquet import Parquet
from connectors.tests.loads import System, access_to

OLD = pl.DataFrame({"id": [1, 2], "name": ["x", "y"]})
NEW = pl.DataFrame({"id": [3], "name": ["z"]})
BOTH = pl.concat([OLD, NEW])
TARGETS = ["t.csv", "t.csv.gz", "t", "t.parquet", "t.json", "t.json.gz", "t.ndjson", "t.jsonl.zst"]


class Killed(BaseException):
    """Stands for a process that ends at once."""


@pytest.fixture(params=["folder", "bucket"])
def at(request, files):
    """Make a system at a path of a local folder, then at one of a bucket."""

    def make(path, plugin=None):
        kinds = {"parquet": Parquet, "json": Json, "ndjson": Json, "jsonl": Json}
        kind = plugin or next((kinds[n] for n in path.split(".") if n in kinds), Csv)
        if request.param == "folder":
            return System(kind, access_to(files), path=path)
        store = request.getfixturevalue("s3_store")
        return System(
            kind,
            replace(access_to(files), networks=(ip_network("127.0.0.0/8"),)),
            path=f"s3://{store.bucket}/deep/{path}",
            endpoint_url=store.endpoint,
            access_key_id=store.access_key,
            secret_access_key=store.secret_key,
            region=store.region,
        )

    return make


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


def test_a_repeated_commit_changes_nothing(at):
    system = at("t")
    assert system.load(OLD, run="r1", mode="append").rows == 2
    assert system.load(OLD, run="r1", mode="append").rows == 2
    assert system.load(OLD, run="r1", mode="append", fence=2).rows == 2
    assert rows(system).equals(OLD)


def test_streams_of_one_target_have_markers_of_their_own(at):
    system = at("t")
    system.load(OLD, mode="append", stream="a/1", state={"a": 1})
    system.load(NEW, mode="append", stream="b/1", state={"b": 1}, fence=2)
    assert system.marker(stream="a/1").state == {"a": 1}
    assert system.marker(stream="b/1").state == {"b": 1}
    assert system.marker(stream="c/1") is None
    assert rows(system).equals(BOTH)


@pytest.mark.parametrize("path", ["t.csv", "t", "t.parquet"])
def test_a_writer_that_was_overtaken_cannot_commit(at, path):
    system = at(path)
    with pytest.raises(LeaseLost, match=r"cleared by another|fence 2"):
        system.load(OLD, run="slow", mode="append", before_commit=lambda: overtake(system))
    assert rows(system).equals(NEW)
    assert system.marker().fence == 2
    with pytest.raises(LeaseLost, match="fence 2"):
        system.load(OLD, run="late", mode="append", fence=1)
    assert rows(system).equals(NEW)


def overtake(system):
    system.load(NEW, mode="append", fence=2)


def test_a_writer_is_out_as_soon_as_a_later_one_has_begun(at):
    system = at("t.csv")

    def begin_only():
        with system.opened() as other:
            target = other.target(validate(other.WriteOptions, {}), "job/1")
            other.begin(target, NEW.schema, RunKey("later", "p", 2))

    with pytest.raises(LeaseLost):
        system.load(OLD, run="slow", before_commit=begin_only)
    assert system.marker() is None


def test_what_dead_attempts_staged_is_cleared(at, files, request):
    system = at("t.csv")
    with pytest.raises(Killed):
        system_that_dies(system, OLD)
    assert len(staged(request, files)) == 1
    system.load(NEW, mode="append", fence=2)
    assert staged(request, files) == []
    assert rows(system).equals(NEW)


def system_that_dies(system, frame):
    """Stage and stop, without the tidying that a living process does."""
    with system.opened() as connector:
        target = connector.target(validate(connector.WriteOptions, {"mode": "append"}), "job/1")
        staging = connector.begin(target, frame.schema, RunKey("dead", "p", 1))
        pl.collect_all([connector.sink(staging, frame.lazy(), "p")])
        raise Killed


def staged(request, files):
    """List what lies in hidden folders beside books and locks."""
    if "bucket" in request.node.callspec.params.values():
        store = request.getfixturevalue("s3_store")
        client = store.client()
        found = client.list_objects_v2(Bucket=store.bucket).get("Contents", [])
        client.close()
        names = [item["Key"] for item in found if ".millrace" in item["Key"]]
    else:
        names = [str(path) for path in files.rglob(".millrace/**/*") if path.is_file()]
    return [name for name in names if not name.endswith(("state.json", "lock"))]


STEPS = ["settle", "swap", "move", "remove", "swap after"]


@pytest.mark.parametrize("path", ["t.csv", "t"])
@pytest.mark.parametrize("mode", ["append", "replace"])
@pytest.mark.parametrize("step", STEPS)
def test_a_death_at_any_step_leaves_the_old_rows_or_the_new(at, monkeypatch, path, mode, step):
    system = at(path)
    system.load(OLD, mode="append", run="r1", state={"n": 1})
    kind = Bucket if str(system.settings["path"]).startswith("s3://") else Folder
    with monkeypatch.context() as patch:
        die_at(patch, kind, step)
        with pytest.raises(Killed):
            killed_load(system, mode)
    marker = system.marker()
    if step in {"settle", "swap"}:
        assert marker.run == "r1"
        assert rows(system).equals(OLD)
    else:
        assert (marker.run, marker.state) == ("r2", {"n": 2})
        assert rows(system).equals(BOTH if mode == "append" else NEW)
    # Whatever happened, the run comes again and ends as if nothing had.
    again = system.load(NEW, mode=mode, run="r2", fence=3, state={"n": 2})
    assert again.rows == 1
    assert rows(system).equals(BOTH if mode == "append" else NEW)
    assert system.marker().run == "r2"


def die_at(patch, kind, step):
    """Let a keeper's step end the process: before it, or (swap after) at its second call."""
    name = step.split()[0]
    real, calls = getattr(kind, name), []

    def deadly(self, *arguments):
        # The first swap of a load enters, the second commits, the third notes the marker.
        calls.append(arguments)
        if name != "swap" or len(calls) == (3 if step == "swap after" else 2):
            raise Killed
        return real(self, *arguments)

    patch.setattr(kind, name, deadly)


def killed_load(system, mode):
    """Load as far as the death lets, and tidy nothing."""
    with system.opened() as connector:
        target = connector.target(validate(connector.WriteOptions, {"mode": mode}), "job/1")
        staging = connector.begin(target, NEW.schema, RunKey("r2", "p", 2))
        pl.collect_all([connector.sink(staging, NEW.lazy(), "p")])
        marker = Marker("r2", "job/1", 2, {"n": 2}, connector.count(staging))
        connector.commit(staging, [PartResult("p", marker.rows)], marker)


def test_a_removed_target_is_loaded_afresh(at, files, request):
    system = at("t.csv")
    system.load(OLD, mode="append", state={"n": 1})
    if "bucket" in request.node.callspec.params.values():
        store = request.getfixturevalue("s3_store")
        store.client().delete_object(Bucket=store.bucket, Key="deep/t.csv")
    else:
        (files / "t.csv").unlink()
    assert system.marker() is None
    system.load(NEW, mode="append", fence=2)
    assert rows(system).equals(NEW)


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


def test_a_full_disk_leaves_the_old_rows(files, csv, monkeypatch):
    system = csv("t.csv")
    system.load(OLD, mode="append")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "settle", full)
        with pytest.raises(OSError, match="No space left"):
            system.load(NEW, mode="replace", fence=2)
    assert rows(system).equals(OLD)


def test_a_query_that_breaks_leaves_the_old_rows(at):
    system = at("t")
    system.load(OLD, mode="append")
    broken = NEW.lazy().with_columns(pl.col("name").cast(pl.Int64))
    with pytest.raises(pl.exceptions.InvalidOperationError):
        system.load(broken, mode="replace", fence=2)
    assert rows(system).equals(OLD)


def test_large_objects_are_streamed_where_a_copy_is_too_large(at, monkeypatch):
    monkeypatch.setattr(buckets, "COPY_BYTES", 10)
    system = at("t.csv")
    system.load(OLD, mode="append")
    system.load(NEW, mode="replace", fence=2)
    assert rows(system).equals(NEW)


def test_an_intent_is_carried_out_any_number_of_times(files):
    keeper = Folder(files)
    keeper.make(".millrace/t")
    (files / ".millrace/t/a").write_text("new")
    (files / "old").write_text("old")
    marker = Marker("r", "s", 1)
    Ledger(keeper, "t").commit([(".millrace/t/a", "new")], ["old"], marker)
    book = files / ".millrace/t/state.json"
    content = plain_json.loads(book.read_text())
    assert content["intent"] is None
    content["intent"] = {
        "marker": {"run": "r", "stream": "s", "fence": 1, "state": None, "rows": 0},
        "moves": [[".millrace/t/a", "new"]],
        "removals": ["old"],
    }
    book.write_text(plain_json.dumps(content))
    assert Ledger(Folder(files), "t").standing().markers == {"s": marker}
    assert (files / "new").read_text() == "new"


def test_a_swap_on_old_grounds_changes_nothing(at, files, request):
    if "bucket" in request.node.callspec.params.values():
        store = request.getfixturevalue("s3_store")
        with at("t.csv").opened() as connector:
            client = open_store(connector.reach, store.bucket, connector.access)
            keeper = Bucket(client, store.bucket, "x")
    else:
        keeper = Folder(files)
    assert keeper.load("state.json") == (None, "")
    assert keeper.swap("state.json", b"1", "")
    assert not keeper.swap("state.json", b"2", "")
    content, tag = keeper.load("state.json")
    assert content == b"1"
    assert keeper.swap("state.json", b"3", tag)
    assert not keeper.swap("state.json", b"4", tag)
    assert keeper.load("state.json")[0] == b"3"

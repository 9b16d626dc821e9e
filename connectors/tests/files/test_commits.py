"""What a reader sees at every point of a commit, and what is left of a death there."""

import errno
import json as plain_json

import polars as pl
import pytest

from connectors.base import Marker, PartResult, RunKey
from connectors.configuration import validate
from connectors.errors import LeaseLost
from connectors.files import buckets
from connectors.files.buckets import Bucket
from connectors.files.commits import Ledger
from connectors.files.folders import Folder
from connectors.files.objects import open_store

OLD = pl.DataFrame({"id": [1, 2], "name": ["x", "y"]})
NEW = pl.DataFrame({"id": [3], "name": ["z"]})
BOTH = pl.concat([OLD, NEW])


class Killed(BaseException):
    """Stands for a process that ends at once."""


def rows(system):
    """Read what a target holds, in the order of the ids."""
    return system.read().sort("id")


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

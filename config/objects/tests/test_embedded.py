"""The embedded store: objects by key, and uploads in parts."""

import errno
import os
import threading
from datetime import UTC, datetime, timedelta

import pytest

from config.objects import ObjectsError, drafts, multipart, object_store
from config.objects.drafts import DiskFull, Draft
from config.objects.embedded import disposition
from config.objects.tests.conftest import BASE, everything, put_part, write

BAD_KEYS = [
    "",
    "/",
    "/a",
    "a/",
    "a//b",
    ".",
    "..",
    "../a",
    "a/../b",
    "a/./b",
    "a\0b",
    "a\nb",
    "\x7f",
    "n" * 256,
    "/".join(["n" * 200] * 6),
    "ü" * 128,
    "\udcff",
]


@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_key_that_is_no_path_is_refused(store, key):
    with pytest.raises(ObjectsError, match="no key of an object"):
        store.upload_url(key, seconds=60, base=BASE)
    with pytest.raises(ObjectsError, match="no key of an object"):
        store.head(key)
    with pytest.raises(ObjectsError, match="no key of an object"):
        store.location(key)


@pytest.mark.parametrize("key", ["a", "a/b/c.csv", "...", "-rf", "ü" * 127, "a b?#%&+", "\\..\\a"])
def test_a_key_that_is_a_path_lies_below_the_bucket(store, key):
    path = write(store, key, b"12345")
    assert path.resolve().is_relative_to(store.root)
    found = store.head(key)
    assert (found.key, found.size) == (key, 5)
    assert store.location(key) == {"path": str(path)}


def test_a_head_changes_with_the_content(store):
    path = write(store, "a/b.csv", b"one")
    before = store.head("a/b.csv")
    assert store.head("a/b.csv") == before
    draft = Draft(store.incoming)
    draft.write([b"two"])
    draft.keep(path)
    assert store.head("a/b.csv").etag != before.etag


def test_what_is_no_object_has_no_head(store):
    write(store, "a/b.csv")
    assert store.head("a") is None
    assert store.head("a/b.csv/c") is None
    assert store.head("b") is None


def test_objects_are_listed_by_key_and_prefix(store):
    for key in ("a/2", "a/1", "a-b", "a/1/x".replace("1/", "10/"), "b"):
        write(store, key)
    assert [found.key for found in store.listed("")] == ["a-b", "a/1", "a/10/x", "a/2", "b"]
    assert [found.key for found in store.listed("a/1")] == ["a/1", "a/10/x"]
    assert [found.key for found in store.listed("a/")] == ["a/1", "a/10/x", "a/2"]
    assert list(store.listed("none/at/all")) == []


def test_a_prefix_is_deleted_with_its_folders_and_uploads(store):
    for key in ("in/1/a", "in/1/deep/b", "in/10/c", "out/1/d"):
        write(store, key)
    store.begin_multipart("in/1/e", parts=1, seconds=60, base=BASE)
    other = store.begin_multipart("in/10/f", parts=1, seconds=60, base=BASE)
    store.delete("in/1/")
    assert [found.key for found in store.listed("")] == ["in/10/c", "out/1/d"]
    assert not (store.root / "in/1").exists()
    assert everything(store)[0] == f".incoming/test-bucket/{other.upload_id}/about.json"
    store.delete("out/1/d")
    assert not (store.root / "out").exists()
    store.delete("out/1/d")
    store.delete("no/such/")
    store.delete("in/1")
    assert not (store.root / "in").exists()
    with pytest.raises(ObjectsError, match="everything"):
        store.delete("")


def test_a_file_of_this_machine_is_stored_and_brought_back(store, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"one\ntwo\n" * 1000)
    store.put("a/b.csv", source)
    store.fetch("a/b.csv", target)
    assert target.read_bytes() == source.read_bytes()
    assert everything(store) == ["test-bucket/a/b.csv"]
    with pytest.raises(ObjectsError, match=r"no object 'a/c\.csv'") as error:
        store.fetch("a/c.csv", target)
    assert error.value.message == str(error.value)


def test_a_file_that_does_not_fit_is_not_stored(store, tmp_path, monkeypatch):
    (tmp_path / "source").write_bytes(b"text")
    monkeypatch.setattr(drafts, "LEAST_FREE", 1 << 60)
    with pytest.raises(ObjectsError, match="disk is full"):
        store.put("a.csv", tmp_path / "source")
    assert everything(store) == []


def test_parts_of_any_size_are_joined_in_order(store):
    begun = store.begin_multipart("a/b.csv", parts=3, seconds=60, base=BASE)
    assert len(set(begun.urls)) == 3
    for number, data in ((3, b"ghi"), (1, b"old"), (2, b""), (1, b"abcdef")):
        put_part(store, "a/b.csv", begun.upload_id, number, data)
    store.complete_multipart("a/b.csv", begun.upload_id)
    assert store.path("a/b.csv").read_bytes() == b"abcdefghi"
    assert everything(store) == ["test-bucket/a/b.csv"]
    with pytest.raises(ObjectsError, match="no such upload"):
        store.complete_multipart("a/b.csv", begun.upload_id)


def test_missing_parts_are_named_and_the_rest_kept(store):
    begun = store.begin_multipart("a.csv", parts=7, seconds=60, base=BASE)
    for number in (2, 6):
        put_part(store, "a.csv", begun.upload_id, number, b"x")
    with pytest.raises(ObjectsError, match=r"Parts are missing: 1, 3–5, 7 \(of 7\)"):
        store.complete_multipart("a.csv", begun.upload_id)
    for number in (1, 3, 4, 5, 7):
        put_part(store, "a.csv", begun.upload_id, number, b"y")
    store.complete_multipart("a.csv", begun.upload_id)
    assert store.path("a.csv").read_bytes() == b"yxyyyxy"


def test_parts_that_are_too_large_together_are_refused(store):
    begun = store.begin_multipart("a.csv", parts=2, seconds=60, base=BASE)
    for number in (1, 2):
        put_part(store, "a.csv", begun.upload_id, number, b"x" * (600 << 10))
    with pytest.raises(ObjectsError, match="1228800 bytes; 1048576 are allowed"):
        store.complete_multipart("a.csv", begun.upload_id)


def test_a_join_that_broke_off_is_taken_up(store, monkeypatch):
    begun = store.begin_multipart("a.csv", parts=3, seconds=60, base=BASE)
    for number, data in enumerate((b"one", b"two", b"three"), start=1):
        put_part(store, "a.csv", begun.upload_id, number, data)
    copy = multipart.copy

    def fail_at_the_third(part, *arguments, **options):
        copy(part, *arguments, **options)
        if part.name == "part-00003":
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(multipart, "copy", fail_at_the_third)
        with pytest.raises(ObjectsError, match="disk is full"):
            store.complete_multipart("a.csv", begun.upload_id)
    with pytest.raises(ObjectsError, match="being joined"):
        put_part(store, "a.csv", begun.upload_id, 1, b"other")
    assert store.head("a.csv") is None
    store.complete_multipart("a.csv", begun.upload_id)
    assert store.path("a.csv").read_bytes() == b"onetwothree"


def test_of_two_who_join_at_once_one_does(store):
    begun = store.begin_multipart("a.csv", parts=20, seconds=60, base=BASE)
    for number in range(1, 21):
        put_part(store, "a.csv", begun.upload_id, number, b"%02d" % number)
    answers = []

    def complete():
        try:
            answers.append(store.complete_multipart("a.csv", begun.upload_id))
        except ObjectsError as error:
            answers.append(str(error))

    threads = [threading.Thread(target=complete) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers, key=str) == [None, *[multipart.GONE] * 3]
    assert store.path("a.csv").read_bytes() == b"".join(b"%02d" % n for n in range(1, 21))


def test_blocks_are_copied_where_the_kernel_cannot(store, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "copy_file_range", refuse)
    monkeypatch.setattr(multipart, "BLOCK", 3)
    begun = store.begin_multipart("a.csv", parts=2, seconds=60, base=BASE)
    put_part(store, "a.csv", begun.upload_id, 1, b"12345")
    put_part(store, "a.csv", begun.upload_id, 2, b"67890123")
    store.complete_multipart("a.csv", begun.upload_id)
    assert store.path("a.csv").read_bytes() == b"1234567890123"


def test_an_aborted_upload_leaves_nothing(store):
    begun = store.begin_multipart("a.csv", parts=2, seconds=60, base=BASE)
    put_part(store, "a.csv", begun.upload_id, 1, b"x")
    store.abort_multipart("other.csv", begun.upload_id)
    assert everything(store)
    for upload_id in (begun.upload_id, begun.upload_id, "../..", "", "\0"):
        store.abort_multipart("a.csv", upload_id)
    assert everything(store) == []


@pytest.mark.parametrize("parts", [0, -1, 10_001])
def test_a_number_of_parts_that_s3_would_not_take_is_refused(store, parts):
    with pytest.raises(ObjectsError, match="1 to 10000 parts"):
        store.begin_multipart("a.csv", parts=parts, seconds=60, base=BASE)


@pytest.mark.parametrize("seconds", [0, 604_801])
def test_a_url_is_good_for_a_week_at_most(store, seconds):
    with pytest.raises(ObjectsError, match="604800 seconds"):
        store.download_url("a.csv", seconds=seconds, base=BASE, file_name="a.csv")


def test_cleaning_removes_what_is_dead_and_nothing_else(store):
    now = datetime.now(UTC)
    alive, dead, young = (Draft(store.incoming) for _ in range(3))
    for draft in (dead, young):
        os.close(draft._file)
    for draft in (alive, dead):
        os.utime(draft._path, (1, 1))
    write(store, "a.csv")
    begun = store.begin_multipart("b.csv", parts=1, seconds=60, base=BASE)
    half = store.incoming / ("0" * 32)
    half.mkdir()
    store.clean(now)
    assert not dead._path.exists()
    assert alive._path.exists()
    assert young._path.exists()
    assert store.upload("b.csv", begun.upload_id)
    store.clean(now + timedelta(days=2))
    assert not store.upload("b.csv", begun.upload_id)
    assert not half.exists()
    assert store.head("a.csv")
    alive.drop()


def test_a_draft_that_does_not_fit_says_so(store, monkeypatch):
    draft = Draft(store.incoming)
    monkeypatch.setattr(drafts, "FLUSH_BYTES", 4)
    draft.write([b"123"])
    monkeypatch.setattr(drafts, "LEAST_FREE", 1 << 60)
    with pytest.raises(DiskFull, match="free some space"):
        draft.write([b"456"])
    draft.drop()
    assert everything(store) == []


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a b.csv", 'attachment; filename="a b.csv"'),
        ('a"\\\r\n.csv', "attachment; filename=\"a__.csv\"; filename*=UTF-8''a%22%5C.csv"),
        ("größe.csv", "attachment; filename=\"gr__e.csv\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.csv"),
        ("\0", 'attachment; filename="download"'),
    ],
)
def test_a_file_name_is_safe_in_a_header(name, header):
    assert disposition(name) == header


def test_the_store_of_the_settings_is_made_once(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert object_store() is object_store()
    assert object_store().bucket == "karyaksham-data"
    assert object_store().root == tmp_path / "objects" / "karyaksham-data"
    object_store().check()
    settings.OBJECT_BUCKET = "another"
    assert object_store().bucket == "another"

"""Packed files: what unpacks too far, twice, to several files or not at all is told."""

import bz2
import gzip
import zipfile

import polars as pl
import pytest

from connectors.errors import Cancelled, ConfigError, DataError
from connectors.files import streams


@pytest.fixture
def small_bombs(monkeypatch):
    """Let a hundred kilobytes be too many already."""
    monkeypatch.setattr(streams, "HARMLESS_BYTES", 100_000)


def zipped(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)


BOMB = b"a,b\n" + b"1,2\n" * 500_000


@pytest.mark.usefixtures("small_bombs")
@pytest.mark.parametrize("mode", ["error", "reject"])
def test_a_bomb_is_an_error(files, csv, mode):
    (files / "t.csv.gz").write_bytes(gzip.compress(BOMB))
    (files / "t.csv.bz2").write_bytes(bz2.compress(BOMB))
    zipped(files / "t.csv.zip", t_csv=BOMB)
    for ending in ("gz", "bz2", "zip"):
        with pytest.raises(DataError, match=r"unpacks to more than 200 times its [\d,]+ bytes"):
            csv(f"t.csv.{ending}").read(bad_lines=mode)


@pytest.mark.usefixtures("small_bombs")
def test_what_packs_as_texts_do_is_no_bomb(files, csv):
    rows = pl.DataFrame({"a": range(50_000), "b": ["x"] * 50_000})
    (files / "t.csv.gz").write_bytes(gzip.compress(rows.write_csv().encode()))
    assert csv("t.csv.gz").read().equals(rows)


@pytest.mark.usefixtures("small_bombs")
def test_a_bomb_of_json_is_an_error(files, json):
    (files / "t.ndjson.gz").write_bytes(gzip.compress(b'{"a": 1}\n' * 500_000))
    with pytest.raises(DataError, match="unpacks to more than 200 times"):
        json("t.ndjson.gz").read()


def test_an_archive_of_several_files_says_what_is_there(files, csv):
    zipped(files / "t.zip", one_csv="a\n1\n", two_csv="a\n2\n")
    with pytest.raises(ConfigError, match=r"holds 2 files.*There are: one\.csv, two\.csv"):
        csv("t.zip").read()


def test_an_archive_in_an_archive_is_refused(files, csv):
    zipped(files / "t.zip", inner_zip=b"PK")
    with pytest.raises(DataError, match=r"holds inner\.zip, which is packed itself"):
        csv("t.zip").read()


def test_an_archive_that_finds_no_room_is_refused(files, csv, monkeypatch):
    zipped(files / "t.zip", t_csv="a\n1\n")
    monkeypatch.setattr(streams.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 3})())
    with pytest.raises(DataError, match="unpacks to 4 bytes, and there is no room"):
        csv("t.zip").read()


@pytest.mark.parametrize("mode", ["error", "reject"])
@pytest.mark.parametrize("ending", ["gz", "bz2", "zip"])
def test_a_packed_file_that_was_cut_off_is_an_error(files, csv, ending, mode):
    content = "".join(f"{n},{n * 7919 % 100_003}\n" for n in range(20_000)).encode()
    if ending == "zip":
        zipped(files / "t.csv.zip", t_csv=content)
    else:
        pack = {"gz": gzip, "bz2": bz2}[ending].compress
        (files / f"t.csv.{ending}").write_bytes(pack(content))
    whole = (files / f"t.csv.{ending}").read_bytes()
    (files / f"t.csv.{ending}").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"is not a (sound|zip)"):
        csv(f"t.csv.{ending}").read(bad_lines=mode)


def test_unpacking_stops_when_it_is_told_to(files, csv):
    (files / "t.csv.bz2").write_bytes(bz2.compress(BOMB))
    with csv("t.csv.bz2").opened() as connector:
        connector.interrupt()
        with pytest.raises(Cancelled):
            connector.scan(connector.ReadOptions())


def test_a_broken_line_of_a_packed_file_is_told(files, csv):
    (files / "t.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n3\n"))
    with pytest.raises(DataError, match=r"line 3: it has 1 field where 2 are expected; repair"):
        csv("t.csv.gz").read()

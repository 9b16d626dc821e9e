"""CSV with broken lines: they are left out and kept, and everything else is read as ever."""

import csv as text_csv
import io
import uuid
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.configuration import validate
from connectors.errors import DataError
from connectors.files import pieces, rejects
from connectors.files.settings import FileSettings
from connectors.library.csv import Csv, CsvReadOptions
from connectors.tests.loads import access_to

FEW = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None
)


class Read:
    """One read of a text: its rows, and what was left out of them."""

    def __init__(self, files, content, is_kept=True, **options):
        (files / "t.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
        kept = files / uuid.uuid4().hex if is_kept else None
        access = replace(access_to(files), rejects=kept)
        source = Csv(FileSettings(path="t.csv"), access)
        try:
            said = validate(CsvReadOptions, {"bad_lines": "reject", **options})
            extraction = source.scan(said)
            self.frame = extraction.frame.collect()
            self.remarks = list(extraction.remarks())
        finally:
            source.close()
        pages = list(kept.glob("*.csv")) if kept and kept.exists() else []
        self.kept = [
            row
            for page in pages
            for row in text_csv.reader(io.StringIO(page.read_bytes().decode(), newline=""))
        ]

    @property
    def lines(self):
        return [int(line) for _, line, _, _ in self.kept[1:]]

    @property
    def reasons(self):
        return [reason for _, _, reason, _ in self.kept[1:]]


@pytest.fixture
def read(files):
    """Read a text whose broken lines are left out."""
    return lambda content, **options: Read(files, content, **options)


@pytest.fixture(params=[1 << 23, 24])
def in_pieces(request, monkeypatch):
    """Read texts in one piece, then in pieces of a line or two."""
    monkeypatch.setattr(pieces, "PIECE_BYTES", request.param)


@pytest.mark.usefixtures("in_pieces")
@pytest.mark.parametrize(
    ("content", "options", "rows", "rejected"),
    [
        ("a,b\n1,2\n3\n4,5\n", {}, [(1, 2), (4, 5)], (3, "it has 1 field where 2 are expected")),
        ("a,b\n1,2\n3,4,5\n6,7", {}, [(1, 2), (6, 7)], (3, "it has 3 fields where 2")),
        ("a,b\n1,2\n\n3,4\n", {}, [(1, 2), (3, 4)], (3, "it is blank where 2 fields")),
        ("a,b\r\n1,\r\n3\r\n", {"types": {"b": "text"}}, [(1, None)], (3, "it has 1 field")),
        ('a,b\n"x\ny",2\n"z",\n3\n', {}, [("x\ny", 2), ("z", None)], (5, "it has 1 field")),
        ('a,b\nx,"y\nz,1\n"w",2\n', {}, [("z", 1), ("w", 2)], (2, "its quotes are not in order")),
        ('a,b\n5" pipe,1\nz,2\n', {}, [("z", 2)], (2, "its quotes are not in order")),
        ('a,b\n"x"y,1\nz,2\n', {}, [("z", 2)], (2, "its quotes are not in order")),
        ('a,b\nz,2\n"x,1\n', {}, [("z", 2)], (3, "its quotes are not in order")),
        (b"a,b\nx,1\n\xff\xfe,2\ny,3\n", {}, [("x", 1), ("y", 3)], (3, "bytes that are not utf-8")),
        (
            b"a,b\nx,1\n\x81,2\n",
            {"encoding": "cp1252"},
            [("x", 1)],
            (3, "bytes that are not cp1252"),
        ),
        (
            "# one\n# two\na,b\n1,2\nx,3\n4,5\n",
            {"skip_rows": 2, "types": {"a": "integer"}},
            [(1, 2), (4, 5)],
            (5, "column 'a': 'x' is no int64"),
        ),
        (
            "1,2\n3,9999999999999999999\n",
            {"header": False, "types": {"column_1": "integer"}},
            [(1, 2)],
            (2, "column 'column_1': '9999999999999999999' is no int64"),
        ),
        (
            "a,b\n1,2026-01-31\n2,2026-02-31\n3,\n",
            {"types": {"b": "date"}, "columns": ["a", "b"]},
            None,
            (3, "column 'b': '2026-02-31' is no date"),
        ),
        (
            "a;b\n1;2,505\n2;2,5\n",
            {"delimiter": ";", "decimal_comma": True, "types": {"b": "decimal(9,2)"}},
            None,
            (2, "column 'b': '2,505' is no decimal(9, 2)"),
        ),
    ],
)
def test_a_broken_line_is_left_out_and_kept(read, content, options, rows, rejected):
    found = read(content, **options)
    assert rows is None or found.frame.rows() == rows
    assert found.lines == [rejected[0]]
    assert rejected[1] in found.reasons[0]
    assert [remark.rejected for remark in found.remarks] == [1]


def test_the_kept_text_is_the_line_as_it_stood(read):
    found = read('a,b\n1,2\n3,"x\ny",5\n')
    assert found.kept == [
        ["file", "line", "reason", "text"],
        ["t.csv", "3", "it has 3 fields where 2 are expected", '3,"x\ny",5'],
    ]


def test_a_clean_file_leaves_no_file_and_no_remark(read):
    found = read("a,b\n1,2\n")
    assert (found.kept, found.remarks) == ([], [])


CELLS = st.sampled_from(["", "7", "-1.5", "x", '"x,y"', '"n\nl"', '"q""q"', '""', " z", "é", "\r"])


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8), st.sampled_from([12, 40, 1 << 20]))
@FEW
def test_a_clean_file_reads_the_same_either_way(files, monkeypatch, rows, size):
    monkeypatch.setattr(pieces, "PIECE_BYTES", size)
    content = "a,b,c\n" + "".join(",".join(cells) + "\n" for cells in rows)
    either = [Read(files, content, bad_lines=mode) for mode in ("error", "reject")]
    assert either[0].frame.equals(either[1].frame, null_equal=True)
    assert either[0].frame.schema == either[1].frame.schema
    assert not either[1].remarks


BROKEN = st.sampled_from(
    ["1", "1,2", "1,2,3,4", "", 'x"y,2,3', '"x"y,2,3', "z,é,no date", "1,2,\udcff"]
)
WHOLE = st.tuples(CELLS, CELLS, st.sampled_from(["2026-01-31", "", '"2026-01-31"']))


@given(
    st.lists(st.one_of(WHOLE.map(",".join), BROKEN), min_size=1, max_size=10),
    st.sampled_from([12, 40, 1 << 20]),
    st.sampled_from(["\n", "\r\n"]),
)
@FEW
def test_what_is_not_broken_is_read_as_if_the_rest_was_not_there(
    files, monkeypatch, lines, size, end
):
    monkeypatch.setattr(pieces, "PIECE_BYTES", size)
    said = {"types": {"a": "text", "b": "text", "c": "date"}}
    broken = ["1", "1,2", "1,2,3,4", "", 'x"y,2,3', '"x"y,2,3', "z,é,no date", "1,2,\udcff"]
    whole = [line for line in lines if line not in broken]
    content = [
        end.join(["a,b,c", *some, ""]).encode(errors="surrogateescape") for some in (lines, whole)
    ]
    if not whole:
        with pytest.raises(DataError, match="lines can be read"):
            Read(files, content[0], **said)

        return
    found = Read(files, content[0], **said)
    assert found.frame.equals(Read(files, content[1], bad_lines="error", **said).frame)
    starts, number = [], 2
    for line in lines:
        if line in broken:
            starts.append(number)
        number += 1 + line.count("\n")
    assert found.lines == starts


def test_only_columns_that_are_read_are_judged_by_their_values(read):
    content = "a,b,c\n1,x,2\n2,3,4\n5,6\n7,8,9,\n"
    found = read(content, types={"b": "integer"}, columns=["a"])
    assert found.frame["a"].to_list() == [1, 2]
    assert found.lines == [4, 5]


def test_too_long_and_short_lines_do_not_make_up_for_each_other(read):
    found = read("a,b,c\n1,2\n1,2,3,4\n1,2,\n", columns=["a"])
    assert (found.frame.height, found.lines) == (1, [2, 3])


def test_short_lines_may_be_filled_beside_broken_ones(read):
    found = read("a,b\n1\n2,3,4\n5,6\n", ragged_lines="fill")
    assert (found.frame.rows(), found.lines) == ([(1, None), (5, 6)], [3])


def test_too_many_broken_lines_end_the_read(read):
    content = "a,b\n1,2\n3\n4\n5,6\n"
    assert read(content, max_rejected=2).lines == [3, 4]
    assert read(content, max_rejected=0.5).lines == [3, 4]
    with pytest.raises(
        DataError, match=r"2 lines are broken, more than `max_rejected` allows \(1\)"
    ):
        read(content, max_rejected=1)
    with pytest.raises(DataError, match=r"2 of 4 lines \(50.0%\) are broken, .* \(0.4\)"):
        read(content, max_rejected=0.4)


def test_a_text_in_which_nothing_fits_is_an_error(read):
    with pytest.raises(
        DataError, match=r"None of 2 lines can be read as they should be.*delimiter"
    ):
        read("a;b,c\n1;2\n3;4\n")


def test_only_so_many_lines_are_kept_and_all_are_counted(read, monkeypatch):
    monkeypatch.setattr(rejects, "MOST_KEPT", 2)
    found = read("a,b\n1,2\n3\n4\n5\n")
    assert found.lines == [3, 4]
    assert found.remarks[0].rejected == 3
    assert (
        "3 lines were left out, the first 2 are kept beside the result" in found.remarks[0].message
    )


def test_without_a_folder_they_are_counted_and_the_first_is_told(read):
    found = read("a,b\n1,2\n3\n", is_kept=False)
    assert found.remarks[0].rejected == 1
    assert "they are not kept; the first: " in found.remarks[0].message
    assert "line 3: it has 1 field" in found.remarks[0].message


def test_a_second_read_counts_anew(files):
    (files / "t.csv").write_text("a,b\n1,2\n3\n")
    source = Csv(FileSettings(path="t.csv"), replace(access_to(files), rejects=files / "rejects"))
    extraction = source.scan(validate(CsvReadOptions, {"bad_lines": "reject"}))
    for _ in range(2):
        extraction.frame.collect()
    assert [remark.rejected for remark in extraction.remarks()] == [1]
    assert len(list((files / "rejects").iterdir())) == 1
    source.close()


def test_broken_lines_of_a_folder_say_their_file(files):
    (files / "in").mkdir()
    (files / "in/a.csv").write_text("a,b\n1,2\n3\n")
    (files / "in/b.csv").write_text("a,b\n4\n5,6\n")
    source = Csv(FileSettings(path="in"), replace(access_to(files), rejects=files / "rejects"))
    extraction = source.scan(validate(CsvReadOptions, {"bad_lines": "reject"}))
    assert extraction.frame.collect().rows() == [(1, 2), (5, 6)]
    kept = pl.concat(pl.read_csv(page) for page in (files / "rejects").iterdir())
    assert sorted(kept.select("file", "line").rows()) == [("a.csv", 3), ("b.csv", 2)]
    assert [remark.rejected for remark in extraction.remarks()] == [2]
    source.close()


def test_a_line_that_never_ends_is_no_line(read, monkeypatch):
    monkeypatch.setattr(pieces, "PIECE_BYTES", 16)
    monkeypatch.setattr(pieces, "LARGEST_LINE", 64)
    with pytest.raises(DataError, match="line 2 is longer than"):
        read(b"a,b\n" + bytes(500))


@pytest.mark.parametrize("mode", ["error", "reject"])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        *(("utf-8", "\ufeff"), ("utf-8-sig", ""), ("utf-16", "")),
        *(("utf-16-le", ""), ("utf-16-le", "\ufeff"), ("utf-16-be", ""), ("utf-16-be", "\ufeff")),
    ],
)
def test_a_byte_order_mark_is_no_part_of_a_name(read, encoding, mark, mode):
    found = read((mark + "ä,b\né,2\n").encode(encoding), encoding=encoding, bad_lines=mode)
    assert (found.frame.columns, found.frame.rows()) == (["ä", "b"], [("é", 2)])

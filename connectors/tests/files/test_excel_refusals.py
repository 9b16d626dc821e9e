"""Which workbooks are refused before they are parsed, and which odd ones are read."""

import zipfile

import pytest

from connectors.errors import DataError
from connectors.tests.files.sheets import write

# A sheet of other programs, in which a cell need not say where it is.
BARE = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}'
    "</sheetData></worksheet>"
)


def test_a_workbook_is_never_larger_than_memory(excel, files):
    write(files / "t.xlsx", ["a"], *([f"text {n}"] for n in range(5000)))
    assert excel("t.xlsx").read().height == 5000
    with pytest.raises(DataError, match=r"too large to be read at once.*RUN_MEMORY_MB"):
        excel("t.xlsx", memory=300_000).read()


def forged(source, target, name, content, *, size=None):
    """Copy a workbook with one part replaced, which may lie about its size."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            is_it = info.filename == name
            data = content if is_it else old.read(info)
            new.writestr(info.filename, data, zipfile.ZIP_DEFLATED)
            if is_it and size is not None:
                new.getinfo(name).file_size = size


def test_a_bomb_is_refused_whatever_it_declares(excel, files):
    write(files / "t.xlsx", ["a"], [1])
    bomb = bytes(64 << 20)
    for size in (None, 10):
        forged(files / "t.xlsx", files / "bomb.xlsx", "xl/styles.xml", bomb, size=size)
        assert (files / "bomb.xlsx").stat().st_size < 100_000
        with pytest.raises(DataError, match="too large to be read at once"):
            excel("bomb.xlsx", memory=64 << 20).read()


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c t="n" r="A1"><v>1</v></c><c s="0" r="XFD999999"><v>1</v></c></row>',
        '<row r="1048576">' + "<c><v>1</v></c>" * 500 + "</row>",
        '<row r="1"><c\r\nr="A1"><v>1</v></c><c\r\nr="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="a1"><v>1</v></c><c r="xfd1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="XFD00000001048576"><v>1</v></c></row>',
        '<row r="1"><c r = "A1"><v>1</v></c><c r = "XFD1048576"><v>1</v></c></row>',
        '<x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>',
        "<row r='1'><c r='A1'><v>1</v></c><c r='XFD1048576'><v>1</v></c></row>",
    ],
)
def test_a_cell_at_the_far_corner_takes_no_memory(excel, files, rows):
    write(files / "t.xlsx", ["a"], [1])
    forged(files / "t.xlsx", files / "far.xlsx", "xl/worksheets/sheet1.xml", BARE.format(rows))
    with pytest.raises(DataError, match=r"places in xl/worksheets/sheet1\.xml"):
        excel("far.xlsx").read()


def test_what_a_workbook_says_of_its_size_takes_no_memory(excel, files):
    write(files / "t.xlsx", ["a"], ["x"])
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    far = '<dimension ref="A1:XFD1048576"/><sheetData>'
    sheet = BARE.format(rows).replace("<sheetData>", far)
    forged(files / "t.xlsx", files / "d.xlsx", "xl/worksheets/sheet1.xml", sheet)
    assert excel("d.xlsx").read(header_row=0).height == 1
    # One text may stand in any number of cells.
    texts = "<sst count='4000000000' uniqueCount='1'><si><t>z</t></si></sst>"
    forged(files / "d.xlsx", files / "s.xlsx", "xl/sharedStrings.xml", texts)
    assert excel("s.xlsx").read(header_row=0).rows() == [("z",)]
    texts = "<sst uniqueCount='4000000000'><si><t>z</t></si></sst>"
    forged(files / "d.xlsx", files / "s.xlsx", "xl/sharedStrings.xml", texts)
    with pytest.raises(DataError, match=r"sharedStrings\.xml claims 4,000,000,000 entries"):
        excel("s.xlsx").read(header_row=0)


def test_cells_that_are_only_formatted_take_no_memory(excel, files):
    write(files / "t.xlsx", ["a"], [1])
    rows = '<row r="1"><c r="A1"><v>7</v></c></row><row r="9"><c r="XFD1048576" s="0"/></row>'
    forged(files / "t.xlsx", files / "f.xlsx", "xl/worksheets/sheet1.xml", BARE.format(rows))
    assert excel("f.xlsx").read(header_row=0).rows() == [(7,)]


def test_cells_that_do_not_say_where_they_are_are_read(excel, files):
    write(files / "t.xlsx", ["a"], [1])
    rows = "".join(f"<row><c><v>{n}</v></c><c><v>2</v></c></row>" for n in range(40_000))
    forged(files / "t.xlsx", files / "bare.xlsx", "xl/worksheets/sheet1.xml", BARE.format(rows))
    assert excel("bare.xlsx").read(header_row=0).height == 40_000


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("t.xlsx", b"", "not a sound workbook"),
        ("t.xlsx", b"PK\x03\x04 nothing else", "not a sound workbook"),
        ("t.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000), "locked with a password"),
        ("t.xls", b"no workbook at all", "not a sound workbook"),
        ("t.ods", b"no workbook at all", "not a sound workbook"),
    ],
)
def test_a_broken_or_locked_workbook_says_so(excel, files, name, content, reason):
    (files / name).write_bytes(content)
    with pytest.raises(DataError, match=reason):
        excel(name).read()


def test_a_workbook_that_was_cut_says_so(excel, files):
    write(files / "t.xlsx", ["a"], *([n] for n in range(1000)))
    whole = (files / "t.xlsx").read_bytes()
    for part in (10, 100, len(whole) // 2, len(whole) - 10):
        (files / "t.xlsx").write_bytes(whole[:part])
        with pytest.raises(DataError, match=r"t\.xlsx"):
            excel("t.xlsx").read()


def ods(path, rows):
    """Write a sheet of the OpenDocument format."""
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    table = office.replace("office:1.0", "table:1.0")
    text = office.replace("office:1.0", "text:1.0")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{office}" xmlns:table="{table}" '
            f'xmlns:text="{text}"><office:body><office:spreadsheet><table:table '
            f'table:name="S">{rows}</table:table></office:spreadsheet></office:body>'
            "</office:document-content>",
        )
        archive.writestr("META-INF/manifest.xml", "<manifest/>")


ODS_CELL = '<table:table-cell office:value-type="{}" {}><text:p>{}</text:p></table:table-cell>'


def test_open_document_sheets_are_read(excel, files):
    names = ODS_CELL.format("string", "", "n") + ODS_CELL.format("string", "", "d")
    cells = ODS_CELL.format("float", 'office:value="1.5"', "1.5")
    cells += ODS_CELL.format("date", 'office:date-value="2026-01-02"', "2 Jan")
    rows = "".join(f"<table:table-row>{row}</table:table-row>" for row in (names, cells))
    ods(files / "t.ods", rows)
    read = excel("t.ods").read()
    assert read.columns == ["n", "d"]
    assert read["n"].to_list() == [1.5]
    assert "2026-01-02" in str(read["d"][0])


def test_an_open_document_bomb_of_repeated_cells_is_refused(excel, files):
    cell = ODS_CELL.format("float", 'office:value="1" table:number-columns-repeated="16000"', "1")
    row = f'<table:table-row table:number-rows-repeated="9999">{cell}</table:table-row>'
    ods(files / "t.ods", row)
    with pytest.raises(DataError, match=r"places in content\.xml"):
        excel("t.ods").read()

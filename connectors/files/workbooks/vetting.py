"""What a workbook must be before its cells are parsed: unlocked, and no larger than memory allows.

A few kilobytes can unpack to gigabytes, or name one cell at the far corner of a sheet that the
parser then makes room for; so everything is counted first, as it is and not as it is declared.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from connectors.errors import DataError
from connectors.files.streams import CHUNK_BYTES, File

# How the older binary format begins, and with it whatever is locked with a password.
COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
# Parsed cells take about twice the room of their XML, each place of a sheet 32 bytes.
XML_SHARE, PLACE_BYTES = 2, 64
# A cell as all common programs write it, and whatever is a cell and written otherwise.
USUAL_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')
UNUSUAL_CELL = re.compile(rb'<c(?! r="[A-Z]{1,3}\d{1,7}"|[a-zA-Z])|:c(?![a-zA-Z])')
PLACE = rb"""\sr\s*=\s*["']"""
CELL = re.compile(
    rb"""<(?:[^\s<>/:]+:)?c(?=\s)[^>]*?""" + PLACE + rb"""([A-Za-z]*)(\d*)[^>]*(?<!/)>"""
)
BARE_CELL = re.compile(rb"<(?:[^\s<>/:]+:)?c(?![^>]*\sr\s*=)(?:\s[^>]*)?(?<!/)>")
ROW = re.compile(rb"<(?:[^\s<>/:]+:)?row(?=\s)[^>]*?" + PLACE + rb"(\d+)")
# How many shared texts a workbook claims; the parser makes room for them before it looks.
CLAIM = re.compile(rb"""\buniqueCount\s*=\s*["'](\d+)""")
TEXT_BYTES = 5
ODS_ROW = re.compile(rb"<table:table-row\b([^>]*)>(.*?)</table:table-row>", re.DOTALL)
ODS_VALUE = re.compile(rb"<table:table-cell\b([^>]*office:value-type[^>]*)>")
LONGEST_TAG = 1 << 16
REPEATED = re.compile(rb'number-(?:rows|columns)-repeated="(\d+)"')


def vet(file: File, suffix: str, memory: int) -> None:
    """Raise DataError for a workbook that is locked, broken or too large for `memory` bytes."""
    with open(file.url, "rb") as stream:  # noqa: PTH123 -- the one open() of a plain file
        is_compound = stream.read(len(COMPOUND)) == COMPOUND
    if suffix == ".xls":
        if file.size > memory // XML_SHARE:
            raise _too_large(file, f"{file.size:,} bytes", f"{memory // XML_SHARE:,} bytes")
        return
    if is_compound:
        raise DataError(
            f"{file.shown} is locked with a password, or is an old .xls under another name; "
            "save it without a password as .xlsx"
        )
    try:
        with zipfile.ZipFile(file.url) as archive:
            _vet_archive(file, archive, memory)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise broken(file, error) from None


def broken(file: File, error: object) -> DataError:
    """Return what to tell about a workbook that does not open."""
    first = str(error).splitlines()[0].removeprefix("calamine error: ") if str(error) else "empty"
    return DataError(f"{file.shown} is not a sound workbook: {first}")


def _vet_archive(file: File, archive: zipfile.ZipFile, memory: int) -> None:
    limit, total = memory // XML_SHARE, 0
    for info in archive.infolist():
        extent = _Extent(is_exact=False)
        for chunk in _unpacked(archive, info):
            total += len(chunk)
            if total > limit:
                raise _too_large(file, f"more than {limit:,} bytes unpacked", f"{limit:,} bytes")
            # A sheet may be called anything.
            extent.see(chunk)
        if extent.claimed * TEXT_BYTES > extent.size:
            raise DataError(
                f"{file.shown} is not a sound workbook: {info.filename} claims {extent.claimed:,} "
                f"entries and has {extent.size:,} bytes"
            )
        places = extent.places
        if places > memory // PLACE_BYTES:
            # Cells that are only formatted do not count, which takes a closer look.
            places = _exact_places(archive, info)
        if info.filename == "content.xml":
            places = max(places, _ods_places(archive.read(info)))
        if places > memory // PLACE_BYTES:
            raise _too_large(
                file, f"{places:,} places in {info.filename}", f"{memory // PLACE_BYTES:,}"
            )


def _exact_places(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> int:
    extent = _Extent(is_exact=True)
    for chunk in _unpacked(archive, info):
        extent.see(chunk)
    return extent.places


def _too_large(file: File, found: str, limit: str) -> DataError:
    return DataError(
        f"{file.shown} is too large to be read at once: {found}, and the limit is {limit}. Split "
        "it, save it as CSV, or let runs have more memory (RUN_MEMORY_MB)"
    )


class _Extent:
    """The corner of a sheet up to which its cells reach, from chunks of its XML.

    Unless it is exact, cells without a value count too where every cell is written as usual.
    """

    def __init__(self, *, is_exact: bool) -> None:
        self.row = self.column = self.size = self.claimed = 0
        self._is_exact = is_exact
        self._bare = 0
        self._rest = b""

    @property
    def places(self) -> int:
        return self.row * self.column

    def see(self, chunk: bytes) -> None:
        """Look at the next piece; a tag that is cut in two is looked at with the piece after it."""
        self.size += len(chunk)
        text = self._rest + chunk
        cut = text.rfind(b"<")
        self._rest = text[cut:][:LONGEST_TAG]
        text = text[:cut]
        if b"uniqueCount" in text:
            self.claimed = max([self.claimed, *map(_row_of, CLAIM.findall(text))])
        found = [] if self._is_exact else USUAL_CELL.findall(text)
        # Counting is quick; only what begins like a cell and is none takes a closer look.
        is_quick = text.count(b"<c") == len(found) and b":c" not in text
        is_usual = not self._is_exact and (is_quick or not UNUSUAL_CELL.search(text))
        for column, row in set(found if is_usual else CELL.findall(text)):
            self.row = max(self.row, _row_of(row))
            self.column = max(self.column, _number_of(column))
        if not is_usual:
            self._see_bare(text)

    def _see_bare(self, text: bytes) -> None:
        """Count cells that do not say where they are: each stands right of the one before."""
        if not BARE_CELL.search(text):
            return
        first, *others = text.split(b"row ")
        self._bare += len(BARE_CELL.findall(first))
        self.column = max(self.column, self._bare)
        for row in others:
            self._bare = len(BARE_CELL.findall(row))
            self.column = max(self.column, self._bare)
        self.row = max([self.row + len(others), *(_row_of(row) for row in ROW.findall(text))])


def _row_of(digits: bytes) -> int:
    return int(digits.lstrip(b"0")[:12] or 0)


def _number_of(letters: bytes) -> int:
    number = 0
    for letter in letters[:12].upper():
        number = number * 26 + letter - 64
    return number


def _ods_places(content: bytes) -> int:
    """Return how many places repeated rows and cells with values stand for."""
    places = 0
    for attributes, cells in ODS_ROW.findall(content):
        width = sum(_times(cell) for cell in ODS_VALUE.findall(cells))
        places += width * _times(attributes)
    return places


def _times(attributes: bytes) -> int:
    found = REPEATED.search(attributes)
    return int(found[1]) if found else 1


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield what a member really unpacks to, whatever its entry declares."""
    stream = archive.fp
    assert stream is not None
    if info.flag_bits & 1:
        raise zipfile.BadZipFile("it is locked with a password; save it without one")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile("it is packed in a way that no spreadsheet program uses")
    stream.seek(info.header_offset)
    head = stream.read(30)
    if len(head) < 30 or head[:4] != b"PK\3\4":
        raise zipfile.BadZipFile("a member is not where the archive says")
    stream.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), 1)
    packed = _pieces(stream, info.compress_size)
    yield from packed if info.compress_type == zipfile.ZIP_STORED else _inflated(packed)


def _pieces(stream: IO[bytes], left: int) -> Iterator[bytes]:
    while left > 0 and (piece := stream.read(min(left, CHUNK_BYTES))):
        left -= len(piece)
        yield piece


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    for piece in pieces:
        held = piece
        while held and not inflating.eof:
            yield inflating.decompress(held, CHUNK_BYTES)
            held = inflating.unconsumed_tail

"""Workbooks of the older binary format, byte by byte, because nothing here writes them."""

import struct

SECTOR = 512
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def record(kind, body=b""):
    """Return one record."""
    return struct.pack("<HH", kind, len(body)) + body


def text(value):
    """Return a text of the shared table."""
    return struct.pack("<HB", len(value), 0) + value.encode("latin-1")


def xls(*rows, texts=None):
    """Return a workbook with one sheet `Old`; `texts` is how many the shared table claims."""
    shared = [value for row in rows for value in row if isinstance(value, str)]
    claimed = len(shared) if texts is None else texts
    table = struct.pack("<II", claimed, claimed) + b"".join(map(text, shared))
    begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0x06))
    tail = record(0x00FC, table) + record(0x000A)
    place = len(begin) + len(record(0x0085, bytes(8 + 3))) + len(tail)
    sheet = record(0x0085, struct.pack("<IHBB", place, 0, 3, 0) + b"Old")
    cells, used = b"", 0
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            head = struct.pack("<HHH", number, column, 0)
            if isinstance(value, str):
                cells += record(0x00FD, head + struct.pack("<I", used))
                used += 1
            else:
                cells += record(0x0203, head + struct.pack("<d", value))
    page = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0x06))
    return compound(begin + sheet + tail + page + cells + record(0x000A))


def compound(stream):
    """Return a compound file with one stream `Workbook`."""
    sectors = max(8, -(-len(stream) // SECTOR))
    chain = [FAT, END, *range(3, sectors + 2), END]
    table = struct.pack(f"<{SECTOR // 4}I", *chain, *[FREE] * (SECTOR // 4 - len(chain)))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0)
    header += struct.pack("<109I", 0, *[FREE] * 108)
    root = entry("Root Entry", 5, child=1, start=END, size=0)
    folder = root + entry("Workbook", 2, child=FREE, start=2, size=sectors * SECTOR)
    return header + table + folder.ljust(SECTOR, b"\0") + stream.ljust(sectors * SECTOR, b"\0")


def entry(name, kind, *, child, start, size):
    """Return an entry of the folder."""
    raw = name.encode("utf-16-le") + b"\0\0"
    head = raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw), kind, 1, FREE, FREE, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)

"""The cells of a workbook, read from its XML."""

import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl

from tests.types.canon import Nanoseconds

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
MILLISECONDS = 86_400_000
# Days from the first one of sheets to 1970.
EPOCH = 25_569


def cells(path: Path) -> dict[str, list[tuple[str, str] | None]]:
    """Return kind and text of the cells of each column, None where there is none."""
    with zipfile.ZipFile(path) as archive:
        rows = ET.fromstring(archive.read("xl/worksheets/sheet1.xml")).iter(f"{MAIN}row")
    found = [{re.sub(r"\d", "", cell.get("r", "")): _cell(cell) for cell in row} for row in rows]
    header, *below = found
    return {held[1]: [row.get(place) for row in below] for place, held in header.items() if held}


def meaning(cell: tuple[str, str] | None, dtype: pl.DataType) -> Any:
    """Return what a cell says; a number is a moment in a column of moments."""
    if cell is None or cell[0] != "n":
        return None if cell is None else cell[1]
    if not dtype.is_temporal():
        return Decimal(cell[1])
    count = round(Decimal(cell[1]) * MILLISECONDS)
    if dtype == pl.Time:
        return Nanoseconds(count * 10**6)
    since = count - EPOCH * MILLISECONDS
    return since // MILLISECONDS if dtype == pl.Date else Nanoseconds(since * 10**6)


def _cell(cell: ET.Element) -> tuple[str, str] | None:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        text = "".join(part.text or "" for part in cell.iter(f"{MAIN}t"))
        return "s", ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
    value = cell.find(f"{MAIN}v")
    if value is None or value.text is None:
        return None
    return kind, {"0": "false", "1": "true"}[value.text] if kind == "b" else value.text

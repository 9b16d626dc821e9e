"""Cells of a workbook, as xlsxwriter writes them; a number is a moment by its format."""

import polars as pl

from tests.types.cases import Case

# Kind and value of the cell, its format, what it is read as, and what that means.
CELLS = [
    ("number", 12, "", pl.Int64(), 12),
    ("number", -(2**53) + 1, "", pl.Int64(), -(2**53) + 1),
    ("number", 0.1, "", pl.Float64(), 0.1),
    ("boolean", True, "", pl.Boolean(), True),
    ("string", "é 😀\n", "", pl.String(), "é 😀\n"),
    ("string", "007", "", pl.String(), "007"),
    ("string", "12345678901234567890.5", "", pl.String(), "12345678901234567890.5"),
    ("string", "x" * 32_767, "", pl.String(), "x" * 32_767),
    ("number", 45351, "yyyy-mm-dd", pl.Date(), "2024-02-29"),
    ("number", 2958465, "yyyy-mm-dd", pl.Date(), "9999-12-31"),
    ("number", 45351.5, "yyyy-mm-dd hh:mm", pl.Datetime("ms"), "2024-02-29 12:00:00"),
    ("number", 0.25, "hh:mm:ss", pl.Time(), "06:00:00"),
]
CASES = [
    Case(f"{kind} {shown}".strip(), repr(held), dtype, value)
    for kind, held, shown, dtype, value in CELLS
]

"""Workbooks of spreadsheet programs: vetted, read sheet by sheet, written cell by cell."""

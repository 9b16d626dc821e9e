"""Workbooks as other programs write them."""

import datetime as dt

import xlsxwriter


def write(path, *rows, sheet="Data", first=0, **more):
    """Write rows of cells, and other sheets by name; None leaves a cell out."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        span = book.add_format({"num_format": "[h]:mm"})
        for name, cells in {sheet: rows, **more}.items():
            page = book.add_worksheet(name)
            for row, values in enumerate(cells, start=first):
                for column, value in enumerate(values):
                    put(page, row, column, value, span)


def put(page, row, column, value, span):
    """Write one cell, texts as they are."""
    if value == "#N/A":
        page.write_formula(row, column, "=NA()", None, value)
    elif isinstance(value, str):
        page.write_string(row, column, value)
    elif isinstance(value, dt.timedelta):
        page.write_datetime(row, column, value, span)
    elif value is not None:
        page.write(row, column, value)

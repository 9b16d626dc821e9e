"""Columns of text on their way to the types that Polars' CSV reader does not make exactly."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connectors.files.types import Conversion, conversion

if TYPE_CHECKING:
    import polars as pl


class Converting:
    """How the columns of one schema become what they are."""

    def __init__(self, schema: Mapping[str, "pl.DataType"], *, is_comma_decimal: bool) -> None:
        """Find the columns that are read as text first."""
        found = {name: conversion(dtype) for name, dtype in schema.items()}
        self._schema, self._is_comma_decimal = schema, is_comma_decimal
        self.columns: dict[str, Conversion] = {
            name: convert for name, convert in found.items() if convert is not None
        }

    def convert(self, rows: "pl.DataFrame") -> "pl.DataFrame":
        """Return the rows with their types; what does not fit is null."""
        import polars as pl

        return rows.with_columns(
            convert(self._prepared(pl.col(name), name)).alias(name)
            for name, convert in self.columns.items()
            if name in rows.columns
        )

    def _prepared(self, text: "pl.Expr", name: str) -> "pl.Expr":
        import polars as pl

        if self._is_comma_decimal and isinstance(self._schema[name], pl.Decimal):
            return text.str.replace(",", ".", literal=True)
        return text


def lost(done: "pl.Series", text: "pl.Series") -> "pl.Series":
    """Return where a value became null that was none; an empty text is one."""
    return done.is_null() & text.is_not_null() & (text != "")

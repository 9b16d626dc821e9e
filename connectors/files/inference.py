"""The type of a column of text, from a sample, so that no value of the sample changes.

`007` and `+5` stay text, integers beyond 64 bits become decimals, integers beyond 38 digits text.
Numbers with a fraction or an exponent become 64-bit floats, unless the digits could not be kept.
"""

from typing import TYPE_CHECKING

from connectors.files.types import conversion, parse_type

if TYPE_CHECKING:
    import polars as pl

INTEGER = r"^(0|-?[1-9][0-9]*)$"
NUMBER = r"^-?(0|[1-9][0-9]*)?(\.[0-9]*)?([eE][+-]?[0-9]+)?$"
# What is not a number has no digit at all.
WORD = r"^(NaN|nan|-?inf|-?Infinity)$"
TRUTH = r"^(true|false|True|False|TRUE|FALSE)$"
# A float of 64 bits keeps every number of 15 digits and never needs more than 17.
FLOAT_DIGITS = 17
EXACT_INTEGER = 2**53
TEMPORAL = (
    (r"^\d{4}-\d{2}-\d{2}$", "date"),
    (r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$", "datetime[us]"),
    (r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?$", "datetime[ns]"),
    (
        r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:?\d{2})$",
        "datetime[us,UTC]",
    ),
    (
        r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})$",
        "datetime[ns,UTC]",
    ),
    (r"^\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?$", "time"),
)


def infer(
    values: "pl.Series", *, is_comma_decimal: bool = False, with_dates: bool = False
) -> "pl.DataType":
    """Return the narrowest type that holds all of these texts as they are."""
    import polars as pl

    texts = values.drop_nulls()
    texts = texts.filter(texts != "")
    if texts.is_empty():
        return pl.String()
    if _all(texts, INTEGER):
        return _integer(texts)
    if _all(texts, TRUTH):
        return pl.Boolean()
    plain = texts.str.replace(",", ".", literal=True) if is_comma_decimal else texts
    mixed = is_comma_decimal and texts.str.contains(".", literal=True).any()
    if not mixed and _is_float(plain):
        return pl.Float64()
    return (_temporal(texts) if with_dates else None) or pl.String()


def _all(texts: "pl.Series", pattern: str) -> bool:
    return bool(texts.str.contains(pattern).all())


def _integer(texts: "pl.Series") -> "pl.DataType":
    import polars as pl

    if texts.cast(pl.Int64, strict=False).null_count() == 0:
        return pl.Int64()
    digits = texts.str.strip_chars_start("-").str.len_chars().max()
    return pl.Decimal(38, 0) if int(str(digits)) <= 38 else pl.String()


def _is_float(texts: "pl.Series") -> bool:
    import polars as pl

    words = texts.str.contains(WORD)
    numbers = texts.filter(~words)
    if numbers.is_empty() or not _all(numbers, NUMBER) or not _all(numbers, "[0-9]"):
        return False
    floats = numbers.cast(pl.Float64, strict=False)
    if floats.null_count() or not floats.is_finite().all():
        return False
    whole = numbers.str.contains(INTEGER)
    if (floats.filter(whole).abs() >= EXACT_INTEGER).any():
        return False
    # Only what is written without an exponent is meant digit by digit.
    fixed = numbers.filter(~whole & ~numbers.str.contains("[eE]"))
    digits = fixed.str.replace_all(r"[-.]", "").str.strip_chars_start("0").str.strip_chars_end("0")
    return not (digits.str.len_chars() > FLOAT_DIGITS).any()


def _temporal(texts: "pl.Series") -> "pl.DataType | None":
    """Return a type of ISO dates or times that converts every one of these texts."""
    import polars as pl

    for pattern, name in TEMPORAL:
        if not _all(texts, pattern):
            continue
        dtype = parse_type(name, texts.name)
        found = conversion(dtype)
        assert found is not None
        converted = texts.to_frame("").select(found(pl.col(""))).to_series()
        return dtype if converted.null_count() == 0 else None
    return None

"""Rows on which the example of every transformer works: for the docs, and for the suites."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


def sample() -> "pl.DataFrame":
    """Return five orders, with a missing value, a doubled row but for its id, and a blank name."""
    import polars as pl

    text = {
        "id": ["1", "2", "3", "4", "5"],
        "customer": [" Asha", "Björn", "Chen", "Devi", "Devi"],
        "country": ["India", "Sweden", None, "India", "India"],
        "email": ["asha@example.org", "bjorn@example.se", None, "devi@example.org", ""],
        "price": ["19.90", "5.00", "120.00", "7.25", "7.25"],
        "quantity": ["2", "10", None, "4", "4"],
        "weight": ["0.5", "1.25", "NaN", None, "3.0"],
        "ordered": ["05.01.2026", "17.02.2026", "2026-03-01", None, "28.02.2026"],
        "paid_at": ["2026-01-05T08:30", "2026-02-18T12:00", None, "2026-03-02T23:59", None],
    }
    return pl.DataFrame(text).with_columns(
        pl.col("id", "quantity").cast(pl.Int64),
        pl.col("price").cast(pl.Decimal(10, 2)),
        pl.col("weight").cast(pl.Float64),
        pl.col("paid_at").str.to_datetime("%Y-%m-%dT%H:%M", time_unit="us", time_zone="UTC"),
    )

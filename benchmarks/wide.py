"""Rows of 61 columns: a number, 10 big and 15 small integers, 15 floats, 12 texts, 4 times, 4 flags."""

import polars as pl

from benchmarks.lineitem import WORDS, draw, pick

CHUNK = 250_000
# One row in ten lacks the value of a float or a text.
GAP = 10


def rows(first: int, count: int) -> pl.DataFrame:
    """Return rows number `first` and following."""
    columns = {f"big_{n}": draw(n, -(10**15), 10**15) for n in range(10)}
    columns |= {f"int_{n}": draw(20 + n, -(10**6), 10**6) for n in range(15)}
    columns |= {f"float_{n}": _with_gaps(40 + n, _float(40 + n)) for n in range(15)}
    columns |= {f"text_{n}": _with_gaps(60 + n, _text(60 + n)) for n in range(12)}
    columns |= {
        f"time_{n}": pl.datetime(2020, 1, 1) + pl.duration(microseconds=draw(80 + n, 0, 10**14))
        for n in range(4)
    }
    columns |= {f"flag_{n}": draw(90 + n, 0, 1) == 1 for n in range(4)}
    return pl.select(id=pl.int_range(first, first + count)).with_columns(**columns)


def _float(seed: int) -> pl.Expr:
    return draw(seed, -(10**9), 10**9) / 1_000


def _text(seed: int) -> pl.Expr:
    return pl.concat_str([pick(seed, WORDS), pick(seed + 100, WORDS)], separator=" ")


def _with_gaps(seed: int, value: pl.Expr) -> pl.Expr:
    return pl.when(draw(seed + 200, 1, GAP) > 1).then(value)


def columns() -> str:
    """Return the columns of a PostgreSQL table that holds such rows."""
    kinds = {"Int64": "bigint", "Float64": "double precision", "String": "varchar"}
    kinds |= {"Boolean": "boolean", "Datetime(time_unit='us', time_zone=None)": "timestamp"}
    schema = rows(0, 1).schema
    return ", ".join(
        f"{name} {'integer' if name.startswith('int_') else kinds[str(dtype)]}"
        for name, dtype in schema.items()
    )

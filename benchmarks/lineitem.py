"""Rows of the shape of TPC-H's lineitem: 16 columns, made anew from a seed, same every time."""

from pathlib import Path

import polars as pl

CHUNK = 500_000
INSTRUCTIONS = ("DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN")
MODES = ("REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB")
WORDS = (
    "furiously", "carefully", "quickly", "blithely", "slyly", "regular", "final", "ironic", "even",
    "bold", "silent", "pending", "express", "special", "deposits", "packages", "requests",
    "accounts", "theodolites", "foxes", "pinto beans", "instructions", "dependencies", "platelets",
)  # fmt: skip


def draw(seed: int, low: int, high: int) -> pl.Expr:
    """Return an integer between `low` and `high`, both included, for each row id."""
    return (pl.col("id").hash(seed) % (high - low + 1)).cast(pl.Int64) + low


def pick(seed: int, words: tuple[str, ...]) -> pl.Expr:
    """Return one of `words` for each row id."""
    return pl.lit(pl.Series(words)).gather(draw(seed, 0, len(words) - 1))


def cents(expression: pl.Expr) -> pl.Expr:
    """Return whole cents as an exact decimal(15, 2)."""
    return (expression.cast(pl.Decimal(15, 0)) / pl.lit(100).cast(pl.Decimal(15, 0))).cast(
        pl.Decimal(15, 2)
    )


def rows(first: int, count: int) -> pl.DataFrame:
    """Return rows number `first` and following."""
    shipped = pl.date(1992, 1, 2) + pl.duration(days=draw(9, 0, 2_525))
    comment = pl.concat_str([pick(seed, WORDS) for seed in (20, 21, 22, 23)], separator=" ")
    return pl.select(id=pl.int_range(first, first + count)).select(
        l_orderkey=pl.col("id") // 4 + 1,
        l_partkey=draw(1, 1, 200_000),
        l_suppkey=draw(2, 1, 10_000),
        l_linenumber=pl.col("id") % 4 + 1,
        l_quantity=cents(draw(3, 1, 50) * 100),
        l_extendedprice=cents(draw(4, 90_000, 10_500_000)),
        l_discount=cents(draw(5, 0, 10)),
        l_tax=cents(draw(6, 0, 8)),
        l_returnflag=pick(7, ("R", "A", "N")),
        l_linestatus=pick(8, ("O", "F")),
        l_shipdate=shipped,
        l_commitdate=shipped + pl.duration(days=draw(10, -60, 60)),
        l_receiptdate=shipped + pl.duration(days=draw(11, 1, 30)),
        l_shipinstruct=pick(12, INSTRUCTIONS),
        l_shipmode=pick(13, MODES),
        l_comment=comment,
    )


def write_parquet(path: Path, count: int) -> Path:
    """Write `count` rows to `path`, unless a file of an earlier call is there."""
    if not path.exists():
        draft = path.with_suffix(".new")
        chunks = [rows(first, min(CHUNK, count - first)).lazy() for first in range(0, count, CHUNK)]
        pl.concat(chunks).sink_parquet(draft)
        draft.replace(path)
    return path


def write_csv(path: Path, count: int) -> Path:
    """Write `count` rows to `path`, unless a file of an earlier call is there."""
    if not path.exists():
        draft = path.with_suffix(".new")
        with draft.open("wb") as file:
            for first in range(0, count, CHUNK):
                chunk = rows(first, min(CHUNK, count - first))
                chunk.write_csv(file, include_header=first == 0)
        draft.replace(path)
    return path

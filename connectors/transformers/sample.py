"""Keep some rows by chance, and the same ones each time."""

from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import AliasChoices, Field, model_validator

from connectors.base import Options
from connectors.shaping import Reshaping
from connectors.shaping.engines import numbered, unused

if TYPE_CHECKING:
    import narwhals as nw

# A prime below 2**31, so that the product of two numbers below it fits 63 bits on every engine.
PRIME = 2**31 - 1
ROUNDS = ((48271, 11), (69621, 1_000_003), (16807, 7919))


class SampleConfig(Options):
    """How many rows, and which chance."""

    fraction: float | None = Field(
        None,
        title="Fraction",
        ge=0,
        le=1,
        description="Each row is kept with this probability; rows flow through.",
    )
    n: int | None = Field(
        None,
        title="Rows",
        ge=0,
        description="Exactly this many rows (or all there are); needs to see all of them first.",
        validation_alias=AliasChoices("n", "count", "size"),
    )
    seed: int = Field(
        0,
        title="Seed",
        ge=0,
        lt=PRIME,
        description="The same seed keeps the same rows of the same input; another one others.",
    )

    @model_validator(mode="after")
    def _say_one_thing(self) -> Self:
        if (self.fraction is None) == (self.n is None):
            raise ValueError("give a fraction, or a number of rows")
        return self


class Sample(Reshaping):
    """Keeps rows by a hash of their place in the input, which stays in its order."""

    name = "sample"
    label = "Sample rows"
    description = "Keeps some of the rows by chance, and the same ones each time."
    aliases = ("sample_rows",)
    Config = SampleConfig
    config: SampleConfig
    example: ClassVar[dict[str, Any]] = {"n": 2, "seed": 7}

    def __init__(self, config: SampleConfig) -> None:
        """Keep the configuration; only an exact number needs all rows."""
        super().__init__(config)
        self.blocks = config.n is not None

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return the rows that chance keeps."""
        import narwhals as nw

        place = unused(list(schema))
        drawn = unused([*schema, place])
        dealt = numbered(rows, place).with_columns(
            _start(nw.col(place), self.config.seed).alias(drawn)
        )
        for factor, more in ROUNDS:
            # Step by step, for a number that is named twice in one expression is reckoned twice.
            dealt = dealt.with_columns((nw.col(drawn) * factor + more) % PRIME)
            dealt = dealt.with_columns((nw.col(drawn) * nw.col(drawn) + nw.col(drawn)) % PRIME)
        if self.config.fraction is not None:
            below = round(self.config.fraction * PRIME)
            return dealt.filter(nw.col(drawn) < below).drop(place, drawn)
        first = dealt.sort(drawn, place).head(self.config.n or 0)
        return first.sort(place).drop(place, drawn)


def _start(place: "nw.Expr", seed: int) -> "nw.Expr":
    """Return a number from 0 to PRIME for a row's place, which the seed shifts."""
    return (place % PRIME + place // PRIME * 40_692 + seed * 2 + 1) % PRIME

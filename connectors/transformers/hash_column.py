"""Put a digest in the place of values."""

import hashlib
import hmac
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import AliasChoices, Field

from connectors.base import Options
from connectors.columns import demand_type, is_plain
from connectors.shaping import Names, Reshaping
from connectors.texts import text_of

if TYPE_CHECKING:
    import narwhals as nw
    import polars as pl


class HashColumnConfig(Options):
    """Which columns, and which digest."""

    columns: Names = Field(
        title="Columns", min_length=1, validation_alias=AliasChoices("columns", "column")
    )
    algorithm: Literal["sha256", "sha512", "sha1", "md5"] = Field("sha256", title="Algorithm")
    salt: str = Field(
        "",
        title="Salt",
        description="With it the digest is an HMAC, so that nobody without it can try out values. "
        "It is stored with the step as it is: whoever may read the step may read it.",
        validation_alias=AliasChoices("salt", "pepper"),
    )


class HashColumn(Reshaping):
    """Replaces values by the hex digest of their text in UTF-8; a missing one stays missing.

    Neither narwhals nor Polars has such digests, so a batch at a time goes through Python.
    """

    name = "hash_column"
    label = "Hash values"
    description = "Puts a digest in the place of values, so that equal ones stay equal."
    aliases = ("hash", "pseudonymize")
    Config = HashColumnConfig
    config: HashColumnConfig
    engines = frozenset({"polars"})
    example: ClassVar[dict[str, Any]] = {"columns": ["email"], "algorithm": "md5", "salt": "pepper"}

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return the rows with digests of these columns."""
        import narwhals as nw
        import polars as pl

        demand_type(self.config.columns, schema, is_plain, "single values")
        native: Any = nw.to_native(rows)
        held = native.collect_schema()
        digested = _digested(self.config.algorithm, self.config.salt)
        made = [
            text_of(pl.col(name), held[name])
            .map_batches(digested, return_dtype=pl.String(), is_elementwise=True)
            .alias(name)
            for name in self.config.columns
        ]
        found: nw.LazyFrame[Any] = nw.from_native(native.with_columns(made))
        return found


def _digested(algorithm: str, salt: str) -> Callable[["pl.Series"], "pl.Series"]:
    """Return what makes a digest of each text of a batch."""
    key = salt.encode()

    def digest(text: str) -> str:
        if key:
            return hmac.digest(key, text.encode(), algorithm).hex()
        # What a person chooses who wants equal values to stay equal; nothing rests on it here.
        return hashlib.new(algorithm, text.encode(), usedforsecurity=False).hexdigest()

    def digested(batch: "pl.Series") -> "pl.Series":
        import polars as pl

        made = [None if text is None else digest(text) for text in batch.to_list()]
        return pl.Series(batch.name, made, dtype=pl.String())

    return digested

"""The settings of sources that read folders of one format, wherever they lie."""

from typing import Any, Literal, Self, get_args

from pydantic import AliasChoices, Field, model_validator

from connectors import registry
from connectors.base import Settings
from connectors.configuration import validate
from connectors.errors import ConfigError

Format = Literal["csv", "json", "parquet", "excel"]
FORMATS = get_args(Format)
# What the options of a stream say, so that those of a format do not.
OF_STREAMS = frozenset({"table", "columns", "cursor"})
# Olake's own words: what they mean here, or that they need not be said.
RENAMED = {"quote_character": "quote"}
NEEDLESS = frozenset({"line_delimited", "streaming_enabled"})


def suffixes_of(format: str) -> tuple[str, ...]:
    """Return what the names of such files end in."""
    found: tuple[str, ...] = getattr(registry.source(format), "suffixes", ())
    return found


def options_field(title: str, example: str) -> dict[str, Any]:
    """Return the field of one format's options."""
    name = title.lower()
    found: dict[str, Any] = Field(
        {},
        title=f"{title} options",
        description=f"As the {name} connector takes them, such as {example}.",
        validation_alias=AliasChoices(f"{name}_options", name),
    )
    return found


class FormatSettings(Settings):
    """Which files are read, and how."""

    format: Format = Field(
        title="Format", validation_alias=AliasChoices("format", "file_format", "file_type")
    )
    file_pattern: str | None = Field(
        None,
        title="File pattern",
        max_length=1000,
        description="A regular expression that a file's path below the root must contain; "
        "without one, files count whose names end as the format's do.",
    )
    compression: Literal["auto", "none", "gzip", "zstd", "bz2", "zip"] = Field(
        "auto", title="Compression", description="Of files whose names do not say it."
    )
    csv_options: dict[str, Any] = options_field("CSV", '{"delimiter": ";"}')
    json_options: dict[str, Any] = options_field("JSON", '{"types": {"id": "integer"}}')
    parquet_options: dict[str, Any] = options_field("Parquet", '{"hive_partitioning": true}')
    excel_options: dict[str, Any] = options_field("Excel", '{"sheet": "2026"}')

    @model_validator(mode="after")
    def _require_known_options(self) -> Self:
        try:
            validate(registry.source(self.format).ReadOptions, self.format_options())
        except ConfigError as error:
            raise ValueError(f"{self.format}: {error.message}") from None
        self.demand_pattern()
        return self

    def format_options(self) -> dict[str, Any]:
        """Return the options of the chosen format, in its connector's words."""
        given: dict[str, Any] = getattr(self, f"{self.format}_options")
        if closed := sorted(OF_STREAMS & given.keys()):
            raise ConfigError(f"{closed[0]!r} is said by each stream, not here")
        return {RENAMED.get(name, name): given[name] for name in given if name not in NEEDLESS}

    def demand_pattern(self) -> None:
        """Raise ValueError for a pattern that cannot be read."""
        import polars as pl
        from polars.exceptions import ComputeError

        try:
            pl.Series([""]).str.contains(self.file_pattern or "")
        except ComputeError as error:
            first = str(error).strip().splitlines()[-1]
            raise ValueError(f"`file_pattern` is not a regular expression: {first}") from None

"""Read dates and times out of texts."""

import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, model_validator

from connectors.base import Options
from connectors.columns import demand_type, is_text
from connectors.shaping import Names, Reshaping
from connectors.shaping.checking import checked

if TYPE_CHECKING:
    import narwhals as nw
    import polars as pl

DIRECTIVE = re.compile(r"%(?:\.?[369]?f|[-_0]?[a-zA-Z]|#z|:z|%)")
READ = frozenset("YymdebBhHIMSfpPzZjaATFDRTs%")
CLOCK = re.compile(r"%[-_0]?[HIMSTRs]")
ZONED = re.compile(r"%[#:]?z")


def _require_readable(formats: tuple[str, ...]) -> tuple[str, ...]:
    for one in formats:
        for sign in re.findall(r"%.{0,3}", one):
            if not (found := DIRECTIVE.match(sign)) or found[0][-1] not in READ:
                raise ValueError(f"{sign!r} in {one!r} is unknown; known are %Y %m %d %H %M %S …")
    return formats


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _require_zone(zone: str | None) -> str | None:
    if zone is not None and zone not in available_timezones():
        raise ValueError(f"there is no time zone {zone!r}; say one as Europe/Berlin")
    return zone


class ParseDateConfig(Options):
    """Which columns, how the texts are written, and what they become."""

    columns: Names = Field(
        title="Columns", min_length=1, validation_alias=AliasChoices("columns", "column")
    )
    formats: Annotated[
        tuple[str, ...], BeforeValidator(_listed), AfterValidator(_require_readable)
    ] = Field(
        ("%Y-%m-%d",),
        title="Formats",
        min_length=1,
        max_length=20,
        description="How the texts are written, as %d.%m.%Y or %Y-%m-%d %H:%M:%S; the first one "
        "that fits a text counts.",
        validation_alias=AliasChoices("formats", "format"),
    )
    to: Literal["date", "datetime"] = Field("date", title="To")
    zone: Annotated[str | None, AfterValidator(_require_zone)] = Field(
        None,
        title="Time zone",
        description="The zone of the result, and of texts without an offset, as Europe/Berlin. A "
        "time that a clock showed twice there is the earlier one; one that it never showed fits "
        "no format.",
        validation_alias=AliasChoices("zone", "time_zone", "timezone"),
    )
    on_error: Literal["error", "null"] = Field(
        "error",
        title="On error",
        description="What a text becomes that fits no format: the end of the run, or no value.",
    )

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.to == "date" and self.zone is not None:
            raise ValueError("a date has no time zone; leave `zone` out, or set `to` to datetime")
        offsets = {bool(ZONED.search(one)) for one in self.formats}
        if self.to == "datetime" and self.zone is None and offsets == {True, False}:
            raise ValueError("some formats have an offset and some have none; say the `zone`")
        return self


class ParseDate(Reshaping):
    """Reads dates or times in one of several formats; what fits none is told by its text."""

    name = "parse_date"
    label = "Parse dates"
    description = "Turns texts into dates or times."
    aliases = ("parse_dates", "parse_datetime", "to_date")
    Config = ParseDateConfig
    config: ParseDateConfig
    engines = frozenset({"polars"})
    example: ClassVar[dict[str, Any]] = {
        "columns": ["ordered"],
        "formats": ["%d.%m.%Y", "%Y-%m-%d"],
    }

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return the rows with dates or times in place of the texts."""
        import narwhals as nw

        demand_type(self.config.columns, schema, is_text, "text")
        native: Any = nw.to_native(rows)
        made = [self._read(name) for name in self.config.columns]
        found: nw.LazyFrame[Any] = nw.from_native(native.with_columns(made))
        return found

    def _read(self, name: str) -> "pl.Expr":
        import polars as pl

        text = pl.col(name).cast(pl.String).str.strip_chars()
        read = self._date if self.config.to == "date" else self._moment
        dtype = pl.Date() if self.config.to == "date" else pl.Datetime("us", self._zone)
        made = pl.coalesce(read(text, one) for one in self.config.formats)
        wanted = f"{self.config.to} as {' or '.join(self.config.formats)}"
        is_strict = self.config.on_error == "error"
        return checked(name, made, dtype, wanted, is_strict=is_strict)

    @property
    def _zone(self) -> str | None:
        has_offset = any(ZONED.search(one) for one in self.config.formats)
        return self.config.zone or ("UTC" if has_offset else None)

    def _date(self, text: "pl.Expr", form: str) -> "pl.Expr":
        if CLOCK.search(form):
            return text.str.to_datetime(form, time_unit="us", strict=False).dt.date()
        return text.str.to_date(form, strict=False)

    def _moment(self, text: "pl.Expr", form: str) -> "pl.Expr":
        if not CLOCK.search(form):
            # A day alone is its midnight.
            text, form = text + " 00:00", f"{form} %H:%M"
        if ZONED.search(form):
            moment = text.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False)
            return moment.dt.convert_time_zone(self._zone or "UTC")
        naive = text.str.to_datetime(form, time_unit="us", strict=False)
        if self._zone is None:
            return naive
        return naive.dt.replace_time_zone(self._zone, ambiguous="earliest", non_existent="null")

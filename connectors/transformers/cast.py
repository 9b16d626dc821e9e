"""Give columns other types."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, AliasChoices, Field, model_validator

from connectors.base import Options
from connectors.columns import demand
from connectors.errors import ConfigError
from connectors.files.types import name_of, parse_type, parse_types
from connectors.shaping import Reshaping
from connectors.shaping.casting import recast
from connectors.shaping.checking import checked

if TYPE_CHECKING:
    import narwhals as nw


def _require_known(types: dict[str, str]) -> dict[str, str]:
    try:
        parse_types(types)
    except ConfigError as error:
        raise ValueError(error.message) from None
    return types


class CastConfig(Options):
    """Types by column."""

    types: Annotated[dict[str, str], AfterValidator(_require_known)] = Field(
        title="Types",
        min_length=1,
        description="Types by column: text, integer, int32, float, decimal(18, 2), boolean, date, "
        "time, datetime, datetime[us, Europe/Berlin].",
        validation_alias=AliasChoices("types", "columns", "mapping", "schema", "dtypes"),
    )
    on_error: Literal["error", "null"] = Field(
        "error",
        title="On error",
        description="What a value becomes that does not fit: the end of the run, or no value.",
    )

    @model_validator(mode="before")
    @classmethod
    def _translate(cls, value: Any) -> Any:
        """Take one `column` with its `type`, and null itself as what a value becomes."""
        if not isinstance(value, dict):
            return value
        given = dict(value)
        if isinstance(given.get("column"), str):
            spelled = [name for name in ("type", "to", "to_type", "dtype") if name in given]
            if len(spelled) == 1:
                given["types"] = {given.pop("column"): given.pop(spelled[0])}
        if "on_error" in given and given["on_error"] is None:
            given["on_error"] = "null"
        return given


class Cast(Reshaping):
    """Converts values exactly, row by row; a value that does not fit is told by name."""

    name = "cast"
    label = "Change types"
    description = "Gives columns other types, and changes no value on the way."
    aliases = ("cast_column", "convert_type", "convert_types")
    Config = CastConfig
    config: CastConfig
    engines = frozenset({"polars"})
    example: ClassVar[dict[str, Any]] = {"types": {"quantity": "text", "price": "decimal(18, 4)"}}

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return the rows with these columns in their new types."""
        import narwhals as nw

        demand(self.config.types, schema, "types")
        native: Any = nw.to_native(rows)
        held = native.collect_schema()
        made = []
        for name, spelled in self.config.types.items():
            wanted = parse_type(spelled, name)
            is_strict = self.config.on_error == "error"
            converted = recast(name, held[name], wanted)
            made.append(checked(name, converted, wanted, name_of(wanted), is_strict=is_strict))
        found: nw.LazyFrame[Any] = nw.from_native(native.with_columns(made))
        return found

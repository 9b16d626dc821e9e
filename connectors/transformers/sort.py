"""Put rows in order."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import AliasChoices, BeforeValidator, Field, model_validator

from connectors.base import Options
from connectors.columns import demand_type, is_plain
from connectors.shaping import Reshaping, doubled

if TYPE_CHECKING:
    import narwhals as nw


def _columns(value: Any) -> Any:
    """Return each column with its direction, for columns that are written as their names."""
    given = [value] if isinstance(value, str | dict) else value
    if not isinstance(given, list | tuple):
        return given
    return [{"column": one} if isinstance(one, str) else one for one in given]


def _is_descending(value: Any) -> Any:
    return {"asc": False, "ascending": False, "desc": True, "descending": True}.get(value, value)


class Order(Options):
    """One column, and its direction."""

    column: str = Field(title="Column")
    descending: Annotated[bool | None, BeforeValidator(_is_descending)] = Field(
        None,
        title="Descending",
        description="The greatest first.",
        validation_alias=AliasChoices("descending", "order", "direction"),
    )


class SortConfig(Options):
    """By which columns, in which direction."""

    columns: Annotated[tuple[Order, ...], BeforeValidator(_columns)] = Field(
        title="Columns",
        min_length=1,
        description="Columns to sort by, the first one first: names, or column and descending.",
        validation_alias=AliasChoices("columns", "by"),
    )
    descending: tuple[bool, ...] | bool = Field(
        default=False,
        title="Descending",
        description="The greatest first: for all columns, or a list with one word for each.",
    )
    nulls_last: bool = Field(
        default=True,
        title="Missing last",
        description="Rows without a value come after all others.",
    )

    @property
    def directions(self) -> list[bool]:
        """Return for each column whether its greatest value comes first."""
        said = self.descending
        each = said if isinstance(said, tuple) else (said,) * len(self.columns)
        return [
            each[at] if one.descending is None else one.descending
            for at, one in enumerate(self.columns)
        ]

    @model_validator(mode="before")
    @classmethod
    def _translate(cls, value: Any) -> Any:
        """Take `null_position` and `ascending`, which others say."""
        if not isinstance(value, dict):
            return value
        given = dict(value)
        if given.get("null_position") in ("first", "last"):
            given["nulls_last"] = given.pop("null_position") == "last"
        if isinstance(given.get("ascending"), bool):
            given["descending"] = not given.pop("ascending")
        return given

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if (name := doubled(one.column for one in self.columns)) is not None:
            raise ValueError(f"{name!r} is named twice")
        if isinstance(self.descending, tuple) and len(self.descending) != len(self.columns):
            raise ValueError("`descending` needs one word for all columns, or one for each")
        return self


class Sort(Reshaping):
    """Sorts rows; NaN is greater than every number, as in SQL. Equals may come in any order."""

    name = "sort"
    label = "Sort rows"
    description = "Puts the rows in the order of some columns."
    aliases = ("sort_rows", "order_by", "sort-transformer")
    Config = SortConfig
    config: SortConfig
    blocks = True
    example: ClassVar[dict[str, Any]] = {
        "columns": ["country", {"column": "id", "descending": True}],
        "nulls_last": True,
    }

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return the rows in order."""
        names = [one.column for one in self.config.columns]
        demand_type(names, schema, is_plain, "single values")
        return rows.sort(
            names, descending=self.config.directions, nulls_last=self.config.nulls_last
        )

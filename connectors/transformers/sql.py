"""Shape rows by a SELECT over them."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from pydantic import AliasChoices, Field, field_validator

from connectors.base import Options
from connectors.columns import demand_free, known
from connectors.errors import ConfigError
from connectors.shaping import Reshaping
from connectors.shaping.vetting import Query

if TYPE_CHECKING:
    import narwhals as nw


class SqlConfig(Options):
    """The query."""

    query: str = Field(
        title="SQL",
        min_length=1,
        description="One SELECT of DuckDB's dialect over the table `input` (or `self`).",
        validation_alias=AliasChoices("query", "sql"),
        json_schema_extra={"format": "sql"},
    )

    @field_validator("query")
    @classmethod
    def _vet(cls, text: str) -> str:
        try:
            Query(text)
        except ConfigError as error:
            raise ValueError(error.message) from None
        return text


class Sql(Reshaping):
    """Runs a SELECT that sees the rows and nothing else: no file, network, setting, extension."""

    name = "sql"
    label = "SQL"
    description = "Shapes the rows by one SELECT over them."
    aliases = ("sql_transform", "sql-transform-transformer")
    Config = SqlConfig
    config: SqlConfig
    blocks = True
    engines = frozenset({"duckdb"})
    example: ClassVar[dict[str, Any]] = {
        "query": "SELECT country, count(*) AS orders, sum(price * quantity) AS total FROM input "
        "GROUP BY country ORDER BY total DESC"
    }

    @cached_property
    def _query(self) -> Query:
        return Query(self.config.query)

    def reshaped(self, rows: "nw.LazyFrame[Any]", schema: "nw.Schema") -> "nw.LazyFrame[Any]":
        """Return what the query gives."""
        import duckdb
        import narwhals as nw

        relation: Any = nw.to_native(rows)
        # A name of its own: a view that is replaced would change what stands on it.
        view = f"input_{uuid4().hex}"
        try:
            made = relation.query(view, self._query.over(view))
        except duckdb.Error as error:
            text = str(error).partition("\n")[0].replace(view, "input")
            raise ConfigError(f"{text}; the columns are: {known(schema)}", field="query") from None
        demand_free(made.columns, (), "query")
        found: nw.LazyFrame[Any] = nw.from_native(made)
        return found

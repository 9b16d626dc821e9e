"""Names of tables and columns: parsed from what a person wrote, quoted for the database."""

import re
from dataclasses import dataclass

from connectors.errors import ConfigError

# A quoted piece ("" stands for one quote), or a plain one without dots and quotes.
_PIECE = r'(?:"((?:[^"\0]|"")+)"|([^."\0]+))'
_NAME = re.compile(rf"(?:{_PIECE}\.)?{_PIECE}")


def quoted(name: str, quote: str = '"') -> str:
    """Return the identifier in quotes, with the quotes inside of it doubled."""
    if not name or "\0" in name:
        raise ConfigError(f"{name!r} is not a name: it is empty or holds a NUL character")
    return quote + name.replace(quote, quote * 2) + quote


@dataclass(frozen=True)
class TableName:
    """A table, perhaps in a schema; its text form parses back to the same name."""

    table: str
    schema: str | None = None

    def quoted(self, quote: str = '"') -> str:
        """Return the name as SQL."""
        return ".".join(quoted(piece, quote) for piece in self._pieces())

    def __str__(self) -> str:
        return ".".join(
            quoted(piece) if {".", '"'} & set(piece) else piece for piece in self._pieces()
        )

    def _pieces(self) -> tuple[str, ...]:
        return (self.table,) if self.schema is None else (self.schema, self.table)


def parse_table(text: str, schema: str | None = None) -> TableName:
    """Read `table` or `schema.table`; a piece with a dot in it stands in double quotes.

    `schema` is the one that was given in a field of its own.
    """
    found = _NAME.fullmatch(text)
    if found is None:
        raise ConfigError(
            f"{text!r} is not the name of a table; write table or schema.table, and a name with a "
            'dot or quote in it as "my.table"',
            field="table",
        )
    before, table = (
        plain if written is None else written.replace('""', '"')
        for written, plain in (found.group(1, 2), found.group(3, 4))
    )
    if schema is not None and before not in (None, schema):
        raise ConfigError(
            f"{text!r} names another schema than `schema`: {schema!r}", field="schema"
        )
    return TableName(table, before or schema)

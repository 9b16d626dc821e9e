"""What statements say of tables, by name, before it is known what refers to what."""

from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

UPPER, LOWER = frozenset({"snowflake"}), frozenset({"postgres"})
IDENTITY = (exp.AutoIncrementColumnConstraint, exp.GeneratedAsIdentityColumnConstraint)


@dataclass
class Said:
    """What is said of a column."""

    data_type: str = ""
    nullable: bool = True
    default: str | None = None
    comment: str = ""
    constraints: dict[str, Any] = field(default_factory=dict)


@dataclass
class Key:
    """A foreign key: its columns, and what they refer to; no references mean the primary key."""

    columns: tuple[str, ...]
    table: tuple[str, str]
    references: tuple[str, ...]
    name: str
    options: list[str]
    line: int


@dataclass
class Gathered:
    """What is said of a table."""

    schema: str
    name: str
    line: int
    columns: dict[str, Said] = field(default_factory=dict)
    primary_key: list[str] = field(default_factory=list)
    unique: list[tuple[str, ...]] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    comment: str = ""


def identifier(node: Any, dialect: str) -> str:
    """Return a name as the database keeps it: unquoted ones in its own case."""
    found = node if isinstance(node, exp.Identifier) else node.find(exp.Identifier)
    name = str(found.this) if found is not None else str(node.name)
    if found is None or found.args.get("quoted"):
        return name
    return name.upper() if dialect in UPPER else name.lower() if dialect in LOWER else name


class Gathering:
    """All tables of a text."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.tables: list[Gathered] = []
        self.notes: list[tuple[int, str]] = []
        self.line = 1

    def name(self, node: Any) -> str:
        """Return a name in the case of the database."""
        return identifier(node, self.dialect)

    def place(self, table: exp.Table) -> tuple[str, str]:
        """Return schema and name of a table."""
        schema = table.args.get("db")
        return (self.name(schema) if schema else "", self.name(table.this))

    def find(self, schema: str, name: str) -> Gathered | None:
        """Return the table of that name; without a schema, or if it has none, the only one."""
        same = [table for table in self.tables if table.name.lower() == name.lower()]
        exact = [table for table in same if table.schema.lower() == schema.lower()]
        if exact:
            return exact[0]
        is_clear = len(same) == 1 and not (schema and same[0].schema)
        return same[0] if is_clear else None

    def create(self, tree: exp.Create) -> None:
        """Take a table in."""
        schema, name = self.place(tree.this.this)
        if self.find(schema, name) and (tree.args.get("exists") or not tree.args.get("replace")):
            self.notes.append((self.line, f"{name} is created twice; the first one counts"))
            return
        table = Gathered(schema, name, self.line)
        self.tables.append(table)
        for part in tree.this.expressions:
            self.part(table, part)
        for said in tree.args["properties"].expressions if tree.args.get("properties") else ():
            if isinstance(said, exp.SchemaCommentProperty):
                table.comment = said.this.name
            elif isinstance(said, exp.Property) and said.name.lower() == "description":
                table.comment = said.args["value"].name

    def part(self, table: Gathered, part: Any, name: str = "") -> None:
        """Take in one line of a table's definition."""
        if isinstance(part, exp.ColumnDef | exp.Identifier):
            self.column(table, part)
        elif isinstance(part, exp.Constraint):
            for inner in part.expressions:
                self.part(table, inner, self.name(part.this))
        elif isinstance(part, exp.PrimaryKey | exp.ForeignKey | exp.UniqueColumnConstraint):
            self.keyed(table, part, name)
        elif isinstance(part, exp.CheckColumnConstraint):
            table.checks.append(self.sql(part.this))
        elif not isinstance(part, exp.IndexColumnConstraint):
            self.notes.append((self.line, f"{table.name}: left out: {self.sql(part)[:80]}"))

    def keyed(self, table: Gathered, part: Any, name: str) -> None:
        """Take in a key over columns of a table."""
        if isinstance(part, exp.ForeignKey):
            columns = tuple(self.name(one) for one in part.expressions)
            table.keys.append(self.key(columns, part.args["reference"], name))
        elif isinstance(part, exp.PrimaryKey):
            table.primary_key = [self.name(one) for one in part.expressions]
        elif isinstance(part, exp.UniqueColumnConstraint) and part.this is not None:
            inside = part.this.expressions or [part.this]
            table.unique.append(tuple(self.name(one) for one in inside))

    def sql(self, node: Any) -> str:
        """Return an expression in the words of the database."""
        return str(node.sql(dialect=self.dialect))

    def key(self, columns: tuple[str, ...], reference: exp.Reference, name: str) -> Key:
        """Return a foreign key."""
        target = reference.this
        inside = target.expressions if isinstance(target, exp.Schema) else []
        place = self.place(target.this if isinstance(target, exp.Schema) else target)
        options = [str(one) for one in reference.args.get("options") or ()]
        names = tuple(self.name(one) for one in inside)
        return Key(columns, place, names, name, options, self.line)

    def column(self, table: Gathered, part: Any) -> None:
        """Take in a column with its own constraints."""
        name = self.name(part if isinstance(part, exp.Identifier) else part.this)
        if name in table.columns:
            self.notes.append((self.line, f"{table.name}: a second column {name} is left out"))
            return
        said = table.columns[name] = Said()
        kind = part.args.get("kind") if isinstance(part, exp.ColumnDef) else None
        said.data_type = self.sql(kind) if kind else ""
        for constraint in part.args.get("constraints") or ():
            label = self.name(constraint.this) if constraint.args.get("this") else ""
            self.constraint(table, name, constraint.args.get("kind"), label)

    def constraint(self, table: Gathered, name: str, kind: Any, label: str) -> None:
        """Take in one constraint of a column."""
        said = table.columns[name]
        if isinstance(kind, exp.NotNullColumnConstraint):
            said.nullable = bool(kind.args.get("allow_null"))
        elif isinstance(kind, exp.PrimaryKeyColumnConstraint):
            table.primary_key.append(name)
        elif isinstance(kind, exp.UniqueColumnConstraint):
            table.unique.append((name,))
        elif isinstance(kind, exp.Reference):
            table.keys.append(self.key((name,), kind, label))
        elif isinstance(kind, exp.CheckColumnConstraint):
            said.constraints["check"] = self.sql(kind.this)
        elif isinstance(kind, IDENTITY):
            self.generated(table, name, kind)
        else:
            self.words(table, name, kind)

    def generated(self, table: Gathered, name: str, kind: Any) -> None:
        """Take in a column that the database fills in by counting, or by an expression."""
        if isinstance(kind, exp.GeneratedAsIdentityColumnConstraint) and kind.args.get(
            "expression"
        ):
            self.notes.append((self.line, f"{table.name}.{name}: its expression is left out"))
            return
        table.columns[name].constraints["identity"] = True

    def words(self, table: Gathered, name: str, kind: Any) -> None:
        """Take in a default or a comment; anything else is a note."""
        said = table.columns[name]
        if isinstance(kind, exp.DefaultColumnConstraint):
            said.default = self.sql(kind.this.unnest())
        elif isinstance(kind, exp.CommentColumnConstraint):
            said.comment = kind.this.name
        elif isinstance(kind, exp.Properties):
            for one in kind.expressions:
                if one.name.lower() == "description":
                    said.comment = one.args["value"].name
        else:
            what = self.sql(kind)[:80] if kind is not None else "a constraint"
            self.notes.append((self.line, f"{table.name}.{name}: left out: {what}"))

    def index(self, tree: exp.Create) -> None:
        """Take in a unique index over plain columns."""
        target = tree.this.args.get("table")
        table = self.find(*self.place(target)) if target else None
        parameters = tree.this.args.get("params")
        ordered = parameters.args.get("columns") or [] if parameters else []
        named = [one.this if isinstance(one, exp.Ordered) else one for one in ordered]
        is_plain = named and all(isinstance(one, exp.Column | exp.Identifier) for one in named)
        if table is None or not is_plain or parameters.args.get("where"):
            self.notes.append((self.line, "a unique index is left out"))
            return
        table.unique.append(tuple(self.name(one) for one in named))

    def alter(self, tree: exp.Alter) -> str | None:
        """Take in what is added to a table; return what was left out."""
        table = self.find(*self.place(tree.this))
        if table is None:
            return f"left out: alters {tree.this.name}, which the text does not create"
        left: list[str] = []
        for action in tree.args.get("actions") or ():
            if isinstance(action, exp.AddConstraint):
                for part in action.expressions:
                    self.part(table, part)
            elif isinstance(action, exp.ColumnDef):
                self.column(table, action)
            else:
                left.append(self.sql(action)[:60])
        return f"{table.name}: left out: {', '.join(left)}" if left else None

    def comment(self, tree: exp.Comment) -> None:
        """Take in what is said of a table or column."""
        target, text = tree.this, tree.args.get("expression")
        said = text.name if isinstance(text, exp.Literal) else ""
        if isinstance(target, exp.Table):
            table = self.find(*self.place(target))
            if table:
                table.comment = said
        elif isinstance(target, exp.Column) and target.args.get("table"):
            schema = target.args.get("db")
            place = (self.name(schema) if schema else "", self.name(target.args["table"]))
            table = self.find(*place)
            name = self.name(target.this)
            if table and name in table.columns:
                table.columns[name].comment = said

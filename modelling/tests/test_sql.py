"""SQL in and out: what the text says survives, runs, and what cannot be said is told."""

import random
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelling.exchange.faults import FormatError
from modelling.formats import sql
from modelling.formats.sql import DIALECTS
from modelling.schema import Document
from modelling.tests.documents import documents

SHOP = """
CREATE TABLE customers (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email VARCHAR(200) NOT NULL UNIQUE,
  country CHAR(2) DEFAULT 'DE' CHECK (country <> ''),
  born DATE
);
CREATE TABLE public.order_lines (
  order_id INT, line INT, customer_id BIGINT NOT NULL, boss INT, price NUMERIC(10,2) DEFAULT 0,
  at TIMESTAMPTZ DEFAULT now(),
  CONSTRAINT pk PRIMARY KEY (order_id, line),
  CHECK (price >= 0),
  UNIQUE (customer_id, at)
);
CREATE TABLE notes (order_id INT, line INT, "Text" TEXT, FOREIGN KEY (order_id, line)
  REFERENCES order_lines (order_id, line) ON DELETE CASCADE);
ALTER TABLE ONLY order_lines
  ADD CONSTRAINT bought_by FOREIGN KEY (customer_id) REFERENCES customers (id);
COMMENT ON TABLE customers IS 'Who buys';
COMMENT ON COLUMN customers.born IS 'It''s a date';
CREATE SEQUENCE numbers;
"""


def shape(document):
    """Return what a document says, without ids and layout."""
    names = {t.id: t.name for t in document.tables}
    columns = {c.id: c.name for t in document.tables for c in t.columns}
    tables = {
        t.name: (
            t.description,
            t.extras,
            [
                (
                    c.name,
                    c.data_type,
                    c.nullable,
                    c.is_primary_key,
                    c.default_value,
                    c.constraints,
                    c.description,
                )
                for c in t.columns
            ],
        )
        for t in document.tables
    }
    links = sorted(
        (
            *(names[one] for one in (r.source_table_id, r.target_table_id)),
            *(
                tuple(columns[c] for c in side)
                for side in (r.source_column_ids, r.target_column_ids)
            ),
            *(r.cardinality, r.optionality, r.name, str(r.extras)),
        )
        for r in document.relationships
    )
    return tables, links


def test_all_that_a_text_says_is_read():
    parsed = sql.parse(SHOP)
    tables, links = shape(parsed.document)
    assert tables["customers"] == (
        "Who buys",
        {},
        [
            ("id", "BIGINT", False, True, None, {"identity": True}, ""),
            ("email", "VARCHAR(200)", False, False, None, {"unique": True}, ""),
            ("country", "CHAR(2)", True, False, "'DE'", {"check": "country <> ''"}, ""),
            ("born", "DATE", True, False, None, {}, "It's a date"),
        ],
    )
    assert tables["order_lines"][1] == {
        "sql": {"schema": "public", "checks": ["price >= 0"], "unique": [["customer_id", "at"]]}
    }
    assert [link[:7] for link in links] == [
        (
            "customers",
            "order_lines",
            ("id",),
            ("customer_id",),
            "one-to-many",
            "required",
            "bought_by",
        ),
        (
            "order_lines",
            "notes",
            ("order_id", "line"),
            ("order_id", "line"),
            "one-to-many",
            "optional",
            "",
        ),
    ]
    assert [(note.line, note.message) for note in parsed.notes] == [
        (21, "left out: CREATE SEQUENCE NUMBERS …")
    ]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_written_is_read_back_the_same(dialect):
    document = sql.parse(SHOP).document
    first = sql.parse(sql.render(document, dialect=dialect), dialect=dialect).document
    again = sql.parse(sql.render(first, dialect=dialect), dialect=dialect).document
    assert shape(again) == shape(first)
    tables, links = shape(first)
    assert len(links) == (0 if dialect == "duckdb" else 2)
    assert [name.lower().removeprefix("public.") for name in tables] == [
        "customers",
        "order_lines",
        "notes",
    ]


TYPES = {
    "postgres": ["BIGINT", "UUID", "JSONB", "TIMESTAMPTZ", "DECIMAL(12, 3)", "TEXT[]", "BYTEA"],
    "mysql": ["BIGINT UNSIGNED", "DATETIME(6)", "ENUM('a', 'b')", "LONGTEXT", "TINYINT(1)"],
    "sqlite": ["INTEGER", "TEXT", "REAL", "BLOB", ""],
    "tsql": ["NVARCHAR(MAX)", "DATETIME2", "UNIQUEIDENTIFIER", "BIT", "MONEY"],
    "snowflake": ["VARIANT", "TIMESTAMPNTZ", "DECIMAL(38, 0)", "BOOLEAN"],
    "bigquery": ["INT64", "STRING", "ARRAY<STRUCT<x INT64>>", "NUMERIC", "TIMESTAMP"],
    "duckdb": ["HUGEINT", "STRUCT(a INT, b TEXT)", "TIMESTAMP_NS", "DOUBLE", "INT[]"],
}


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(deadline=None, max_examples=15)
@given(data=st.data())
def test_types_come_back_in_their_own_dialect(dialect, data):
    kinds = data.draw(st.lists(st.sampled_from(TYPES[dialect]), min_size=1, max_size=5))
    words = ", ".join(f"c{place} {kind}" for place, kind in enumerate(kinds))
    first = sql.parse(f"CREATE TABLE t ({words})", dialect=dialect).document
    text = sql.render(first, dialect=dialect)
    assert shape(sql.parse(text, dialect=dialect).document) == shape(first)


@settings(deadline=None, max_examples=25)
@given(documents())
def test_any_document_is_written_and_nothing_slips_into_the_script(document: Document):
    for dialect in DIALECTS:
        text = sql.render(document, dialect=dialect)
        made = [line for line in text.splitlines() if line.startswith("CREATE TABLE ")]
        assert len(made) >= len(document.tables)
    if all(table.columns and is_apart(table.columns) for table in document.tables):
        with sqlite3.connect(":memory:") as database:
            if is_apart(document.tables):
                database.executescript(sql.render(document, dialect="sqlite"))
        database.close()


def is_apart(parts):
    """Return whether names differ for a database that does not look at capitals."""
    return len({part.name.lower() for part in parts}) == len(parts)


@pytest.mark.parametrize(
    "said",
    ["1); DROP TABLE t; --", "a > 0) CHECK (b", "x' --", "/* */", "(SELECT 1)", "- " * 900 + "a"],
)
def test_a_check_or_default_that_is_more_than_an_expression_does_not_get_out(said):
    document = sql.parse("CREATE TABLE t (a INT, b TEXT)").document
    column = (
        document.tables[0]
        .columns[0]
        .model_copy(update={"constraints": {"check": said}, "default_value": said})
    )
    table = document.tables[0].model_copy(update={"columns": (column,)})
    text = sql.render(document.model_copy(update={"tables": (table,)}))
    assert [one.find("DROP TABLE") for one in text.splitlines() if one.startswith("DROP")] == []
    again = sql.parse(text).document.tables
    assert len(again) == 1
    assert again[0].columns[0].constraints == {}
    assert again[0].columns[0].default_value == f"'{said.replace(chr(39), chr(39) * 2)}'"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("SELECT 1;\nCREATE TABLE t (a INT CHECK)", 2, "Expecting"),
        ("CREATE TABLE t (\n a INT,\n b VARCHAR(\n)", 3, "Expecting"),
        ("-- nothing", 1, "no table"),
        ("CREATE TABLE t (a 'x", 1, "quotation"),
        ("CREATE TABLE t (a INT CHECK (" + "(" * 5000 + "1" + ")" * 5000 + "))", 1, "nested"),
        ("CREATE TABLE t (a " + "STRUCT<x " * 150 + "INT" + ">" * 150 + ")", 1, "nested"),
        ("CREATE TABLE t (a INT CHECK (" + "not " * 3000 + "a))", 1, "cannot be read"),
        ("x" * 5_000_000, 1, "larger"),
        ("CREATE TABLE t (a\x00 INT)", 1, "NUL"),
        ('CREATE TABLE t (" " INT)', 1, "must not be empty"),
    ],
)
def test_a_broken_text_is_told_with_its_line(text, line, words):
    with pytest.raises(FormatError, match=words or None) as error:
        sql.parse(text)
    assert abs(error.value.faults[0].line - line) <= 1


def test_a_reference_to_nowhere_is_a_note():
    parsed = sql.parse("CREATE TABLE t (\n  a INT REFERENCES gone (id)\n)")
    assert [note.message for note in parsed.notes] == [
        "refers to gone, which the text does not create"
    ]
    assert parsed.document.tables[0].columns[0].is_foreign_key


def test_sql_server_scripts_with_batches_are_read():
    text = (
        "CREATE TABLE [dbo].[o] ([id] INT IDENTITY(1,1) NOT NULL,\n"
        " CONSTRAINT [pk] PRIMARY KEY CLUSTERED ([id]))\nGO\n"
        "ALTER TABLE [dbo].[o] ADD [n] NVARCHAR(20) NULL\nGO\n"
    )
    table = sql.parse(text, dialect="tsql").document.tables[0]
    assert [(one.name, one.is_primary_key, one.constraints) for one in table.columns] == [
        ("id", True, {"identity": True}),
        ("n", False, {}),
    ]


def test_a_thousand_broken_texts_end_in_errors_or_are_read():
    chance = random.Random(11)
    pieces = [
        "(",
        ")",
        ",",
        ";",
        "'",
        '"',
        "CHECK",
        "REFERENCES",
        "PRIMARY KEY",
        "DEFAULT",
        "--",
        "/*",
        "\n",
        "é",
    ]
    for _ in range(1000):
        words = SHOP.split(" ")
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(words))
            words[at : at + chance.randrange(2)] = [chance.choice([*pieces, *words])]
        try:
            document = sql.parse(" ".join(words), dialect=chance.choice(list(DIALECTS))).document
        except FormatError as error:
            lines = [fault.line for fault in error.faults]
        else:
            sql.render(document)
            lines = [1]
        assert all(line >= 1 for line in lines)

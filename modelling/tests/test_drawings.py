"""Diagrams and pages for people: Mermaid both ways, Markdown out."""

import random

import pytest
from hypothesis import given, settings

from modelling.exchange.faults import FormatError
from modelling.formats import markdown, mermaid, sql
from modelling.tests.documents import documents

DIAGRAM = """erDiagram
  %% what a shop has
  customers {
    BIGINT id PK
    VARCHAR(200) email UK "where to write"
  }
  "order items" {
    BIGINT customer_id PK, FK
    TEXT[] tags
  }
  customers ||--o{ "order items" : "buys"
  customers }o--o{ customers : knows
  towns |o--o| customers : ""
"""
SHOP = sql.parse(
    "CREATE TABLE c (id INT PRIMARY KEY, price DECIMAL(10,2) DEFAULT 0);"
    "CREATE TABLE o (c_id INT NOT NULL REFERENCES c, note TEXT);"
).document


def links(document):
    names = {table.id: table.name for table in document.tables}
    return [
        (
            names[one.source_table_id],
            names[one.target_table_id],
            one.cardinality,
            one.optionality,
            one.name,
        )
        for one in document.relationships
    ]


def test_a_diagram_is_read():
    document = mermaid.parse(DIAGRAM).document
    assert [table.name for table in document.tables] == ["customers", "order items", "towns"]
    email, key = document.tables[0].columns[1], document.tables[1].columns[0]
    assert (email.data_type, email.constraints, email.description) == (
        "VARCHAR(200)",
        {"unique": True},
        "where to write",
    )
    assert (key.is_primary_key, key.is_foreign_key) == (True, True)
    assert links(document) == [
        ("customers", "order items", "one-to-many", "required", "buys"),
        ("customers", "customers", "many-to-many", "optional", "knows"),
        ("towns", "customers", "one-to-one", "optional", ""),
    ]


def test_the_one_side_is_the_source_whichever_way_it_is_drawn():
    document = mermaid.parse("erDiagram\norders }o--|| customers : by").document
    assert links(document) == [("customers", "orders", "one-to-many", "required", "by")]


def test_what_was_read_is_written_and_read_again():
    first = mermaid.parse(DIAGRAM).document
    text = mermaid.render(first)
    again = mermaid.parse(text).document
    assert links(again) == links(first)
    assert mermaid.render(again) == text


@settings(deadline=None, max_examples=30)
@given(documents())
def test_any_model_is_a_diagram_and_a_page(document):
    text = mermaid.render(document)
    assert text.count(" {\n") == len(document.tables)
    page = markdown.render(document)
    assert page.count("\n### ") == len(document.tables)


def test_what_mermaid_cannot_say_is_a_remark():
    text = mermaid.render(SHOP)
    assert "%% c.price: DECIMAL(10, 2) is written as DECIMAL(10__2)" in text
    assert 'c ||--o{ o : ""' in text


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("graph TD\n a", 1, "erDiagram is missing"),
        ("erDiagram\n a {\n  INT\n }", 3, "no attribute"),
        ("erDiagram\n a {\n  INT id", 3, "not closed"),
        ("erDiagram\n a ??--b", 2, "neither"),
        ("erDiagram\n a {\n  INT id" + " " * 100_000 + "!\n }", 3, "no attribute"),
        ("erDiagram\n a {\n  INT id\n  INT id\n }", 4, "second attribute"),
        ('erDiagram\n " " {\n }', 2, "must not be empty"),
    ],
)
def test_a_broken_diagram_is_told_with_its_line(text, line, words):
    with pytest.raises(FormatError, match=words) as error:
        mermaid.parse(text)
    assert error.value.faults[0].line == line


def test_a_thousand_broken_diagrams_end_in_errors_or_are_read():
    chance = random.Random(3)
    for _ in range(1000):
        text = list(DIAGRAM)
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(len(text))
            text[at : at + chance.randrange(3)] = chance.choice(
                ['"', "{", "}", "|", "\n", "\x00", "é", ""]
            )
        try:
            mermaid.render(mermaid.parse("".join(text)).document)
        except FormatError as error:
            lines = [fault.line for fault in error.faults]
        else:
            lines = [1]
        assert all(line >= 1 for line in lines)


def test_a_page_shows_tables_and_what_they_refer_to():
    page = markdown.render(SHOP)
    assert "| c\\_id | INT | FK | no |  |  |" in page
    assert "- o (c\\_id) → c (id): one-to-many, required" in page

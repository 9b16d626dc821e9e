"""Differences are told by part and field, and what would break is told with its reason."""

from uuid import UUID

import pytest
from hypothesis import given, settings

from modelling.comparing import differences, is_wider
from modelling.merging import MODES, merged, renumbered
from modelling.schema import Column, Document, Domain, Relationship, Table, findings
from modelling.tests.documents import documents

DOMAIN = Domain(id=UUID(int=1), name="Sales", is_primary=True)
QUICK = settings(deadline=None, max_examples=25)


def column(number, name, **more):
    return Column(id=UUID(int=number), name=name, data_type=more.pop("data_type", "INT"), **more)


def table(number, name, *columns, **more):
    own = tuple(one.model_copy(update={"order": place}) for place, one in enumerate(columns))
    return Table(id=UUID(int=number), primary_domain_id=DOMAIN.id, name=name, columns=own, **more)


def document(*tables, **more):
    return Document(id=UUID(int=2), name="Shop", domains=[DOMAIN], tables=tables, **more)


def told(before, after):
    return [(one.kind, one.element, one.name, one.breaks) for one in differences(before, after)]


@QUICK
@given(documents())
def test_a_document_does_not_differ_from_itself(made):
    assert differences(made, made) == []


def test_columns_are_known_by_id_and_then_by_name():
    before = document(
        table(10, "orders", column(11, "id"), column(12, "total"), column(13, "note"))
    )
    after = document(
        table(
            10,
            "orders",
            column(11, "number"),
            column(99, "total", data_type="BIGINT"),
            column(14, "at", nullable=False),
            column(15, "who", nullable=False, default_value="'me'"),
        )
    )
    assert told(before, after) == [
        ("changed", "column", "number", ("the column has another name",)),
        ("changed", "column", "total", ()),
        ("removed", "column", "note", ("the column is gone",)),
        ("added", "column", "at", ("rows without the new column are refused",)),
        ("added", "column", "who", ()),
    ]


def test_moving_a_table_breaks_nothing_and_losing_it_does():
    before = document(table(10, "a"), table(20, "b"))
    after = document(table(10, "a", position_x=5), table(30, "c"))
    assert told(before, after) == [
        ("changed", "table", "a", ()),
        ("removed", "table", "b", ("the table is gone",)),
        ("added", "table", "c", ()),
    ]


@pytest.mark.parametrize(
    ("before", "after", "answer"),
    [
        ("VARCHAR(10)", "varchar(20)", True),
        ("VARCHAR(20)", "VARCHAR(10)", False),
        ("VARCHAR(20)", "TEXT", True),
        ("DECIMAL(10,2)", "DECIMAL(12,2)", True),
        ("DECIMAL(10,2)", "DECIMAL(10,4)", False),
        ("INT", "BIGINT", True),
        ("BIGINT", "INTEGER", False),
        ("INT", "TEXT", False),
        ("int", "INT", True),
    ],
)
def test_a_type_is_wider_only_if_every_value_fits(before, after, answer):
    assert is_wider(before, after) is answer


def shop():
    one = table(10, "orders", column(11, "id"), column(12, "customer"), position_x=77)
    two = table(20, "customers", column(21, "id"))
    link = Relationship(
        id=UUID(int=30),
        source_table_id=two.id,
        target_table_id=one.id,
        source_column_ids=[UUID(int=21)],
        target_column_ids=[UUID(int=12)],
    )
    return document(one, two, relationships=[link])


@QUICK
@given(documents())
def test_merging_or_replacing_by_itself_changes_nothing(made):
    for mode in ("merge", "replace"):
        assert differences(made, merged(made, made, mode)) == []


@QUICK
@given(documents(), documents())
def test_replacing_takes_all_and_merging_loses_nothing(made, other):
    replaced = merged(made, other, "replace")
    assert {part.name for part in replaced.tables} == {part.name for part in other.tables}
    both = merged(made, other, "merge")
    assert {one.id for one in made.tables} <= {one.id for one in both.tables}
    added = merged(made, other, "create")
    assert len(added.tables) == len(made.tables) + len(other.tables)
    for result in (replaced, both, added):
        assert result.id == made.id
        assert list(findings(result)) == []


def test_a_merge_knows_tables_by_name_and_leaves_them_where_they_are_drawn():
    mine = shop()
    theirs = renumbered(
        document(table(110, "orders", column(111, "id", data_type="BIGINT"), column(113, "at"))),
        {DOMAIN.id: UUID(int=101)},
    )
    theirs = theirs.model_copy(
        update={"domains": (theirs.domains[0].model_copy(update={"name": "Imported"}),)}
    )
    found = merged(mine, theirs, "merge")
    orders = found.tables[0]
    assert (orders.id, orders.position_x, orders.primary_domain_id) == (UUID(int=10), 77, DOMAIN.id)
    assert [(one.id.int, one.name, one.data_type, one.order) for one in orders.columns] == [
        (11, "id", "BIGINT", 0),
        (113, "at", "INT", 1),
        (12, "customer", "INT", 2),
    ]
    assert [domain.name for domain in found.domains] == ["Sales"]
    assert found.relationships == mine.relationships


def test_ids_that_belong_to_others_are_given_anew_everywhere():
    theirs = shop()
    empty = Document(id=UUID(int=5), name="Mine")
    taken = {UUID(int=10), UUID(int=12), UUID(int=30)}
    found = merged(empty, theirs, "merge", taken=taken)
    orders, link = found.tables[0], found.relationships[0]
    assert not taken & {orders.id, link.id, *(one.id for one in orders.columns)}
    assert link.target_table_id == orders.id
    assert link.target_column_ids == (orders.columns[1].id,)


def test_creating_twice_makes_two_of_each_under_free_names():
    found = shop()
    for _ in range(2):
        found = merged(found, shop(), "create")
    names = [one.name for one in found.tables if one.name.startswith("orders")]
    assert names == ["orders", "orders 2", "orders 3"]
    assert [domain.is_primary for domain in found.domains] == [True, False, False]
    assert list(findings(found)) == []
    assert set(MODES) == {"merge", "replace", "create"}

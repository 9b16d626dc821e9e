"""What a document refuses, whoever brings it."""

from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from modelling.schema import Column, Document, Domain, Node, Relationship, Table, findings

ONE, TWO, THREE, FOUR = (UUID(int=number) for number in (1, 2, 3, 4))


def fields_at_fault(error):
    return [".".join(str(step) for step in fault["loc"]) for fault in error.value.errors()]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "n" * 256}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"position_x": float("nan")}, "position_x"),
        ({"position_y": float("-inf")}, "position_y"),
        ({"width": 0}, "width"),
        ({"model_type": "mental"}, "model_type"),
        ({"extras": {"odcs": {"x": float("inf")}}}, "extras"),
        ({"extras": {"odcs": {1: 2}}}, "extras"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_table_refuses_what_cannot_be_kept(values, field):
    with pytest.raises(ValidationError) as error:
        Table(**({"id": ONE, "primary_domain_id": TWO, "name": "orders"} | values))
    assert [place.split(".")[0] for place in fields_at_fault(error)] == [field]


def test_extras_end_at_a_depth_and_not_in_a_crash():
    deep = {}
    for _ in range(5000):
        deep = {"x": deep}
    with pytest.raises(ValidationError, match="deeper"):
        Domain(id=ONE, name="Sales", extras=deep)


def test_a_column_is_frozen():
    column = Column(id=ONE, name="id")
    with pytest.raises(ValidationError, match="frozen"):
        column.name = "other"


def test_the_contracts_single_columns_are_the_first_of_the_composite_ones():
    both = Relationship(
        id=ONE,
        source_table_id=TWO,
        target_table_id=THREE,
        source_column_ids=(ONE, TWO),
        target_column_ids=(THREE, FOUR),
    )
    none = Relationship(id=ONE, source_table_id=TWO, target_table_id=THREE)
    assert (both.source_column_id, both.target_column_id, both.is_paired) == (ONE, THREE, True)
    assert (none.source_column_id, none.target_column_id, none.is_paired) == (None, None, False)


def test_a_document_comes_back_from_its_json():
    table = Table(id=ONE, primary_domain_id=TWO, name="orders", columns=[Column(id=ONE, name="a")])
    document = Document(id=ONE, name="Shop", domains=[Domain(id=TWO, name="S")], tables=[table])
    assert Document.model_validate_json(document.model_dump_json()) == document


def test_findings_name_doubles_and_loose_ends_with_their_place():
    column = Column(id=ONE, name="a")
    table = Table(id=ONE, primary_domain_id=TWO, name="orders", columns=[column, column])
    loose = Relationship(
        id=ONE, source_table_id=ONE, target_table_id=TWO, source_column_ids=[THREE]
    )
    diagram = {
        "id": ONE,
        "name": "Feed",
        "nodes": [Node(id=ONE, type="api", name="in")],
        "connections": [{"id": ONE, "source_node_id": ONE, "target_node_id": uuid4()}],
    }
    document = Document(
        id=ONE, name="Shop", tables=[table], relationships=[loose], diagrams=[diagram]
    )
    assert ["/".join(str(step) for step in found.path) for found in findings(document)] == [
        "tables/0/columns/1/id",
        "tables/0/columns/1/name",
        "tables/0/primary_domain_id",
        "relationships/0/source_column_ids",
        "relationships/0/target_table_id",
        "diagrams/0/connections/0",
    ]

"""A workspace as a data contract: what comes out, for whom, and that nothing is lost on the way."""

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from modelling.formats import odcs
from modelling.models import Workspace
from modelling.services import document_of, export_document
from modelling.tests.drawing import ROOT

pytestmark = pytest.mark.django_db


def draw(drawing):
    """Draw one of everything."""
    customers = drawing.table("customers", "country", "number", alias="Kunden", position_x=40)
    orders = drawing.table("orders", "id", "country", "number", visible_domains=[drawing.stock])
    drawing.relate(
        customers,
        orders,
        name="places",
        source_column_ids=[column["id"] for column in customers["columns"]],
        target_column_ids=[column["id"] for column in orders["columns"][1:]],
    )
    drawing.relate(orders, orders, cardinality="many-to-many")
    nodes = [{"type": "database", "name": "Shop", "metadata": {"host": "db"}}]
    drawing.make("data-flow-diagrams", name="Load", nodes=nodes, linked_tables=[orders["id"]])
    drawing.delete(f"tables/{drawing.table('gone')['id']}")


def test_an_export_is_a_file_as_the_contract_prints_it(drawing):
    draw(drawing)
    answer = drawing.owner("post", f"{ROOT}{drawing.path}/export/odcs")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/yaml"
    named = f'attachment; filename="workspace-{drawing.id}.yaml"'
    assert answer.headers["Content-Disposition"] == named
    assert "apiVersion: v3.1.0" in answer.content.decode()


def test_what_is_exported_means_the_same_when_it_is_read(drawing):
    draw(drawing)
    text = drawing.owner("post", f"{ROOT}{drawing.path}/export/odcs").content.decode()
    document = document_of(Workspace.objects.get(uuid=drawing.id))
    assert {table.name for table in document.tables} == {"customers", "orders"}
    assert odcs.parse(text).document == document


def test_an_empty_workspace_can_be_exported(drawing):
    person = drawing.people["stranger"]
    own = person.send("post", "", {"name": "Empty"}, status=201)
    answer = person("post", f"{ROOT}/{own['id']}/export/odcs")
    assert answer.status_code == 200, answer.content
    assert odcs.parse(answer.content.decode()).document.name == "Empty"


def test_readers_export_and_strangers_hear_nothing(drawing):
    path = f"{ROOT}{drawing.path}/export/odcs"
    assert drawing.people["read"]("post", path).status_code == 200
    refused = drawing.people["stranger"]("post", path)
    assert (refused.status_code, refused.json()["message"]) == (404, "Workspace not found")


def test_an_export_asks_as_often_for_many_tables_as_for_few(drawing):
    def queries():
        with CaptureQueriesContext(connection) as context:
            export_document(user=drawing.owner.user, workspace=UUID(drawing.id))
        return len(context)

    draw(drawing)
    few = queries()
    for number in range(4):
        drawing.table(f"table {number}", "a", "b")
    assert queries() == few

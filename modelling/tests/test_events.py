"""What a change leaves behind: one event with the next number, heard by whoever watches."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.api.errors import Conflict
from config.api.tests.racing import at_once
from config.live import rooms
from modelling.models import Event, Table, Workspace
from modelling.services import ROOM, Actor, create_domain, create_table, update_table
from modelling.tests.drawing import ROOT, Drawing

pytestmark = pytest.mark.django_db


def test_an_event_is_what_the_contract_prints_for_sockets(drawing):
    table = drawing.table("orders")
    seq = drawing.seq()
    drawing.put(f"tables/{table['id']}", name="bills", position_x=4)
    (event,) = drawing.events(seq)
    assert event.pop("timestamp").endswith("Z")
    assert event == {
        "seq": seq + 1,
        "type": "table_updated",
        "workspace_id": drawing.id,
        "table_id": table["id"],
        "element_type": "table",
        "element_id": table["id"],
        "data": {"name": "bills", "position_x": 4.0},
        "user_id": drawing.owner.id,
        "connection_id": None,
        "version": 2,
    }


def test_the_sending_connection_is_noted(drawing):
    client = drawing.owner.client
    answer = client.post(
        f"{ROOT}{drawing.path}/domains",
        data='{"name": "New"}',
        content_type="application/json",
        headers={"X-Connection-Id": "tab-7"},
    )
    assert answer.status_code == 201
    assert drawing.events()[-1]["connection_id"] == "tab-7"
    long = {"X-Connection-Id": "x" * 65}
    assert client.delete(f"{ROOT}{drawing.path}", headers=long).status_code == 400


def test_numbers_have_no_gap_and_a_refused_change_takes_none(drawing):
    drawing.table("orders")
    drawing.make("tables", name="orders", primary_domain_id=drawing.sales, status=409)
    drawing.make("domains", name="", status=400)
    drawing.table("items")
    assert [event["seq"] for event in drawing.events()] == list(range(1, drawing.seq() + 1))


def test_a_change_of_nothing_is_no_event(drawing):
    table = drawing.table("orders")
    seq = drawing.seq()
    assert drawing.put(f"tables/{table['id']}", name="orders")["version"] == 1
    assert drawing.seq() == seq


def test_a_workspace_is_modified_with_whatever_is_in_it(drawing):
    before = drawing.owner.send("get", drawing.path)["last_modified_at"]
    drawing.table("orders")
    assert drawing.owner.send("get", drawing.path)["last_modified_at"] > before


def test_events_are_read_page_by_page_and_by_element(drawing):
    table = drawing.table("orders")
    drawing.put(f"tables/{table['id']}", name="bills")
    page = drawing.get("events?after=1&limit=2")
    assert [event["seq"] for event in page["events"]] == [2, 3]
    assert page["has_more"] is True
    history = drawing.get(f"events?element={table['id']}")["events"]
    assert [event["type"] for event in history] == ["table_created", "table_updated"]
    assert drawing.get("events?after=x", status=400)["details"]["field"] == "after"


def test_the_hub_reads_what_rest_reads(drawing):
    drawing.table("orders")
    kind = rooms.kind(ROOM)
    heard = list(kind.read_after({drawing.id: 2}, 100))
    assert [(event.key, event.seq) for event in heard] == [
        (drawing.id, event["seq"]) for event in drawing.events(2)
    ]
    assert heard[-1].body["type"] == "table_created"
    people = drawing.people
    assert kind.may_enter(people["read"].user, drawing.id) == rooms.Entry.ALLOWED
    assert kind.may_enter(people["stranger"].user, drawing.id) == rooms.Entry.MISSING
    assert kind.may_enter(people["read"].user, "x") == rooms.Entry.MISSING


def test_a_list_takes_the_same_queries_however_long_it_is(drawing):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as context:
            drawing.get("tables")
        return len(context)

    drawing.table("first", "a", "b")
    drawing.get("tables")
    before = queries()
    for number in range(5):
        drawing.table(f"table {number}", "a", "b", "c")
    assert queries() == before <= 6


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_leave_no_gap_and_lose_no_change(settings):
    settings.OPEN_ACCESS = False
    drawing = Drawing()
    workspace = Workspace.objects.get(uuid=drawing.id)
    tables = [drawing.table(f"table {number}")["id"] for number in range(4)]
    first = drawing.seq()
    actor = Actor(drawing.owner.user)

    def write(number):
        for turn in range(5):
            changes = {"position_x": turn + 1, "position_y": number + 1}
            update_table(
                actor=actor,
                workspace=workspace.uuid,
                table=tables[number],
                data={**changes, "width": 100 + number * 10 + turn},
            )
            create_domain(actor=actor, workspace=workspace.uuid, data={"name": f"{number} {turn}"})

    at_once(4, write)
    seqs = list(
        Event.objects.filter(workspace=workspace).order_by("seq").values_list("seq", flat=True)
    )
    assert seqs == list(range(1, first + 41))
    workspace.refresh_from_db()
    assert workspace.seq == first + 40
    assert set(Table.objects.values_list("version", flat=True)) == {6}


@pytest.mark.django_db(transaction=True)
def test_one_of_two_who_take_a_name_at_once_is_refused(settings):
    settings.OPEN_ACCESS = False
    drawing = Drawing()
    workspace = Workspace.objects.get(uuid=drawing.id)
    body = {"name": "orders", "primary_domain_id": drawing.sales}

    def write(number):
        try:
            create_table(actor=Actor(drawing.owner.user), workspace=workspace.uuid, data=body)
        except Conflict as error:
            return type(error).__name__
        return "made"

    assert sorted(at_once(3, write)) == ["Conflict", "Conflict", "made"]

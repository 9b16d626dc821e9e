"""What happens to elements: partial changes, tombstones, versions, names, what hangs on them."""

import pytest

from modelling.tests.drawing import ROOT, Person

pytestmark = pytest.mark.django_db
NOWHERE = "11111111-1111-4111-8111-111111111111"


def refusal(answer):
    return answer["details"]["field"], answer["details"]["reason"]


def test_a_second_delete_is_told_in_the_words_of_the_contract(drawing):
    things = {
        "tables": (drawing.table("orders"), "Table"),
        "domains": (drawing.make("domains", name="Old"), "Domain"),
        "data-flow-diagrams": (drawing.make("data-flow-diagrams", name="x"), "Data flow diagram"),
    }
    table = drawing.table("items")
    things["relationships"] = (drawing.relate(table, table), "Relationship")
    for kind, (thing, name) in things.items():
        path = f"{kind}/{thing['id']}"
        assert drawing.delete(path) is None
        for again in (drawing.delete(path, status=409), drawing.put(path, name="y", status=409)):
            assert again["error"] == "conflict"
            assert again["message"] == f"{name} has already been deleted"
            assert again["element_id"] == thing["id"]
        assert drawing.get(path, status=404)["message"] == f"{name} not found"
        missing = drawing.delete(f"{kind}/{NOWHERE}", status=404)
        assert missing["message"] == f"{name} not found"


def test_a_deleted_workspace_is_gone_and_a_second_delete_is_a_conflict(drawing):
    drawing.owner.send("delete", drawing.path, status=204)
    assert drawing.owner.send("get", drawing.path, status=404)["message"] == "Workspace not found"
    again = drawing.owner.send("delete", drawing.path, status=409)
    assert again["message"] == "Workspace has already been deleted"
    drawing.people["stranger"].send("delete", drawing.path, status=404)
    drawing.owner.send("post", "", {"name": "Shop"}, status=201)


def test_what_is_not_sent_stays(drawing):
    made = drawing.table("orders", "id", alias="Orders", width=320, description="All of them")
    changed = drawing.put(f"tables/{made['id']}", position_x=12.5)
    expected = {**made, "position_x": 12.5}
    moved = ("version", "last_modified_at")
    assert {k: v for k, v in changed.items() if k not in moved} == {
        k: v for k, v in expected.items() if k not in moved
    }
    assert changed["version"] == 2


def test_what_a_client_read_it_may_send_back_whole(drawing):
    table = drawing.table("orders", "id")
    edge = drawing.relate(table, table, name="parent")
    diagram = drawing.make("data-flow-diagrams", name="x", nodes=[{"type": "api", "name": "A"}])
    seq = drawing.seq()
    for kind, thing in (
        ("tables", table),
        ("relationships", edge),
        ("data-flow-diagrams", diagram),
    ):
        body = {key: value for key, value in thing.items() if key != "version"}
        assert drawing.put(f"{kind}/{thing['id']}", **body) == thing
    assert drawing.seq() == seq


def test_a_change_of_an_older_version_is_refused_with_what_is_there(drawing):
    made = drawing.table("orders")
    path = f"tables/{made['id']}"
    drawing.put(path, name="bills", version=1)
    refused = drawing.put(path, name="papers", version=1, status=409)
    assert refused["element_id"] == made["id"]
    assert refused["current_version"] == 2
    assert refused["current"]["name"] == "bills"
    drawing.put(path, name="papers")


def test_if_match_is_the_version_that_a_read_told(drawing):
    made = drawing.table("orders")
    address = f"{ROOT}{drawing.path}/tables/{made['id']}"
    client = drawing.owner.client
    tag = client.get(address).headers["ETag"]
    sent = {"data": '{"name": "bills"}', "content_type": "application/json"}
    assert client.put(address, **sent, headers={"If-Match": tag}).status_code == 200
    assert client.put(address, **sent, headers={"If-Match": tag}).status_code == 409
    assert client.put(address, **sent, headers={"If-Match": "*"}).status_code == 200
    assert client.put(address, **sent, headers={"If-Match": "x"}).status_code == 400


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({}, "name", "Name is required"),
        ({"name": ""}, "name", "Name is required"),
        ({"name": " "}, "name", "Name is required"),
        ({"name": 5}, "name", "input should be a valid string"),
        ({"name": "x" * 256}, "name", "string should have at most 255 characters"),
        ({"name": "x", "model_type": "mental"}, "model_type", "input should be 'conceptual'"),
    ],
)
def test_what_is_wrong_is_said_by_field_and_reason(drawing, body, field, reason):
    told = drawing.make("domains", **body, status=400)
    assert told["error"] == "validation_error"
    assert told["details"]["field"] == field
    assert told["details"]["reason"].startswith(reason)


def test_the_message_of_a_missing_name_is_the_contracts_reason(drawing):
    assert drawing.make("domains", status=400)["message"] == "Name is required"


@pytest.mark.parametrize("body", ["[]", '"x"', "7", "null"])
def test_a_body_that_is_no_object_is_refused(drawing, body):
    for path in ("", f"{drawing.path}/tables", f"{drawing.path}/data-flow-diagrams"):
        assert drawing.owner("post", f"{ROOT}{path}", body).status_code == 400


def test_a_position_that_is_no_number_is_refused(drawing):
    for value in ('"5"', "1e999", "true"):
        body = f'{{"name": "x", "primary_domain_id": "{drawing.sales}", "position_x": {value}}}'
        answer = drawing.owner("post", f"{ROOT}{drawing.path}/tables", body)
        assert answer.status_code == 400, value


def test_a_name_is_given_once_and_is_free_again_after_a_delete(drawing):
    first = drawing.table("orders")
    refused = drawing.make("tables", name="orders", primary_domain_id=drawing.sales, status=409)
    assert refused["element_id"] == first["id"]
    other = drawing.table("items")
    drawing.put(f"tables/{other['id']}", name="orders", status=409)
    drawing.make("domains", name="Sales", status=409)
    drawing.delete(f"tables/{first['id']}")
    drawing.put(f"tables/{other['id']}", name="orders")
    drawing.owner.send("post", "", {"name": "Shop", "type": "personal"}, status=409)


def test_a_domain_with_tables_stays(drawing):
    table = drawing.table("orders")
    drawing.delete(f"domains/{drawing.sales}", status=409)
    drawing.put(f"tables/{table['id']}", visible_domains=[drawing.stock])
    drawing.put(f"tables/{table['id']}", primary_domain_id=drawing.stock)
    assert drawing.get(f"tables/{table['id']}")["visible_domains"] == [drawing.stock]
    drawing.delete(f"domains/{drawing.sales}")
    assert drawing.get(f"domains/{drawing.stock}")["is_primary"] is True
    canvas = drawing.people["canvas"].id
    parts = {part["user_id"]: part for part in drawing.get("collaboration")["participants"]}
    assert parts[canvas]["canvas_ownership"] == []


def test_tables_of_a_domain_are_those_that_it_shows(drawing):
    one = drawing.table("orders", visible_domains=[drawing.stock])
    two = drawing.table("items", domain=drawing.stock)
    three = drawing.table("bills")
    assert one["visible_domains"] == [drawing.sales, drawing.stock]

    def shown(domain):
        found = drawing.get(f"tables?domain_id={domain}")["tables"]
        return [table["id"] for table in found]

    assert shown(drawing.stock) == [one["id"], two["id"]]
    assert shown(drawing.sales) == [one["id"], three["id"]]
    assert refusal(drawing.get(f"tables?domain_id={NOWHERE}", status=400))[0] == "domain_id"
    assert refusal(drawing.get("tables?domain_id=x", status=400))[0] == "domain_id"


def test_a_deleted_table_takes_along_what_hangs_on_it(drawing):
    customers, orders = drawing.table("customers", "id"), drawing.table("orders", "customer")
    key = customers["columns"][0]["id"]
    drawing.put(
        f"tables/{orders['id']}",
        columns=[{"name": "customer", "is_foreign_key": True, "foreign_key_reference": key}],
    )
    edge = drawing.relate(customers, orders)
    back = drawing.relate(orders, customers)
    diagram = drawing.make("data-flow-diagrams", name="x", linked_tables=[customers["id"]])
    loop = drawing.relate(orders, orders)
    seq = drawing.seq()
    drawing.delete(f"tables/{customers['id']}")
    left = drawing.get(f"tables/{orders['id']}")
    assert left["columns"][0]["foreign_key_reference"] is None
    assert [row["id"] for row in drawing.get("relationships")["relationships"]] == [loop["id"]]
    assert drawing.get(f"data-flow-diagrams/{diagram['id']}")["linked_tables"] == []
    told = [(event["type"], event["element_id"]) for event in drawing.events(seq)]
    assert told == [
        ("table_deleted", customers["id"]),
        ("relationship_deleted", edge["id"]),
        ("relationship_deleted", back["id"]),
        ("table_updated", orders["id"]),
        ("diagram_updated", diagram["id"]),
    ]


def test_a_diagram_knows_its_nodes_and_no_others(drawing):
    node = {"id": NOWHERE, "type": "api", "name": "A"}
    arrow = {"source_node_id": NOWHERE, "target_node_id": drawing.sales}
    told = drawing.make(
        "data-flow-diagrams", name="x", nodes=[node], connections=[arrow], status=400
    )
    assert refusal(told)[0] == "connections.0.target_node_id"
    told = drawing.make("data-flow-diagrams", name="x", linked_tables=[NOWHERE], status=400)
    assert refusal(told)[0] == "linked_tables"
    made = drawing.make("data-flow-diagrams", name="x", nodes=[node, {**node, "id": None}])
    assert made["nodes"][0]["id"] == NOWHERE
    assert {one["diagram_id"] for one in made["nodes"]} == {made["id"]}


def test_two_workspaces_may_have_the_same_names(drawing):
    drawing.table("orders")
    bob = Person("bob")
    own = bob.send("post", "", {"name": "Shop"}, status=201)
    assert own["type"] == "personal"
    domain = bob.send("post", f"/{own['id']}/domains", {"name": "Sales"}, status=201)
    body = {"name": "orders", "primary_domain_id": domain["id"]}
    bob.send("post", f"/{own['id']}/tables", body, status=201)


def test_null_is_as_good_as_not_sent(drawing):
    made = drawing.table("orders", "id", alias="Orders", visible_domains=[drawing.stock])
    path = f"tables/{made['id']}"
    nothing = dict.fromkeys(("alias", "columns", "visible_domains", "description", "width"))
    assert drawing.put(path, **nothing) == made
    edge = drawing.relate(made, made, source_column_id=made["columns"][0]["id"])
    assert drawing.put(f"relationships/{edge['id']}", source_column_ids=None, name=None) == edge
    node = {"type": "api", "name": "A"}
    diagram = drawing.make("data-flow-diagrams", name="x", nodes=[node])
    empty = {"nodes": None, "connections": None, "linked_tables": None}
    assert drawing.put(f"data-flow-diagrams/{diagram['id']}", **empty) == diagram
    assert refusal(drawing.put(path, name=None, status=400))[0] == "name"


def test_a_number_of_any_size_stays_what_it_is(drawing):
    column = {"name": "a", "constraints": {"max": 10**30, "min": 0.1}}
    made = drawing.make("tables", name="x", primary_domain_id=drawing.sales, columns=[column])
    assert made["columns"][0]["constraints"] == column["constraints"]
    read = drawing.get(f"tables/{made['id']}")
    assert read["columns"][0]["constraints"] == column["constraints"]
    assert drawing.events()[-1]["data"]["columns"][0]["constraints"] == column["constraints"]

"""The Modelling contract's REST examples, word for word: its requests, and the keys it prints."""

from datetime import datetime
from uuid import UUID

import pytest

from config.api.examples import anonymous, example, printed
from modelling.tests.drawing import ROOT

pytestmark = pytest.mark.django_db
CONTRACT = "data-modelling"
# Where the contract prints one of several words, or a moment.
WORDS = {
    "type": {"personal", "shared", *("database", "kafka_topic", "api", "processor", "target")},
    "model_type": {"conceptual", "logical", "physical"},
    "cardinality": {"one-to-one", "one-to-many", "many-to-many"},
    "optionality": {"required", "optional"},
    "direction": {"forward", "bidirectional"},
    "access_level": {"read", "edit"},
    "websocket_connection_status": {"connected", "disconnected", "reconnecting"},
}


def compare(shown, found, key=""):
    """Fail unless a value has the shape that is printed for it, and every key that is."""
    if isinstance(shown, dict):
        assert set(shown) <= set(found), set(shown) - set(found)
        for name, inner in shown.items():
            compare(inner, found[name], name)
    elif isinstance(shown, list):
        assert found, f"{key} is empty, so nothing can be compared"
        for one in found:
            compare(shown[0], one, key)
    elif key in WORDS:
        assert found in WORDS[key], key
    elif shown == "uuid":
        assert str(UUID(found)) == found, key
    elif key.endswith("_at"):
        assert found.endswith("Z"), key
        assert datetime.fromisoformat(found), key
    else:
        kinds = (int, float) if isinstance(shown, int) and shown is not False else (type(shown),)
        assert isinstance(found, kinds), key


def asked(endpoint, **chosen):
    """Return the printed request; what stands for a uuid is replaced by what is there."""
    body = example(CONTRACT, endpoint, "request")
    assert chosen.keys() <= body.keys(), chosen.keys() - body.keys()
    return body | chosen


class Walk:
    """Calls routes and notes which of the printed answers were compared."""

    def __init__(self, person):
        self.person = person
        self.seen = set()

    def __call__(self, endpoint, path, body=None, *, status=200):
        method = endpoint.partition(" ")[0].lower()
        answer = self.person(method, f"{ROOT}{path}", body)
        assert answer.status_code == status, answer.content
        self.seen.add(endpoint)
        if status == 204:
            assert answer.content == b""
            return None
        told = answer.json()
        if (blank(endpoint), "response") in printed(CONTRACT) and method != "get":
            compare(example(CONTRACT, endpoint, "response"), told)
        return told


BASE = "/api/v1/workspaces"
ONE = f"{BASE}/{{workspace_id}}"


def test_every_example_is_taken_and_answered_as_it_is_printed(drawing):
    walk = Walk(drawing.owner)
    made = walk(f"POST {BASE}", "", asked(f"POST {BASE}"), status=201)
    at = f"/{made['id']}"
    compare(example(CONTRACT, f"GET {BASE}", "response"), walk(f"GET {BASE}", ""))
    walk(f"GET {ONE}", at)
    walk(f"PUT {ONE}", at, asked(f"PUT {ONE}"))
    domain = make_domain(walk, at)
    table, other = make_tables(walk, at, domain)
    edge = relate(walk, at, table, other)
    draw(walk, at, table)
    for kind, thing in (("relationship", edge), ("table", other)):
        end = f"DELETE {ONE}/{kind}s/{{{kind}_id}}"
        walk(end, f"{at}/{kind}s/{thing['id']}", status=204)
    drawing.owner.send("delete", f"{at}/tables/{table['id']}", status=204)
    walk(f"DELETE {ONE}/domains/{{domain_id}}", f"{at}/domains/{domain['id']}", status=204)
    collaborate(walk, drawing)
    walk(f"DELETE {ONE}", at, status=204)
    assert rest_of_contract() - {blank(endpoint) for endpoint in walk.seen} == LEFT


def make_domain(walk, at):
    """Walk through the domains; return one."""
    path = f"{at}/domains"
    domain = walk(f"POST {ONE}/domains", path, asked(f"POST {ONE}/domains"), status=201)
    compare(example(CONTRACT, f"GET {ONE}/domains", "response"), walk(f"GET {ONE}/domains", path))
    walk(f"GET {ONE}/domains/{{domain_id}}", f"{path}/{domain['id']}")
    put = f"PUT {ONE}/domains/{{domain_id}}"
    walk(put, f"{path}/{domain['id']}", asked(put))
    return domain


def make_tables(walk, at, domain):
    """Walk through the tables; return two whose columns refer to one another."""
    path = f"{at}/tables"
    body = asked(f"POST {ONE}/tables", primary_domain_id=domain["id"])
    first = walk(f"POST {ONE}/tables", path, body, status=201)
    second = walk.person.send("post", path, {**body, "name": "other"}, status=201)
    walk(f"GET {ONE}/tables/{{table_id}}", f"{path}/{first['id']}")
    for one, other in ((first, second), (second, first)):
        reference = {"foreign_key_reference": other["columns"][0]["id"], "default_value": "0"}
        columns = [{**one["columns"][0], **reference}]
        walk(f"PUT {ONE}/tables/{{table_id}}", f"{path}/{one['id']}", {"columns": columns})
    compare(
        example(CONTRACT, f"GET {ONE}/tables", "response"),
        walk(f"GET {ONE}/tables", f"{path}?domain_id={domain['id']}"),
    )
    return first, second


def relate(walk, at, source, target):
    """Walk through the relationships; return one."""
    path, all_of = f"{at}/relationships", f"{ONE}/relationships"
    ends = {
        "source_table_id": source["id"],
        "target_table_id": target["id"],
        "source_column_id": source["columns"][0]["id"],
        "target_column_id": target["columns"][0]["id"],
    }
    edge = walk(f"POST {all_of}", path, asked(f"POST {all_of}", **ends), status=201)
    compare(example(CONTRACT, f"GET {all_of}", "response"), walk(f"GET {all_of}", path))
    walk(f"GET {all_of}/{{relationship_id}}", f"{path}/{edge['id']}")
    put = f"PUT {all_of}/{{relationship_id}}"
    walk(put, f"{path}/{edge['id']}", {"cardinality": "many-to-many"})
    return edge


def draw(walk, at, table):
    """Walk through the data flow diagrams."""
    path = f"{at}/data-flow-diagrams"
    all_of = f"{ONE}/data-flow-diagrams"
    first = walk(f"POST {all_of}", path, asked(f"POST {all_of}"), status=201)
    shown = example(CONTRACT, f"GET {all_of}", "response")["diagrams"][0]
    one, two = ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222")
    nodes = [{**shown["nodes"][0], "id": uuid, "diagram_id": first["id"]} for uuid in (one, two)]
    arrow = {**shown["connections"][0], "diagram_id": first["id"]}
    arrow |= {"id": one.replace("1", "3"), "source_node_id": one, "target_node_id": two}
    body = {"nodes": nodes, "connections": [arrow], "linked_tables": [table["id"]]}
    walk(f"PUT {all_of}/{{diagram_id}}", f"{path}/{first['id']}", body)
    compare(example(CONTRACT, f"GET {all_of}", "response"), walk(f"GET {all_of}", path))
    walk(f"GET {all_of}/{{diagram_id}}", f"{path}/{first['id']}")
    walk(f"DELETE {all_of}/{{diagram_id}}", f"{path}/{first['id']}", status=204)


def collaborate(walk, drawing):
    """Walk through the collaboration, in the workspace that has participants."""
    at, guest = drawing.path, drawing.people["stranger"]
    body = asked(f"POST {ONE}/collaboration/invite", user_id=guest.id)
    walk(f"POST {ONE}/collaboration/invite", f"{at}/collaboration/invite", body, status=201)
    canvas = f"{at}/collaboration/participants"
    for part in drawing.get("collaboration")["participants"]:
        drawing.owner.send(
            "put", f"{canvas}/{part['user_id']}", {"canvas_ownership": [drawing.sales]}
        )
    told = walk(f"GET {ONE}/collaboration", f"{at}/collaboration")
    compare(example(CONTRACT, f"GET {ONE}/collaboration", "response"), told)
    end = f"DELETE {ONE}/collaboration/participants/{{user_id}}"
    walk(end, f"{at}/collaboration/participants/{guest.id}", status=204)


def blank(endpoint):
    """Return an endpoint as `printed` names it: without the names of its parameters."""
    method, _, path = endpoint.partition(" ")
    return f"{method} {anonymous(path)}"


def rest_of_contract():
    """Return what the contract prints of workspaces over REST."""
    return {endpoint for endpoint, _ in printed(CONTRACT) if BASE in endpoint}


LEFT = {f"POST {BASE}/{{}}/import/odcs"}

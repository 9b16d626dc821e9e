"""Everybody and every action: what the one table says is what the routes do."""

import pytest

from modelling.access import ALLOWED, Access, Action, Standing
from modelling.tests.drawing import ROOT
from tests.rights.world import undone

pytestmark = pytest.mark.django_db
LEVELS = {"owner": Standing.OWNER, "edit": Standing.EDIT, "read": Standing.READ}


class Scene:
    """A workspace with one of everything, in the domain that is the canvas owner's and in another."""

    def __init__(self, drawing):
        self.drawing = drawing
        self.mine = drawing.table("orders", "id")
        self.other = drawing.table("items", "id", domain=drawing.stock)
        self.edge = drawing.relate(self.mine, self.mine)
        self.far_edge = drawing.relate(self.other, self.other)
        self.diagram = drawing.make("data-flow-diagrams", name="Load")
        self.guest = drawing.people["stranger"].id

    def calls(self):
        """Yield what is done: the action, whether it is in the canvas owner's domain, the call."""
        sales, stock = self.drawing.sales, self.drawing.stock
        for path in ("", "/domains", "/tables", "/relationships", "/data-flow-diagrams"):
            yield Action.VIEW, False, "get", path, None
        yield Action.VIEW, False, "get", "/collaboration", None
        yield Action.VIEW, False, "get", "/events", None
        yield Action.VIEW, False, "get", f"/tables/{self.mine['id']}", None
        yield Action.RENAME, False, "put", "", {"name": "Renamed"}
        yield Action.MANAGE, False, "put", "", {"type": "personal"}
        yield Action.MANAGE, False, "delete", "", None
        invite = {"user_id": self.drawing.people["read"].id, "access_level": "read"}
        yield Action.MANAGE, False, "post", "/collaboration/invite", invite
        part = f"/collaboration/participants/{self.drawing.people['read'].id}"
        yield Action.MANAGE, False, "put", part, {"access_level": "edit"}
        yield Action.ADD_DOMAIN, False, "post", "/domains", {"name": "New"}
        for domain, is_own in ((sales, True), (stock, False)):
            yield Action.CHANGE_DOMAIN, is_own, "put", f"/domains/{domain}", {"name": "New"}
            new = {"name": "New", "primary_domain_id": domain}
            yield Action.DRAW, is_own, "post", "/tables", new
        for table, edge, is_own in (
            (self.mine, self.edge, True),
            (self.other, self.far_edge, False),
        ):
            yield Action.DRAW, is_own, "put", f"/tables/{table['id']}", {"name": "New"}
            yield Action.DRAW, is_own, "delete", f"/tables/{table['id']}", None
            ends = {"source_table_id": table["id"], "target_table_id": table["id"]}
            yield Action.DRAW, is_own, "post", "/relationships", ends
            yield Action.DRAW, is_own, "put", f"/relationships/{edge['id']}", {"name": "New"}
            yield Action.DRAW, is_own, "delete", f"/relationships/{edge['id']}", None
        diagram = f"/data-flow-diagrams/{self.diagram['id']}"
        yield Action.DRAW_DIAGRAM, False, "post", "/data-flow-diagrams", {"name": "New"}
        yield Action.DRAW_DIAGRAM, False, "put", diagram, {"name": "New"}
        yield Action.DRAW_DIAGRAM, False, "delete", diagram, None


def is_allowed(who, action, *, is_own):
    """Return what the table says, read anew."""
    if who == "canvas":
        held = {Standing.READ} | ({Standing.CANVAS} if is_own else set())
    else:
        held = {LEVELS[who]}
    return bool(held & ALLOWED[action])


def test_every_route_does_what_the_table_says(drawing):
    scene = Scene(drawing)
    seen = set()
    for action, is_own, method, path, body in scene.calls():
        seen.add(action)
        for who, person in drawing.people.items():
            with undone():
                answer = person(method, f"{ROOT}{drawing.path}{path}", body)
            place = (who, method, path, answer.content)
            if who == "stranger":
                assert answer.status_code == 404, place
                assert answer.json()["message"] == "Workspace not found"
            elif is_allowed(who, action, is_own=is_own):
                assert answer.status_code < 300, place
            else:
                assert answer.status_code == 403, place
                told = answer.json()
                assert told["error"] == "forbidden"
                assert told["message"] == "You do not have permission to perform this action"
    assert seen == set(Action) - {Action.IMPORT}


def test_the_table_says_what_the_reference_says():
    owner, editor, reader = (Access(LEVELS[name]) for name in ("owner", "edit", "read"))
    assert all(owner.may(action) for action in Action)
    assert {action for action in Action if editor.may(action)} == {
        *(Action.VIEW, Action.RENAME, Action.ADD_DOMAIN, Action.DRAW),
        *(Action.DRAW_DIAGRAM, Action.IMPORT),
    }
    assert {action for action in Action if reader.may(action)} == {Action.VIEW}


def test_a_canvas_owner_moves_no_table_to_the_canvas_of_another(drawing):
    table = drawing.table("orders")
    path = f"{drawing.path}/tables/{table['id']}"
    person = drawing.people["canvas"]
    person.send("put", path, {"primary_domain_id": drawing.stock}, status=403)
    assert drawing.get(f"tables/{table['id']}")["primary_domain_id"] == drawing.sales


def test_whoever_adds_a_domain_as_an_editor_may_rename_it(drawing):
    person = drawing.people["edit"]
    made = person.send("post", f"{drawing.path}/domains", {"name": "Own"}, status=201)
    person.send("put", f"{drawing.path}/domains/{made['id']}", {"name": "Mine"})
    person.send("put", f"{drawing.path}/domains/{drawing.sales}", {"name": "Mine too"}, status=403)


def test_what_is_in_another_workspace_is_not_there(drawing):
    table = drawing.table("orders")
    stranger = drawing.people["stranger"]
    own = stranger.send("post", "", {"name": "Own"}, status=201)
    answer = stranger("get", f"{ROOT}/{own['id']}/tables/{table['id']}")
    assert (answer.status_code, answer.json()["message"]) == (404, "Table not found")
    body = {"name": "x", "primary_domain_id": drawing.sales}
    refused = stranger.send("post", f"/{own['id']}/tables", body, status=400)
    assert refused["details"]["field"] == "primary_domain_id"


def test_a_participant_may_leave_and_is_out_at_once(drawing):
    person = drawing.people["read"]
    path = f"{drawing.path}/collaboration/participants/{person.id}"
    person.send("delete", path, status=204)
    assert person.send("get", drawing.path, status=404)["message"] == "Workspace not found"
    assert drawing.owner.send("delete", path, status=404)["message"] == "Participant not found"


def test_the_owner_cannot_leave(drawing):
    path = f"{drawing.path}/collaboration/participants/{drawing.owner.id}"
    drawing.owner.send("delete", path, status=409)

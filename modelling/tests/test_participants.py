"""Who takes part: inviting by every name, changing, removing, and those who are no users yet."""

import pytest

from accounts.models import AuditEvent, GitHubAccount
from modelling.models import Invitation, Participant
from modelling.tests.drawing import Person

pytestmark = pytest.mark.django_db


def invite(drawing, *, status=201, **body):
    path = f"{drawing.path}/collaboration/invite"
    return drawing.owner.send("post", path, {"access_level": "read", **body}, status=status)


def sign_in(person, login, *emails):
    told = [{"email": email, "verified": True, "primary": True} for email in emails]
    GitHubAccount.objects.create(user=person.user, github_id=7, login=login, emails=told)


def test_somebody_is_invited_by_each_of_their_names(drawing):
    bob = Person("bob")
    sign_in(bob, "Bob-Hub")
    bob.user.email = "bob@example.com"
    bob.user.save()
    for name in (
        {"user_id": bob.id},
        {"user": "bob"},
        {"email": "Bob@example.com"},
        {"github_username": "bob-hub"},
    ):
        made = invite(drawing, **name)
        assert (made["user_id"], made["status"]) == (bob.id, "joined")
    assert Participant.objects.filter(user=bob.user).count() == 1


def test_a_second_invitation_changes_the_level(drawing):
    person = drawing.people["read"]
    assert invite(drawing, user_id=person.id, access_level="edit")["access_level"] == "edit"
    person.send("post", f"{drawing.path}/domains", {"name": "New"}, status=201)


def test_who_is_not_there_cannot_be_invited_by_a_uuid_or_a_username(drawing):
    nobody = "11111111-1111-4111-8111-111111111111"
    assert invite(drawing, user_id=nobody, status=404)["message"] == "User not found"
    assert invite(drawing, user="nobody", status=404)["message"] == "User not found"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "user_id"),
        ({"user_id": "x"}, "user_id"),
        ({"email": "x"}, "email"),
        ({"github_username": "no spaces"}, "github_username"),
        ({"user": "a", "email": "b@example.com"}, "email"),
        ({"user": "a", "access_level": "owner"}, "access_level"),
    ],
)
def test_an_invitation_names_one_person_and_a_level(drawing, body, field):
    assert invite(drawing, **body, status=400)["details"]["field"] == field


def test_the_owner_is_not_invited_and_a_personal_workspace_invites_nobody(drawing):
    told = invite(drawing, user_id=drawing.owner.id, status=400)
    assert told["details"]["field"] == "user_id"
    drawing.owner.send("put", drawing.path, {"type": "personal"})
    invite(drawing, user_id=drawing.people["read"].id, status=409)


def test_a_workspace_that_is_not_shared_any_more_loses_its_participants(drawing):
    seq = drawing.seq()
    drawing.owner.send("put", drawing.path, {"type": "personal"})
    for name in ("edit", "read", "canvas"):
        drawing.people[name].send("get", drawing.path, status=404)
    told = [event["type"] for event in drawing.events(seq)]
    assert told == ["workspace_updated", *["participant_removed"] * 3]


def test_who_is_no_user_yet_takes_part_after_signing_in_with_github(drawing):
    by_mail = invite(drawing, email="Eve@Example.com", access_level="edit")
    by_name = invite(drawing, github_username="Eve-Hub")
    assert (by_mail["email"], by_mail["status"]) == ("eve@example.com", "invited")
    told = drawing.get("collaboration")["invitations"]
    assert [one["id"] for one in told] == [by_mail["id"], by_name["id"]]
    assert drawing.people["edit"].send("get", f"{drawing.path}/collaboration")["invitations"] == []
    eve = Person("eve")
    assert eve.send("get", "") == {"workspaces": []}
    sign_in(eve, "someone", "eve@example.com")
    (found,) = eve.send("get", "")["workspaces"]
    assert found["id"] == drawing.id
    eve.send("post", f"{drawing.path}/domains", {"name": "New"}, status=201)
    assert Invitation.objects.count() == 1


def test_an_email_that_nobody_verified_takes_up_no_invitation(drawing):
    invite(drawing, email="eve@example.com")
    eve = Person("eve")
    eve.user.email = "eve@example.com"
    eve.user.save()
    assert eve.send("get", "") == {"workspaces": []}


def test_an_invitation_can_be_taken_back(drawing):
    made = invite(drawing, github_username="eve-hub")
    path = f"{drawing.path}/collaboration/invitations/{made['id']}"
    drawing.people["edit"].send("delete", path, status=403)
    drawing.owner.send("delete", path, status=204)
    drawing.owner.send("delete", path, status=404)
    eve = Person("eve")
    sign_in(eve, "eve-hub")
    assert eve.send("get", "") == {"workspaces": []}


def test_canvases_are_given_and_must_be_domains_of_the_workspace(drawing):
    person = drawing.people["read"]
    path = f"{drawing.path}/collaboration/participants/{person.id}"
    changed = drawing.owner.send("put", path, {"canvas_ownership": [drawing.stock]})
    assert (changed["canvas_ownership"], changed["access_level"]) == ([drawing.stock], "read")
    person.send("put", f"{drawing.path}/domains/{drawing.stock}", {"name": "Store"})
    told = drawing.owner.send("put", path, {"canvas_ownership": [drawing.id]}, status=400)
    assert told["details"]["field"] == "canvas_ownership"


def test_sharing_and_removing_is_written_down(drawing):
    person = drawing.people["read"]
    path = f"{drawing.path}/collaboration/participants/{person.id}"
    drawing.owner.send("delete", path, status=204)
    drawing.owner.send("delete", drawing.path, status=204)
    actions = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    assert actions.count("participant.added") == 3
    assert actions[-2:] == ["participant.removed", "workspace.deleted"]

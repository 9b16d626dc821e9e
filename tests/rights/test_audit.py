"""Whatever somebody changes is written down with who did it, and what is refused changes nothing."""

import json

import pytest

from accounts.models import AuditEvent
from modelling.models import Event
from tests.rights.table import NEW_PASSWORD, WORKSPACE, lines
from tests.rights.test_routes import ask
from tests.rights.world import EVERYBODY, NOBODY, OWNER, PASSWORD, make_world, undone

SAFE = ("GET",)
LINES = [line for line in lines() if line.method not in SAFE]
CHANGES = [line for line in LINES if line.scope]
# What lets somebody in without a token.
DOORS = [line for line in LINES if not line.scope and line.answers[NOBODY] in ("200", "201")]
# They change nothing here: there is no session, and no application that waits.
IDLE = {"POST /api/v1/auth/logout", "POST /api/v1/auth/github/login/desktop/approve"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings, db):
    settings.OPEN_ACCESS = False
    settings.GITHUB_CLIENT_ID = "client"
    settings.GITHUB_CLIENT_SECRET = "secret"
    # Nobody answers here what is asked of a system.
    settings.CHECK_SECONDS = settings.DISCOVER_SECONDS = settings.ANSWER_PATIENCE_SECONDS = 0
    settings.PREVIEW_SECONDS = 0
    return make_world()


# What is drawn in a workspace is written down once, as an event of the workspace (decision 121).
DRAWN = ("/domains", "/tables", "/relationships", "/data-flow-diagrams")


def after(last):
    return AuditEvent.objects.filter(pk__gt=last)


def is_drawing(line):
    """Return whether a line is about an element of a workspace."""
    rest = line.route.removeprefix(WORKSPACE)
    return rest != line.route and rest.startswith(DRAWN)


@pytest.mark.parametrize("line", CHANGES, ids=[line.name for line in CHANGES])
def test_a_change_is_written_down_and_a_refusal_leaves_nothing(world, line):
    for who in EVERYBODY:
        with undone():
            client = world.client(who)
            last, drawn = AuditEvent.objects.latest("pk").pk, Event.objects.latest("pk").pk
            answer = ask(world, line, client)
            written = list(after(last))
            actors = {event.actor for event in Event.objects.filter(pk__gt=drawn)}
        if answer.status_code >= 400:
            assert (written, actors) == ([], set()), who
            continue
        if is_drawing(line):
            assert actors == {world.people[who]}
            continue
        assert written, f"{who} changed something and nobody will know: call accounts.audit.record"
        for event in written:
            assert event.actor_uuid == world.people[who].uuid
            assert event.request_id == answer.headers["X-Request-ID"]
            assert event.address == "127.0.0.1"


@pytest.mark.parametrize("line", DOORS, ids=[line.name for line in DOORS])
def test_a_sign_up_and_a_log_in_are_written_down(world, line):
    with undone():
        client = world.client(NOBODY)
        last = AuditEvent.objects.latest("pk").pk
        ask(world, line, client)
        assert after(last).exists() == (line.name not in IDLE)


def test_no_secret_is_written_down(world):
    for line in LINES:
        with undone():
            answer = ask(world, line, world.client(OWNER))
            rows = json.dumps(list(AuditEvent.objects.values()), default=str)
        assert PASSWORD not in rows
        assert NEW_PASSWORD not in rows
        for name in ("key", "token", "access_token", "refresh_token"):
            if answer.content[:1] == b"{" and (secret := answer.json().get(name)):
                assert secret not in rows

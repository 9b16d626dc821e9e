"""Every method of every route, for everybody: what the table says, and nothing of what is not theirs."""

from typing import Any

import pytest
from django.urls import resolve

from accounts.models import Scope
from tests.rights import routes
from tests.rights.table import BODIES, Line, lines
from tests.rights.world import (
    EVERYBODY,
    MARK,
    NOBODY,
    OWNER,
    STRANGER,
    World,
    make_world,
    send,
    undone,
)

LINES = lines()
every_line = pytest.mark.parametrize("line", LINES, ids=[line.name for line in LINES])
every_locked_line = pytest.mark.parametrize(
    "line",
    [line for line in LINES if line.scope],
    ids=[line.name for line in LINES if line.scope],
)
pytestmark = pytest.mark.django_db
NOWHERE = "11111111-1111-4111-8111-111111111111"
# What a workspace is made of, by the names in its paths.
DRAWN = ("workspace", "domain", "table", "relationship", "diagram", "invitation")


@pytest.fixture
def world(settings, db) -> World:
    """The project and its people, behind a closed door; GitHub is set up and never asked."""
    settings.OPEN_ACCESS = False
    settings.GITHUB_CLIENT_ID = "client"
    settings.GITHUB_CLIENT_SECRET = "secret"
    settings.REDIRECT_ALLOWLIST = ["http://localhost:5173"]
    # Nobody answers here what is asked of a system.
    settings.CHECK_SECONDS = settings.DISCOVER_SECONDS = settings.ANSWER_PATIENCE_SECONDS = 0
    settings.PREVIEW_SECONDS = 0
    return make_world()


def ask(world: World, line: Line, client: Any) -> Any:
    """Send what the line is about, with the ids of the world."""
    ids = dict(world.ids)
    if line.name.endswith("/retry"):
        ids["run"] = str(world.failed_run.uuid)
    body = BODIES.get(line.name)
    if isinstance(body, dict):
        body = {key: filled(value, ids) for key, value in body.items()}
    return send(client, line.method, line.route.format(**ids), body)


def filled(value: Any, ids: dict[str, str]) -> Any:
    if not isinstance(value, str) or not value.startswith("{"):
        return value
    text = value.format(**ids)
    return int(text) if text.isdecimal() else text


def test_every_route_has_a_line_and_every_line_a_route():
    told = {(line.method, line.route) for line in LINES}
    missing, gone = routes.operations() - told, told - routes.operations()
    assert not missing, f"Say in tests/rights/table.py who may do this: {sorted(missing)}"
    assert not gone, f"Take out of tests/rights/table.py what is not there: {sorted(gone)}"
    assert len(told) == len(LINES), "A route has two lines"


def test_every_route_answers_with_a_slash_at_its_end_alike():
    for line in LINES:
        path = line.route.format(
            **dict.fromkeys(("job", "file_job", "run", "project", "state_id"), "1"),
            **dict.fromkeys(("source", "destination", "task"), "1"),
            connector="duckdb",
            **dict.fromkeys(("user", "session", "key", *DRAWN), NOWHERE),
        )
        assert resolve(path).func is resolve(f"{path}/").func or (
            resolve(path).func.cls is resolve(f"{path}/").func.cls
        )


@every_line
def test_everybody_gets_what_the_table_says(world, line):
    got = {}
    for who in EVERYBODY:
        with undone():
            got[who] = str(ask(world, line, world.client(who)).status_code)
    assert got == line.answers


@every_locked_line
def test_who_is_refused_or_no_member_reads_no_name_of_the_project(world, line):
    for who in EVERYBODY:
        with undone():
            answer = ask(world, line, world.client(who))
        if who in (NOBODY, STRANGER) or answer.status_code in (401, 403, 404):
            assert MARK not in answer.content.decode(), who


@every_line
def test_open_mode_opens_the_routes_of_orc_and_no_other(world, settings, line):
    settings.OPEN_ACCESS = True
    with undone():
        answer = ask(world, line, world.client(NOBODY))
    expected = line.answers[STRANGER] if line.is_open else line.answers[NOBODY]
    assert str(answer.status_code) == expected
    if line.scope:
        assert MARK not in answer.content.decode()


@every_locked_line
def test_a_key_may_be_used_for_what_it_is_for_and_for_nothing_else(world, line):
    for scope in Scope:
        with undone():
            answer = ask(world, line, world.client_with_key(scope))
        if scope == line.scope:
            assert str(answer.status_code) == line.answers[OWNER]
        else:
            assert answer.status_code == 403, scope
            assert answer.json()["message"].endswith(f"it lacks the scope {line.scope}")


@every_locked_line
def test_to_ask_for_the_methods_of_a_route_tells_nothing_of_a_row(world, line):
    for who in (NOBODY, STRANGER):
        with undone():
            answer = send(world.client(who), "options", line.route.format(**world.ids))
        assert answer.status_code == (401 if who == NOBODY else 200)
        assert MARK not in answer.content.decode()

"""The Olake contract from its first line to its last, on one live server.

Each body that the contract prints is sent or compared as it stands there: a type that it prints for
a value stands for any value of that type, and no key is missing. What a client must choose itself
(which connector, which settings, which numbers) takes the place of the contract's type.
"""

import sqlite3
from contextlib import closing
from datetime import datetime
from typing import Any

import httpx2
import pytest

from config.api.examples import example, printed
from tests.faults.runs import finish, start
from tests.servers.platform import embedded_platform

pytestmark = pytest.mark.slow

WHO = {"name": "Ada", "email": "ada@example.org", "password": "mypassword"}
TYPES = {"integer": int, "string": str, "boolean": bool, "object": (dict, list)}
# A line of a log is text, whatever the contract prints for it.
MEANT = {"message: integer": "string"}


class Walk:
    """A client that notes which of the printed answers it has seen."""

    def __init__(self, http: httpx2.Client) -> None:
        self.http = http
        self.seen: set[str] = set()

    def __call__(self, printed_as: str, path: str, status: int, body: Any = None) -> Any:
        """Call `path` as the contract's endpoint; its answer has the printed shape."""
        method = printed_as.partition(" ")[0]
        answer = self.http.request(method, path, json=body)
        assert answer.status_code == status, (printed_as, answer.text)
        if status == 204:
            assert answer.content == b""
            return None
        compare(example("olake", printed_as, "response"), answer.json(), printed_as)
        self.seen.add(printed_as)
        return answer.json()


def compare(shown: Any, found: Any, place: str) -> None:
    """Fail unless a value has the shape that is printed for it."""
    if isinstance(shown, dict):
        assert isinstance(found, dict), place
        assert set(shown) <= set(found), (place, set(shown) - set(found))
        for key, inner in shown.items():
            compare(MEANT.get(f"{key}: {inner}", inner), found[key], f"{place}.{key}")
    elif isinstance(shown, list):
        assert isinstance(found, list), place
        assert found, f"{place} has no element to compare"
        for one in found:
            compare(shown[0], one, place)
    elif shown == "null":
        assert found is None, place
    elif shown == "timestamp":
        assert found.endswith("Z"), place
        datetime.fromisoformat(found)
    else:
        assert isinstance(found, TYPES[shown]), (place, found)
        assert isinstance(found, bool) is (shown == "boolean"), (place, found)


def asked(endpoint: str, **chosen: Any) -> dict[str, Any]:
    """Return the printed request with what a client chooses in it, and nothing beside it."""
    shown = example("olake", endpoint, "request")
    assert chosen.keys() == shown.keys(), shown.keys() ^ chosen.keys()
    return chosen


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    with embedded_platform(tmp_path_factory.mktemp("olake"), DEBUG="0") as running:
        with closing(sqlite3.connect(running.data_dir / "files" / "shop.sqlite")) as shop, shop:
            shop.execute("create table orders (id integer primary key, price real)")
            shop.executemany("insert into orders (price) values (?)", [(1.5,), (2.5,)])
        yield running


@pytest.fixture(scope="module")
def walk(platform):
    with httpx2.Client(base_url=platform.url, timeout=60) as http:
        yield Walk(http)


def test_every_endpoint_answers_what_the_contract_prints(platform, walk):
    me = log_in(walk)
    source, destination = save_ends(walk, me)
    job = save_job(walk, me, source, destination)
    finish(walk.http, platform, start(walk.http, [str(job)]))
    read_all(walk, job, source, destination)
    change_and_delete(walk, me, job, source, destination)
    endpoints = {endpoint for endpoint, side in printed("olake") if side == "response"}
    walked = {endpoint.replace(":id", "{}").replace(":taskid", "{}") for endpoint in walk.seen}
    assert endpoints - walked == {"400", "401", "403", "404", "500"}


def log_in(walk: Walk) -> str:
    walk("POST /signup", "/signup", 201, asked("POST /signup", **WHO))
    who = {key: WHO[key] for key in ("email", "password")}
    told = walk("POST /login", "/login", 200, asked("POST /login", **who))
    walk.http.headers["Authorization"] = f"Bearer {told['token']}"
    assert walk("GET /auth/check", "/auth/check", 200)["authenticated"] is True
    return WHO["email"]


def save_ends(walk: Walk, me: str) -> tuple[int, int]:
    by = {"project_id": 1, "created_by": me, "updated_by": me}
    ends = []
    for role, type_name, kind in (
        ("sources", "source_type", "sqlite"),
        ("destinations", "dest_type", "duckdb"),
    ):
        path = "shop.sqlite" if kind == "sqlite" else "copy.duckdb"
        id_name = "source_id" if role == "sources" else "dest_id"
        chosen = {"name": "shop", type_name: kind, "config": {"path": path}}
        endpoint = f"POST /{role}"
        made = walk(endpoint, f"/{role}", 201, asked(endpoint, **chosen, **by))
        tried = asked(f"{endpoint}/test", **{id_name: made[id_name], "config": {"path": path}})
        assert walk(f"{endpoint}/test", f"/{role}/test", 200, tried)["status"] == "success"
        walk(f"GET /{role}", f"/{role}", 200)
        walk(f"GET /sources/{type_name}/spec", f"/sources/{type_name}/spec?type={kind}", 200)
        walk(f"GET /sources/{type_name}/spec", f"/sources/{kind}/spec", 200)
        ends.append(made[id_name])
    return ends[0], ends[1]


def save_job(walk: Walk, me: str, source: int, destination: int) -> int:
    catalog = walk("GET /sources/:id/catalog", f"/sources/{source}/catalog", 200)["catalog"]
    chosen = asked(
        "POST /jobs",
        name="copy",
        source_id=source,
        dest_id=destination,
        frequency="hourly",
        config=catalog,
        project_id=1,
        connected=True,
        created_by=me,
        updated_by=me,
        last_sync_state={"last_run_time": "2026-01-20T10:30:00Z", "last_run_state": "success"},
    )
    answer = walk.http.post("/jobs", json=chosen)
    assert answer.status_code == 201, answer.text
    # A job that has not run yet has no last state, whatever its client says.
    said = answer.json()["last_sync_state"]
    assert (said["last_run_time"], said["last_run_state"]) == (None, None)
    return answer.json()["job_id"]


def read_all(walk: Walk, job: int, source: int, destination: int) -> None:
    walk("GET /jobs", "/jobs", 200)
    # It is the same row that making it answers, but for the run it has had since.
    shown = example("olake", "POST /jobs", "response")
    compare(shown, walk.http.get("/jobs").json()[0], "POST /jobs")
    walk.seen.add("POST /jobs")
    walk("GET /jobs/:id/history", f"/jobs/{job}/history", 200)
    (task,) = walk("GET /jobs/:id/tasks", f"/jobs/{job}/tasks", 200)["data"]
    walk("GET /jobs/:id/task/:taskid", f"/jobs/{job}/task/{task['id']}", 200)
    walk("GET /sources/:id/jobs", f"/sources/{source}/jobs", 200)
    walk("GET /destinations/:id/jobs", f"/destinations/{destination}/jobs", 200)


def change_and_delete(walk: Walk, me: str, job: int, source: int, destination: int) -> None:
    kept = walk.http.get("/jobs").json()[0]
    names = example("olake", "PUT /jobs/:id", "request")
    changed = {**{name: kept[name] for name in names}, "connected": False}
    told = walk("PUT /jobs/:id", f"/jobs/{job}", 200, asked("PUT /jobs/:id", **changed))
    assert told["connected"] is False
    for role, number in (("sources", source), ("destinations", destination)):
        endpoint = f"PUT /{role}/:id"
        kept = walk.http.get(f"/{role}").json()[0]
        names = example("olake", endpoint, "request")
        body = asked(endpoint, **{name: kept[name] for name in names})
        walk(endpoint, f"/{role}/{number}", 200, body)
    walk("DELETE /jobs/:id", f"/jobs/{job}", 204)
    walk("DELETE /sources/:id", f"/sources/{source}", 204)
    walk("DELETE /destinations/:id", f"/destinations/{destination}", 204)


@pytest.mark.parametrize(
    ("status", "method", "path", "body"),
    [
        (400, "POST", "/sources", {"name": ""}),
        (400, "GET", "/sources/one/jobs", None),
        (404, "GET", "/sources/999/jobs", None),
    ],
)
def test_errors_are_the_printed_ones(walk, status, method, path, body):
    if "Authorization" not in walk.http.headers:
        log_in(walk)
    answer = walk.http.request(method, path, json=body)
    assert answer.status_code == status
    shown = example("olake", str(status), "response")
    assert {key: type(answer.json()[key]) for key in shown} == dict.fromkeys(shown, str)
    if shown["message"] != "string":
        assert answer.json()["message"] == shown["message"]


def test_without_a_token_the_printed_text_says_so(platform):
    answer = httpx2.get(f"{platform.url}/sources")
    assert answer.status_code == 401
    assert answer.json()["message"] == example("olake", "401", "response")["message"]


def test_the_front_ends_origin_may_call_with_what_the_contract_lists(platform):
    asked_for = {
        "Origin": "http://localhost:5173",
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "origin, content-type, accept, authorization",
    }
    answer = httpx2.options(f"{platform.url}/sources/1", headers=asked_for)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "http://localhost:5173"
    assert answer.headers["access-control-allow-credentials"] == "true"
    methods = {name.strip() for name in answer.headers["access-control-allow-methods"].split(",")}
    assert {"GET", "POST", "PUT", "DELETE", "OPTIONS"} <= methods
    headers = answer.headers["access-control-allow-headers"].lower()
    assert all(name in headers for name in ("origin", "content-type", "accept", "authorization"))

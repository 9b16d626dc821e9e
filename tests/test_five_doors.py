"""Log-ins of all five contracts against one server on one port, in production's settings.

The bodies are the contracts' own, to the letter; where a contract prints a type for a value, a value
stands for it. Every door's token opens every other contract's routes, until it is logged out.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from config.api.examples import example, filled, printed
from tests.servers.platform import embedded_platform

pytestmark = pytest.mark.slow

NOBODY = "11111111-1111-4111-8111-111111111111"
HERE, THERE = "203.0.113.7", "198.51.100.9"
ADMIN = {"username": "root", "password": "the admin's password"}
ADA = {"name": "Ada", "email": "ada@example.org", "password": "mypassword"}
FIVE = {"Olake", "orc-rust-ator", "Karyaksham", "ETL Builder", "Modelling"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    """A platform as in production, behind a proxy, with a first admin from the environment."""
    variables = {
        "DEBUG": "0",
        "TRUSTED_PROXIES": "127.0.0.1/32",
        "LOGIN_FAILURES": "5/15min",
        "ADMIN_USERNAME": ADMIN["username"],
        "ADMIN_PASSWORD": ADMIN["password"],
    }
    with embedded_platform(tmp_path_factory.mktemp("doors"), **variables) as running:
        yield running


@pytest.fixture(scope="module")
def api(platform):
    with httpx2.Client(base_url=platform.url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def users(api):
    """Somebody signed up as each contract prints it."""
    answers = {
        "orc": api.post(
            "/auth/register",
            content=printed("orc-rust-ator")["POST /auth/register", "request"],
            headers=JSON,
        ),
        "kary": api.post(
            "/api/v1/auth/register",
            content=printed("karyaksham")["POST /api/v1/auth/register", "request"],
            headers=JSON,
        ),
        "etl": api.post(
            "/api/v1/auth/register",
            content=printed("etl-builder")["POST /api/v1/auth/register", "request"],
            headers=JSON,
        ),
        "olake": api.post("/signup", json=ADA),
        # The contract registers one user and logs another one in.
        "etl's other": api.post(
            "/api/v1/auth/register", json={"username": "your_username", "password": "your_password"}
        ),
    }
    assert {answer.status_code for answer in answers.values()} == {200, 201}
    return {door: answer.json() for door, answer in answers.items()}


def log_in(api, door):
    """Log in as the contract prints it, and return its answer."""
    if door == "orc":
        body = printed("orc-rust-ator")["POST /auth/login", "request"]
        answer = api.post("/auth/login", content=body, headers=JSON)
    elif door == "olake":
        body = {key: ADA[key] for key in example("olake", "POST /login", "request")}
        answer = api.post("/login", json=body)
    elif door == "modelling":
        body = {"refresh_token": log_in(api, "etl")["refresh_token"]}
        assert (
            body.keys() == example("data-modelling", "POST /api/v1/auth/refresh", "request").keys()
        )
        answer = api.post("/api/v1/auth/refresh", json=body)
    else:
        contract = {"kary": "karyaksham", "etl": "etl-builder"}[door]
        form = printed(contract)["POST /api/v1/auth/login", "request"].strip()
        answer = api.post("/api/v1/auth/login", content=form, headers=FORM)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.json()


def token_in(answer):
    return answer.get("token") or answer["access_token"]


def bearer(token):
    return {"authorization": f"Bearer {token}"}


DOORS = ["olake", "orc", "kary", "etl", "modelling"]


@pytest.fixture(scope="module")
def answers(api, users):
    return {door: log_in(api, door) for door in DOORS}


@pytest.fixture(scope="module")
def tokens(answers):
    return {door: token_in(answer) for door, answer in answers.items()}


def kinds(value):
    """Return the shape of a body: its keys, and the types of its values."""
    if isinstance(value, dict):
        return {key: kinds(inner) for key, inner in value.items()}
    return type(value)


@pytest.mark.parametrize(
    ("door", "contract", "endpoint"),
    [
        ("kary", "karyaksham", "POST /auth/register"),
        ("etl", "etl-builder", "POST /auth/register"),
        ("olake", "olake", "POST /signup"),
    ],
)
def test_a_sign_up_answers_as_its_contract_prints_it(users, door, contract, endpoint):
    assert kinds(users[door]) == kinds(filled(example(contract, endpoint, "response")))


@pytest.mark.parametrize(
    ("door", "contract", "endpoint"),
    [
        ("olake", "olake", "POST /login"),
        ("orc", "orc-rust-ator", "POST /auth/login"),
        ("kary", "karyaksham", "POST /auth/login"),
        ("etl", "etl-builder", "POST /auth/login"),
        ("modelling", "data-modelling", "POST /api/v1/auth/refresh"),
    ],
)
def test_a_log_in_answers_what_its_contract_prints_and_more(answers, door, contract, endpoint):
    expected = kinds(filled(example(contract, endpoint, "response")))
    assert kinds(answers[door]).items() >= expected.items()


@pytest.mark.parametrize("door", DOORS)
def test_every_contract_tells_whoever_came_in_by_any_door_who_they_are(api, tokens, door):
    for contract, prefix, path in (
        ("olake", "", "/auth/check"),
        ("karyaksham", "/api/v1", "/users/me"),
        ("etl-builder", "/api/v1", "/auth/me"),
    ):
        answer = api.get(prefix + path, headers=bearer(tokens[door]))
        assert answer.status_code == 200
        assert answer.json().keys() >= example(contract, f"GET {path}", "response").keys()


def routes_of(api):
    """Return the GET routes that ask for a token, with whether one of the five contracts has it."""
    for path, methods in api.get("/openapi.json").json()["paths"].items():
        operation = methods.get("get", {})
        if operation.get("security"):
            is_whole = bool(FIVE & set(operation["tags"])) and "{" not in path
            parts = [NOBODY if part.startswith("{") else part for part in path.split("/")]
            yield "/".join(parts), is_whole


@pytest.mark.parametrize("door", DOORS)
def test_every_doors_token_opens_the_routes_of_every_contract(api, tokens, door):
    routes = list(routes_of(api))
    assert {"/jobs", "/runs", "/auth/check", "/api/v1/auth/me", "/api/v1/users/me"} <= {
        path for path, _ in routes
    }
    for path, is_whole in routes:
        for spelling in (path, f"{path}/"):
            status = api.get(spelling, headers=bearer(tokens[door])).status_code
            assert status == 200 if is_whole else status not in (401, 500), (spelling, status)


def test_without_a_token_every_one_of_them_is_401_in_the_one_body(api):
    for path, _ in routes_of(api):
        answer = api.get(path)
        assert answer.status_code == 401, path
        body = answer.json()
        assert body["message"] == body["detail"]
        assert (body["error"], body["error_code"]) == ("unauthorized", "UNAUTHORIZED")


def test_the_errors_are_those_that_the_contracts_print(api):
    answer = api.get("/auth/check", headers=bearer("x.y.z"))
    assert answer.json()["message"] == example("olake", "401", "response")["message"]
    answer = api.post("/api/v1/auth/refresh", json={"refresh_token": "x.y.z"})
    expected = example("data-modelling", "401", "response")
    assert {key: answer.json()[key] for key in expected} == expected


# --- Logging out -----------------------------------------------------------------------------


def start_a_run(api, token):
    """Make a task job, start it, and return the id of its run; any door's token may."""
    task = {
        "extractor_config": {"type": "csv", "path": "in.csv"},
        "loader_config": {"type": "duckdb", "db_path": "out.duckdb", "table_name": "rows"},
    }
    job = {"job_name": "Copy", "schedule": "@manual", "is_active": True, "tasks": [task]}
    made = api.post("/jobs", json=job, headers=bearer(token))
    assert made.status_code == 200, made.text
    started = api.post(f"/jobs/{made.json()['job_id']}/run", headers=bearer(token))
    assert started.status_code == 200, started.text
    return started.json()["run_id"]


def watching(platform, run, token):
    address = platform.url.replace("http", "ws", 1)
    return connect(f"{address}/api/v1/ws/runs/{run}?token={token}", proxy=None)


def demand_let_in(socket):
    socket.send(json.dumps({"type": "ping"}))
    while json.loads(socket.recv(20)).get("type") != "pong":
        pass


def close_code(socket):
    try:
        while True:
            socket.recv(20)
    except ConnectionClosed:
        return socket.close_code


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("by", ["access token", "refresh token"])
def test_logging_out_ends_a_session_and_its_sockets_at_once(platform, api, users, door, by):
    answer = log_in(api, door)
    token, refresh = token_in(answer), answer["refresh_token"]
    run = start_a_run(api, token)
    with watching(platform, run, token) as socket:
        demand_let_in(socket)
        began = time.monotonic()
        sent = (
            {"headers": bearer(token)}
            if by == "access token"
            else {"json": {"refresh_token": refresh}}
        )
        gone = api.post("/api/v1/auth/logout", **sent)
        assert (gone.status_code, gone.json()["message"]) == (200, "You are logged out")
        assert api.get("/api/v1/auth/me", headers=bearer(token)).status_code == 401
        assert close_code(socket) == 4401
        assert time.monotonic() - began < 20
    again = api.post("/api/v1/auth/refresh", json={"refresh_token": refresh})
    assert again.status_code == 401
    with watching(platform, run, token) as socket:
        assert close_code(socket) == 4401


def test_other_sessions_of_the_same_user_go_on(api, users):
    first, second = (token_in(log_in(api, "olake")) for _ in range(2))
    api.post("/api/v1/auth/logout", headers=bearer(first))
    assert api.get("/auth/check", headers=bearer(second)).status_code == 200


# --- The platform as a whole -------------------------------------------------------------------


def test_the_first_admin_came_from_the_environment(platform, api):
    assert "Made the admin root." in platform.log()
    answer = api.post("/api/v1/auth/login", data=ADMIN)
    me = api.get("/api/v1/auth/me", headers=bearer(answer.json()["access_token"])).json()
    assert (me["username"], me["role"]) == ("root", "admin")


def test_guesses_from_one_address_do_not_lock_the_owner_out_at_another(api, users):
    def guess(number):
        body = {"email": ADA["email"], "password": f"guess number {number}"}
        return api.post("/login", json=body, headers={"x-forwarded-for": HERE}).status_code

    with ThreadPoolExecutor(8) as guessers:
        assert sorted(guessers.map(guess, range(8))) == [401] * 5 + [429] * 3
    body = {"email": ADA["email"], "password": ADA["password"]}
    refused = api.post("/login", json=body, headers={"x-forwarded-for": HERE})
    assert (refused.status_code, refused.json()["error"]) == (429, "rate_limit_exceeded")
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert api.post("/login", json=body, headers={"x-forwarded-for": THERE}).status_code == 200

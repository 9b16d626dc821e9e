"""Signing in with GitHub on the whole platform, by a plain client that follows redirects."""

from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx2
import pytest

from tests.servers.github import running_github
from tests.servers.http import HttpServer, Reply
from tests.servers.platform import embedded_platform, service_platform

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def github():
    with running_github() as server:
        yield server


@pytest.fixture(scope="module", params=["embedded", "services"])
def platform(request, tmp_path_factory, github):
    """A platform that knows our own GitHub."""
    folder = tmp_path_factory.mktemp("github")
    if request.param == "embedded":
        with embedded_platform(folder, **github.environment) as running:
            yield running
        return
    server = request.getfixturevalue("postgres_server")
    with service_platform(folder, server, **github.environment) as running:
        yield running


@pytest.fixture
def browser(platform):
    with httpx2.Client(base_url=platform.url, timeout=60, follow_redirects=True) as client:
        yield client


@pytest.fixture
def frontend():
    """A front-end of which the platform knows nothing but that it runs on this machine."""
    with HttpServer() as server:
        server.routes["/auth/complete"] = lambda _request: Reply(b"welcome")
        yield server


def test_a_front_end_gets_tokens_that_open_every_door_until_it_logs_out(
    platform, browser, frontend
):
    page = browser.get(
        "/api/v1/auth/github/login",
        params={"redirect_uri": f"{frontend.url}/auth/complete?tab=1"},
    )
    assert (page.status_code, page.text) == (200, "welcome")
    arrived = parse_qs(urlsplit(str(page.url)).query)
    assert arrived.keys() == {"tab", "code"}
    with httpx2.Client(base_url=platform.url, timeout=60) as http:
        body = {"code": arrived["code"][0]}
        pair = http.post("/api/v1/auth/exchange", json=body).raise_for_status().json()
        assert http.post("/api/v1/auth/exchange", json=body).status_code == 400
        http.headers["Authorization"] = f"Bearer {pair['access_token']}"
        assert http.get("/api/v1/auth/status").json()["github_username"] == "octocat"
        assert http.get("/api/v1/auth/me").json()["user"]["email"] == "octocat@example.org"
        assert http.get("/jobs").status_code == 200
        refreshed = http.post(
            "/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]}
        ).raise_for_status()
        assert refreshed.json()["access_token_expires_at"] >= pair["access_token_expires_at"]
        assert http.post("/api/v1/auth/logout").status_code == 200
        assert http.get("/api/v1/auth/me").status_code == 401
        assert http.get("/api/v1/auth/status").json()["authenticated"] is False
    assert arrived["code"][0] not in platform.log()


def test_an_application_collects_its_tokens_while_the_browser_is_away(platform, browser):
    state_id = str(uuid4())
    with httpx2.Client(base_url=platform.url, timeout=60) as application:
        asked = application.get(
            "/api/v1/auth/github/login/desktop",
            params={"state_id": state_id},
            headers={"Accept": "application/json"},
        ).json()
        assert asked["state_id"] == state_id
        assert application.get(f"/api/v1/auth/poll/{state_id}").json() == {"completed": False}
        page = browser.get(asked["auth_url"])
        assert "You can return to the application" in page.text
        body = application.get(f"/api/v1/auth/poll/{state_id}").json()
        assert body["completed"] is True
        assert application.get(f"/api/v1/auth/poll/{state_id}").status_code == 404
        application.headers["Authorization"] = f"Bearer {body['access_token']}"
        assert application.get("/api/v1/auth/me").json()["username"] == "octocat"
    assert state_id not in platform.log()


def test_no_is_told_to_the_front_end(browser, frontend, github):
    github.denies = True
    try:
        page = browser.get(
            "/api/v1/auth/github/login", params={"redirect_uri": f"{frontend.url}/auth/complete"}
        )
    finally:
        github.denies = False
    assert str(page.url) == f"{frontend.url}/auth/complete?error=access_denied"

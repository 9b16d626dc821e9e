"""The platform's public API, as far as the tour needs it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2

ENDED = {"success", "failed"}
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Client:
    """A logged-in user of one platform."""

    http: httpx2.Client

    @classmethod
    def register(cls, url: str, username: str, password: str) -> "Client":
        """Register a user, log in, and return its client."""
        http = httpx2.Client(base_url=url, timeout=30)
        who = {"username": username, "password": password}
        http.post("/auth/register", json=who).raise_for_status()
        token = http.post("/auth/login", json=who).raise_for_status().json()["token"]
        http.headers["Authorization"] = f"Bearer {token}"
        return cls(http)

    @classmethod
    def sign_up(cls, url: str, name: str, email: str, password: str) -> "Client":
        """Sign up and log in as Olake's clients do, and return the user's client."""
        http = httpx2.Client(base_url=url, timeout=90)
        who = {"name": name, "email": email, "password": password}
        http.post("/signup", json=who).raise_for_status()
        token = http.post("/login", json=who).raise_for_status().json()["token"]
        http.headers["Authorization"] = f"Bearer {token}"
        return cls(http)

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Send a request and return what was answered; an error ends the tour with its message."""
        answer = self.http.request(method, path, json=body)
        if answer.is_error:
            raise SystemExit(f"{method} {path}: {answer.json()['message']}")
        return answer.json()

    def create_job(self, name: str, extractor: dict[str, Any], loader: dict[str, Any]) -> str:
        """Create a job of one task that is run by hand, and return its id."""
        body = {
            "job_name": name,
            "description": None,
            "schedule": "@manual",
            "is_active": True,
            "tasks": [{"extractor_config": extractor, "loader_config": loader}],
        }
        created = self.http.post("/jobs", json=body)
        if created.is_error:
            raise SystemExit(created.json()["message"])
        return str(created.json()["job_id"])

    def start(self, job: str) -> str:
        """Start a run and return its id."""
        return str(self.http.post(f"/jobs/{job}/run").raise_for_status().json()["run_id"])

    def watch(self, run: str, see: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Show every state of a run to `see` until it has ended, and return the last one."""
        while True:
            state: dict[str, Any] = self.http.get(f"/runs/{run}").raise_for_status().json()
            see(state)
            if state["status"] in ENDED:
                return state
            time.sleep(POLL_SECONDS)

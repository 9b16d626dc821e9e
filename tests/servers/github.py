"""A GitHub of our own: an OAuth server and its API on loopback, with every failure at will."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from tests.servers.http import HttpServer, Reply, Request

CLIENT_ID, CLIENT_SECRET = "Iv1.millrace", "the-secret-of-the-app"
OCTOCAT = {"id": 583231, "login": "octocat", "name": "The Octocat", "email": None}
EMAILS = [
    {"email": "octocat@example.org", "verified": True, "primary": True, "visibility": "private"}
]


@dataclass
class GitHub:
    """What the server knows: one app, the user who is signed in there, codes and tokens."""

    server: HttpServer
    prefix: str
    api: str
    user: dict[str, Any] = field(default_factory=lambda: dict(OCTOCAT))
    emails: list[dict[str, Any]] = field(default_factory=lambda: [dict(mail) for mail in EMAILS])
    denies: bool = False
    """Whether the user says no."""
    faults: dict[str, Callable[[Request], Reply]] = field(default_factory=dict)
    """What a path (`token`, `user`, `emails`) answers instead of what it should."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    seen: list[dict[str, str]] = field(default_factory=list)
    """The parameters of each visit to the page where the user allows the app."""

    @property
    def url(self) -> str:
        """Return what GITHUB_URL has to be."""
        return f"{self.server.url}{self.prefix}"

    @property
    def api_url(self) -> str:
        """Return what GITHUB_API_URL has to be."""
        return f"{self.server.url}{self.api}"

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings of a platform whose users sign in here."""
        return {
            "GITHUB_CLIENT_ID": CLIENT_ID,
            "GITHUB_CLIENT_SECRET": CLIENT_SECRET,
            "GITHUB_URL": self.url,
            "GITHUB_API_URL": self.api_url,
        }

    def issue(self, **known: str) -> str:
        """Make a code as if a user had allowed an app."""
        code = secrets.token_hex(10)
        self.codes[code] = known
        return code

    def authorize(self, request: Request) -> Reply:
        """Send the browser back with a code, or with the user's no."""
        asked = dict(request.params)
        self.seen.append(asked)
        if asked.get("client_id") != CLIENT_ID or asked.get("code_challenge_method") != "S256":
            return Reply(b"no such app", 404)
        answer = {"state": asked["state"]}
        if self.denies:
            answer |= {"error": "access_denied", "error_description": "The user said no."}
        else:
            answer["code"] = self.issue(**asked)
        return Reply(
            status=302, headers={"Location": f"{asked['redirect_uri']}?{urlencode(answer)}"}
        )

    def redeem(self, request: Request) -> Reply:
        """Give a token for a code, once; what is wrong is told with status 200, as GitHub does."""
        form = {name: values[-1] for name, values in parse_qs(request.body.decode()).items()}
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _json({"error": "incorrect_client_credentials"})
        known = self.codes.pop(form.get("code", ""), None)
        if known is None or known["client_id"] != CLIENT_ID:
            return _json({"error": "bad_verification_code"})
        if known["redirect_uri"] != form.get("redirect_uri"):
            return _json({"error": "redirect_uri_mismatch"})
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != known["code_challenge"]:
            return _json({"error": "bad_verification_code"})
        token = f"gho_{secrets.token_hex(18)}"
        self.tokens.add(token)
        return _json({"access_token": token, "scope": "user:email", "token_type": "bearer"})

    def guarded(self, name: str) -> Callable[[Request], Reply]:
        """Return what answers with the user or the e-mails to whoever has a token."""

        def answer(request: Request) -> Reply:
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            if token not in self.tokens:
                return _json({"message": "Bad credentials"}, status=401)
            return _json(getattr(self, name))

        return answer


@contextmanager
def running_github(*, prefix: str = "", api: str = "/api"):
    """Run a server whose pages lie under a prefix, and its API under another."""
    with HttpServer() as server:
        github = GitHub(server, prefix, api)
        routes = {
            "token": (f"{prefix}/login/oauth/access_token", github.redeem),
            "user": (f"{api}/user", github.guarded("user")),
            "emails": (f"{api}/user/emails", github.guarded("emails")),
        }
        server.routes[f"{prefix}/login/oauth/authorize"] = github.authorize
        for name, (path, answer) in routes.items():
            server.routes[path] = _or_fault(github, name, answer)
        yield github


def _or_fault(github: GitHub, name: str, answer: Callable[[Request], Reply]):
    def reply(request: Request) -> Reply:
        return github.faults.get(name, answer)(request)

    return reply


def _json(body: Any, *, status: int = 200) -> Reply:
    return Reply(json.dumps(body).encode(), status, {"Content-Type": "application/json"})

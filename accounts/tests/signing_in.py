"""A browser that signs in with GitHub, step by step, for tests."""

from urllib.parse import parse_qs, urlsplit

import httpx2
from django.test import Client

LOGIN = "/api/v1/auth/github/login"
DESKTOP = "/api/v1/auth/github/login/desktop"
FRONTEND = "https://app.example.org/auth/complete"


def query(url: str) -> dict[str, str]:
    """Return the parameters of a URL."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}


class Browser(Client):
    """A client that can go to GitHub and back."""

    def leave(self, path: str = LOGIN, **parameters: str) -> str:
        """Begin a sign-in and return the URL of GitHub's page."""
        answer = self.get(path, parameters)
        assert answer.status_code == 302, answer.content
        return answer.headers["Location"]

    def allow(self, url: str) -> str:
        """Allow the app on GitHub's page and return our own URL that the browser is sent to."""
        answer = httpx2.get(url, follow_redirects=False)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def arrive(self, url: str):
        """Come back to our own URL."""
        parts = urlsplit(url)
        return self.get(f"{parts.path}?{parts.query}")

    def sign_in(self, path: str = LOGIN, **parameters: str):
        """Go to GitHub and back; return what we answer then."""
        return self.arrive(self.allow(self.leave(path, **parameters)))

    def code(self, **parameters: str) -> str:
        """Sign in to a front-end and return the code that it is given."""
        return query(self.sign_in(**parameters).headers["Location"])["code"]

    def send(self, path: str, body: dict, **headers: str):
        """Send JSON to one of the routes under /api/v1/auth."""
        place = f"/api/v1/auth/{path}"
        return self.post(place, body, content_type="application/json", headers=headers)

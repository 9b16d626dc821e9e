"""What a browser takes to GitHub: the state, the challenge, and a cookie that stays behind.

The verifier and the cookie follow from the state and our key, so neither has to be kept anywhere.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import salted_hmac

from config.api.errors import Unavailable

NEEDED = ("GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET")
SCOPE = "user:email"
# So long may somebody take at GitHub.
SECONDS = 600
COOKIE = "millrace_github_"
# Browsers take a cookie of such a name from this very host alone, no neighbour can plant it.
SECURE_PREFIX = "__Host-"


@dataclass(frozen=True)
class Journey:
    """A browser's way to GitHub and back."""

    state: str
    callback: str
    """Our own URL, at which GitHub hands the browser back."""
    chooses_account: bool = False
    """Whether GitHub asks for the account even where it knows it."""

    @property
    def url(self) -> str:
        """Return the page of GitHub at which it begins."""
        query = {
            "client_id": settings.GITHUB_CLIENT_ID,
            "redirect_uri": self.callback,
            "scope": SCOPE,
            "state": self.state,
            "code_challenge": _text(hashlib.sha256(verifier(self.state).encode()).digest()),
            "code_challenge_method": "S256",
        }
        if self.chooses_account:
            query["prompt"] = "select_account"
        return f"{settings.GITHUB_URL}/login/oauth/authorize?{urlencode(query)}"


def demand_settings() -> None:
    """Return if GitHub is set up; Unavailable names the settings that are missing."""
    if missing := [name for name in NEEDED if not getattr(settings, name)]:
        names = " and ".join(missing)
        raise Unavailable(f"Signing in with GitHub is not set up: {names} must be set")


def verifier(state: str) -> str:
    """Return what proves to GitHub that whoever redeems the code began the journey (RFC 7636)."""
    return _derived("verifier", state)


def callback_url(request: HttpRequest) -> str:
    """Return our URL for GitHub to come back to, as browsers see it."""
    path = reverse("github-callback")
    return (
        f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
    )


def bind(response: HttpResponse, request: HttpRequest, *, state: str) -> None:
    """Leave a cookie with the browser, by which it is known when it comes back."""
    response.set_cookie(
        _cookie(request, state),
        _derived("browser", state),
        max_age=SECONDS,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def is_bound(request: HttpRequest, *, state: str) -> bool:
    """Return whether it is the browser that left."""
    sent = request.COOKIES.get(_cookie(request, state), "")
    return hmac.compare_digest(sent.encode(), _derived("browser", state).encode())


def release(response: HttpResponse, request: HttpRequest, *, state: str) -> None:
    """Take the cookie back."""
    if (name := _cookie(request, state)) in request.COOKIES:
        response.set_cookie(
            name, max_age=0, secure=request.is_secure(), httponly=True, samesite="Lax"
        )


def _cookie(request: HttpRequest, state: str) -> str:
    # One for each journey: somebody may begin in two windows.
    name = COOKIE + hashlib.sha256(state.encode()).hexdigest()[:16]
    return SECURE_PREFIX + name if request.is_secure() else name


def _derived(purpose: str, state: str) -> str:
    return _text(salted_hmac(f"accounts.github.{purpose}", state, algorithm="sha256").digest())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

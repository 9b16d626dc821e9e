"""What the routes around a sign-in with GitHub take and answer."""

from typing import Any

from rest_framework import serializers

from accounts.serializers.tokens import TokenPair, pair_of
from accounts.services.github import Collected
from accounts.services.tickets import LONGEST
from config.api import schema
from config.api.bodies import Body

LONGEST_EMAIL = 320
EMAILS = [
    {"email": "octocat@example.org", "verified": True, "primary": True},
    {"email": "octo@work.example", "verified": True, "primary": False},
]
TOKENS = {
    "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9…",
    "refresh_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9…",
    "access_token_expires_at": 1768905900,
    "refresh_token_expires_at": 1769509800,
    "token_type": "Bearer",
    "expires_in": 900,
}
CODE = "3q2-7wEjRWeJq83vESIzRFVmd4iZqrvM3e7_ABEiM0Q"
NOTHING = {
    "access_token": "",
    "refresh_token": "",
    "access_token_expires_at": 0,
    "refresh_token_expires_at": 0,
    "token_type": "Bearer",
    "expires_in": 0,
}


@schema.shows({"code": CODE, "email": "octo@work.example"})
class CodeExchange(Body):
    """A one-time code, and the e-mail that was chosen where there are several."""

    code = serializers.CharField(max_length=LONGEST)
    email = serializers.CharField(
        max_length=LONGEST_EMAIL, required=False, allow_null=True, allow_blank=True
    )


@schema.shows({"email": "octo@work.example", "code": CODE})
class EmailChoice(Body):
    """One of the user's verified e-mails; with a one-time code no token is needed."""

    email = serializers.CharField(max_length=LONGEST_EMAIL)
    code = serializers.CharField(
        max_length=LONGEST, required=False, allow_null=True, allow_blank=True
    )


class Approval(Body):
    """What the page at the end of a desktop sign-in sends to let the application in."""

    approval = serializers.CharField(max_length=LONGEST)


class KnownEmail(serializers.Serializer[Any]):
    """An e-mail, as GitHub tells it."""

    email = serializers.CharField()
    verified = serializers.BooleanField()
    primary = serializers.BooleanField()


@schema.shows({**TOKENS, "emails": EMAILS, "select_email": False})
class Exchanged(TokenPair):
    """Tokens; empty ones with expiries of 0 while `select_email` asks for a choice of e-mails."""

    emails = KnownEmail(many=True)
    select_email = serializers.BooleanField()


@schema.shows({"completed": True, **TOKENS, "emails": EMAILS})
class Polled(serializers.Serializer[Any]):
    """Whether the sign-in is complete; the tokens are there when it is, and only once."""

    completed = serializers.BooleanField()
    access_token = serializers.CharField(required=False)
    refresh_token = serializers.CharField(required=False)
    access_token_expires_at = serializers.IntegerField(required=False)
    refresh_token_expires_at = serializers.IntegerField(required=False)
    token_type = serializers.CharField(required=False)
    expires_in = serializers.IntegerField(required=False)
    emails = KnownEmail(many=True, required=False)


@schema.shows(
    {
        "state_id": "6a3c1c8e-9a61-4f0f-8f2b-0a4c3f0f8d11",
        "auth_url": "https://github.com/login/oauth/authorize?client_id=…&state=…",
    }
)
class DesktopStart(serializers.Serializer[Any]):
    """Where an application sends its user, and under which id it waits."""

    state_id = serializers.CharField()
    auth_url = serializers.CharField()


@schema.shows(
    {
        "authenticated": True,
        "github_username": "octocat",
        "emails": EMAILS,
        "selected_email": "octocat@example.org",
        "token_expires_at": 1768905900,
    }
)
class Standing(serializers.Serializer[Any]):
    """Who is signed in, if anybody is; the moment is in Unix seconds."""

    authenticated = serializers.BooleanField()
    github_username = serializers.CharField(allow_null=True)
    emails = KnownEmail(many=True)
    selected_email = serializers.CharField(allow_null=True)
    token_expires_at = serializers.IntegerField(allow_null=True)


@schema.shows({"selected_email": "octo@work.example", "emails": EMAILS})
class Selected(serializers.Serializer[Any]):
    """The e-mail that was chosen, and those that there are."""

    selected_email = serializers.CharField()
    emails = KnownEmail(many=True)


def exchanged(collected: Collected) -> dict[str, Any]:
    """Return what an exchange answers (`Exchanged`)."""
    session = collected.session
    pair = pair_of(session) if session else NOTHING
    return {**pair, "emails": collected.emails, "select_email": session is None}


def polled(collected: Collected) -> dict[str, Any]:
    """Return what a poll answers (`Polled`)."""
    if collected.session is None:
        return {"completed": False}
    return {"completed": True, **pair_of(collected.session), "emails": collected.emails}

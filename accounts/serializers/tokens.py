"""Tokens, as the contracts answer them."""

from typing import Any

from rest_framework import serializers

from accounts import samples, tokens
from accounts.models import Session
from accounts.serializers.users import OlakeUser
from accounts.tokens import Use
from config.api import schema


@schema.shows(samples.LONE_TOKEN)
class OrcToken(serializers.Serializer[Any]):
    """What the orc contract's log-in answers."""

    token = serializers.CharField()
    refresh_token = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="How many seconds the token is good for.")


@schema.shows(samples.OLAKE_TOKEN)
class OlakeToken(OrcToken):
    """What Olake's log-in answers."""

    user = OlakeUser()
    project_id = serializers.IntegerField(help_text="The user's own project.")


@schema.shows(samples.OLAKE_CHECK)
class OlakeCheck(serializers.Serializer[Any]):
    """Who is logged in, as Olake asks it."""

    authenticated = serializers.BooleanField()
    user = OlakeUser()
    project_id = serializers.IntegerField(help_text="The user's own project.")


@schema.shows(samples.PLATFORM_TOKEN)
class PlatformToken(serializers.Serializer[Any]):
    """What the log-in of Karyaksham and the ETL Builder answers."""

    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField(
        help_text="How many seconds the access token is good for."
    )


@schema.shows(samples.TOKEN_PAIR)
class TokenPair(PlatformToken):
    """What a refresh answers; the moments are in Unix seconds."""

    access_token_expires_at = serializers.IntegerField()
    refresh_token_expires_at = serializers.IntegerField()


@schema.shows(samples.MESSAGE)
class Message(serializers.Serializer[Any]):
    """One sentence for a person."""

    message = serializers.CharField()


def pair_of(session: Session) -> dict[str, Any]:
    """Return new tokens of a session as the modelling contract answers them (`TokenPair`)."""
    access, refresh = tokens.access_token(session), tokens.refresh_token(session)
    # What the tokens themselves say is true.
    said = tokens.read(access, Use.ACCESS)
    return {
        "access_token": access,
        "refresh_token": refresh,
        "access_token_expires_at": said["exp"],
        "refresh_token_expires_at": tokens.read(refresh, Use.REFRESH)["exp"],
        "token_type": "Bearer",
        "expires_in": said["exp"] - said["iat"],
    }


def lone_token_of(session: Session) -> dict[str, Any]:
    """Return a token of a session as Olake and orc answer it (`OrcToken`)."""
    pair = pair_of(session)
    return {
        "token": pair["access_token"],
        "refresh_token": pair["refresh_token"],
        "expires_in": pair["expires_in"],
    }

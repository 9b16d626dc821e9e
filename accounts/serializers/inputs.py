"""What the doors of the contracts take; keys that a door does not know are passed over."""

from typing import Any

from rest_framework import serializers

from accounts import samples
from accounts.passwords import LONGEST, SHORTEST
from config.api import schema
from config.api.bodies import Body, Line

# A name is 150 characters at most and an e-mail 254; one logs in with either.
LONGEST_IDENTIFIER = 254
LONGEST_NAME = 150
LONGEST_TOKEN = 4096


class Password(serializers.CharField):
    """A password as it was typed: blanks at its ends belong to it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, max_length=LONGEST, **options)


class NewPassword(Password):
    """A password to be set."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_length=SHORTEST, **options)


class Identified(Body):
    """A name or e-mail in either of two fields, and a password."""

    one_of = ("username", "email")
    usual = "username"
    """The field that the contract names; it wins where both are sent."""

    username = serializers.CharField(max_length=LONGEST_IDENTIFIER, required=False)
    email = serializers.CharField(max_length=LONGEST_IDENTIFIER, required=False)
    password = Password()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return `identifier` and `password`; one of the two fields has to be there."""
        identifier = attrs.get(self.usual) or attrs.get("username") or attrs.get("email")
        if not identifier:
            raise serializers.ValidationError({self.usual: f"{self.usual} is required"})
        return {"identifier": identifier, "password": attrs["password"]}


class OlakeCredentials(Identified):
    """What Olake's log-in takes: an e-mail (a name does too) and a password."""

    usual = "email"


class PlatformCredentials(Identified):
    """What the log-in of Karyaksham and the ETL Builder takes: OAuth2's password flow."""


class OrcCredentials(Body):
    """A name and a password, as the orc contract sends them."""

    username = serializers.CharField(max_length=LONGEST_IDENTIFIER)
    password = Password()


class OrcRegistration(Body):
    """A new user, as the orc contract sends one."""

    username = Line(max_length=LONGEST_NAME)
    password = NewPassword()


class OlakeSignup(Body):
    """A new user, as Olake sends one."""

    name = serializers.CharField(max_length=255)
    email = serializers.EmailField(max_length=LONGEST_IDENTIFIER)
    password = NewPassword()


class Registration(Body):
    """A new user, as Karyaksham (an e-mail) or the ETL Builder (a username) sends one."""

    one_of = ("username", "email")
    username = Line(max_length=LONGEST_NAME, required=False, allow_null=True)
    email = serializers.EmailField(
        max_length=LONGEST_IDENTIFIER, required=False, allow_null=True, allow_blank=True
    )
    password = NewPassword()
    full_name = serializers.CharField(
        max_length=255, required=False, allow_null=True, allow_blank=True
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return what is known of the new user; a name or an e-mail has to be there."""
        if not attrs.get("username") and not attrs.get("email"):
            raise serializers.ValidationError({"email": "email is required"})
        return {
            "username": attrs.get("username"),
            "email": attrs.get("email"),
            "password": attrs["password"],
            "name": attrs.get("full_name") or "",
        }


class RefreshToken(Body):
    """A refresh token that is to be exchanged."""

    refresh_token = serializers.CharField(max_length=LONGEST_TOKEN)


@schema.shows(samples.LOG_OUT)
class LogOut(Body):
    """The refresh token of the session to be ended, if the access token is not at hand."""

    refresh_token = serializers.JSONField(required=False, help_text="A refresh token, or nothing.")


@schema.shows(samples.PROFILE_CHANGE)
class ProfileChange(Body):
    """What a user may change of themselves; what is not sent stays."""

    username = Line(max_length=LONGEST_NAME, required=False, allow_null=True, allow_blank=True)
    email = serializers.EmailField(
        max_length=LONGEST_IDENTIFIER, required=False, allow_null=True, allow_blank=True
    )
    full_name = serializers.CharField(max_length=255, required=False, allow_blank=True)
    name = serializers.CharField(
        max_length=255, required=False, allow_blank=True, help_text="The same as full_name."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the changes by the names of the user's own fields."""
        changes = {field: attrs[field] for field in ("username", "email") if field in attrs}
        for field in ("name", "full_name"):
            if field in attrs:
                changes["name"] = attrs[field]
        return changes


@schema.shows(samples.PASSWORD_CHANGE)
class PasswordChange(Body):
    """The password that is good now, and the one to take its place."""

    current_password = Password()
    new_password = NewPassword()

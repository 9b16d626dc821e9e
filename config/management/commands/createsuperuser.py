"""Make an admin: asked for at the console, or named by the environment."""

import getpass
import os
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import services
from accounts.models import User
from config.management.commands.ensure_admin import told

FIELDS = ("username", "email")


class Command(BaseCommand):
    """Makes an admin with a personal project, as a sign-up makes a user."""

    help = "Make a user who may do everything, the admin pages at /admin/ included."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the options of Django's command of this name."""
        parser.add_argument("--username", help="What the admin is called.")
        parser.add_argument("--email", help="The admin's e-mail; it is enough without a name.")
        parser.add_argument(
            "--noinput",
            "--no-input",
            action="store_false",
            dest="interactive",
            help="Ask nothing: DJANGO_SUPERUSER_PASSWORD is the password, DJANGO_SUPERUSER_USERNAME "
            "and DJANGO_SUPERUSER_EMAIL are what the options leave open.",
        )

    def handle(self, *args: Any, interactive: bool, **options: Any) -> None:
        """Make the admin; CommandError says what is wrong with what was given."""
        given = {field: options.get(field) for field in FIELDS}
        if not interactive:
            named = {field: value or _from_environment(field) for field, value in given.items()}
            self._make(**named, password=_from_environment("password"))
            return
        try:
            self._ask(given)
        except (KeyboardInterrupt, EOFError) as error:
            raise CommandError("No admin was made.") from error

    def _ask(self, given: dict[str, str | None]) -> None:
        """Ask until an admin is made; what an option gave is asked for no more than once."""
        while True:
            asked = {
                field: given[field] if given[field] is not None else input(f"{field.title()}: ")
                for field in FIELDS
            }
            try:
                self._make(**asked, password=self._password())
            except CommandError as error:
                self.stderr.write(str(error))
                given = dict.fromkeys(FIELDS)
            else:
                return

    def _password(self) -> str:
        while True:
            password = getpass.getpass("Password: ")
            if password == getpass.getpass("Password (again): "):
                return password
            self.stderr.write("The two passwords differ.")

    def _make(self, *, username: str | None, email: str | None, password: str | None) -> User:
        if not username and not email:
            raise CommandError("An admin needs a username or an e-mail.")
        if not password:
            raise CommandError(
                "An admin needs a password; with --noinput set DJANGO_SUPERUSER_PASSWORD."
            )
        try:
            user = services.make_admin(username=username, email=email, password=password)
        except ValidationError as error:
            raise CommandError(told(error)) from error
        self.stdout.write(f"Made the admin {user}.")
        return user


def _from_environment(field: str) -> str | None:
    return os.environ.get(f"DJANGO_SUPERUSER_{field.upper()}")

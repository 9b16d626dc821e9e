"""Make the first admin, as the environment names them."""

import os
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts import services
from accounts.models import User


class Command(BaseCommand):
    """Makes the user of ADMIN_USERNAME, ADMIN_EMAIL and ADMIN_PASSWORD, unless there is one."""

    help = "Make the first admin: ADMIN_USERNAME and/or ADMIN_EMAIL, and ADMIN_PASSWORD."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the admin and say so; CommandError says what is wrong with what was given."""
        username, email, password = (
            os.environ.get(f"ADMIN_{name}", "") for name in ("USERNAME", "EMAIL", "PASSWORD")
        )
        if not (username or email or password):
            self._say_how()
            return
        if not (username or email):
            raise CommandError("ADMIN_PASSWORD is set without ADMIN_USERNAME or ADMIN_EMAIL.")
        if not password:
            raise CommandError("ADMIN_USERNAME or ADMIN_EMAIL is set without ADMIN_PASSWORD.")
        try:
            user, is_new = services.ensure_admin(username=username, email=email, password=password)
        except ValidationError as error:
            raise CommandError(f"No admin was made. {told(error)}") from error
        self._say(user, is_new=is_new)

    def _say_how(self) -> None:
        if not User.objects.filter(role="admin").exists():
            self.stdout.write(
                "There is no admin yet: set ADMIN_USERNAME and ADMIN_PASSWORD, or run "
                "`manage.py createsuperuser`."
            )

    def _say(self, user: User, *, is_new: bool) -> None:
        if is_new:
            self.stdout.write(f"Made the admin {user}.")
        elif user.is_staff:
            self.stdout.write(f"The admin {user} is there already; nothing was changed.")
        else:
            self.stderr.write(
                f"{user} of ADMIN_USERNAME or ADMIN_EMAIL is there already and is no admin; "
                "nothing was changed. Choose another name, or let an admin change the role."
            )


def told(error: ValidationError) -> str:
    """Return what is wrong with a user, field by field."""
    faults = error.message_dict.items()
    return " ".join(
        f"{'' if name == '__all__' else f'{name}: '}{text}"
        for name, texts in faults
        for text in texts
    )

"""How long a password is: the only rules there are."""

from django.core.exceptions import ValidationError

# The contracts promise eight characters or more and no other rule.
SHORTEST = 8
# A password is hashed on purpose slowly, so nobody gets to hand in a megabyte.
LONGEST = 4096


class MaximumLengthValidator:
    """Refuses a password that is longer than anybody's."""

    def validate(self, password: str, user: object = None) -> None:
        """Return if the password is short enough; ValidationError otherwise."""
        if len(password) > LONGEST:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        """Return the rule."""
        return f"A password has {LONGEST} characters at most."

"""Who there is: people and programs."""

import uuid
from typing import Any, ClassVar, Self
from unicodedata import normalize

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Lower

# The user that a request without a token acts as in open mode; found by its uuid, never by name.
LOCAL_USER = uuid.UUID("00000000-0000-4000-8000-000000000001")
LOCAL_USERNAME = "local"


class Role(models.TextChoices):
    """What somebody may do, platform-wide or in one project."""

    VIEWER = "viewer"
    DEVELOPER = "developer"
    ADMIN = "admin"


TAKEN = {"username": "This username is taken.", "email": "This email is registered already."}


class UserQuerySet(models.QuerySet["User"]):
    """Users, by what they call themselves."""

    def named(self, identifier: str) -> Self:
        """Return the users whose name or e-mail this is, whatever the case."""
        # The database lowers both sides: SQLite knows fewer capital letters than Python does.
        key = Lower(Value(normalize("NFKC", identifier.strip())))
        return self.alias(name_key=Lower("username"), email_key=Lower("email")).filter(
            Q(name_key=key) | Q(email_key=key)
        )


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes users, and finds them for Django's log-in page."""

    def create_user(
        self,
        username: str | None = None,
        email: str | None = None,
        password: str | None = None,
        **fields: Any,
    ) -> "User":
        """Store a user; a blank name or e-mail counts as none, no password as one that never fits."""
        user = self.model(
            username=self.model.normalize_username((username or "").strip()) or None,
            email=self.normalize_email((email or "").strip()) or None,
            **fields,
        )
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self,
        username: str | None = None,
        email: str | None = None,
        password: str | None = None,
        **fields: Any,
    ) -> "User":
        """Store a user who may do everything, the admin pages included."""
        fields["role"] = Role.ADMIN
        return self.create_user(username=username, email=email, password=password, **fields)

    def get_by_natural_key(self, identifier: str | None) -> "User":
        """Return the user with this name or e-mail."""
        # Two sign-ups at the same moment may leave one's name and another's e-mail the same.
        return self.named(identifier or "").order_by("pk")[:1].get()


class User(AbstractBaseUser):
    """A person or a program that uses the platform."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    username = models.CharField(
        max_length=150,
        null=True,
        blank=True,
        unique=True,
        validators=[
            RegexValidator(r"[\x00-\x1f\x7f]", "No control characters.", inverse_match=True)
        ],
        error_messages={"unique": TAKEN["username"]},
    )
    email = models.EmailField(null=True, blank=True)  # noqa: DJ001 -- many have none
    name = models.CharField(max_length=255, blank=True)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.VIEWER)
    is_active = models.BooleanField("active", default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        """Names and e-mails are one person's each, whatever their case."""

        ordering = ("-id",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_once",
                violation_error_message=TAKEN["username"],
            ),
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once",
                violation_error_message=TAKEN["email"],
            ),
            models.CheckConstraint(
                # A comparison with NULL is no refusal, so each side says that it is not null.
                condition=Q(username__isnull=False, username__gt="")
                | Q(email__isnull=False, email__gt=""),
                name="user_has_username_or_email",
                violation_error_message="A user needs a username or an email.",
            ),
            # Whoever took this name would share the rows of open mode.
            models.CheckConstraint(
                condition=Q(uuid=LOCAL_USER) | ~Q(username__iexact=LOCAL_USERNAME),
                name="user_local_is_built_in",
                violation_error_message=TAKEN["username"],
            ),
        ]

    def __str__(self) -> str:
        return self.username or self.email or str(self.uuid)

    def clean(self) -> None:
        """Normalise what was typed (blank is none), and refuse what names somebody else already."""
        self.username = self.normalize_username((self.username or "").strip()) or None
        email = normalize("NFKC", (self.email or "").strip())
        self.email = UserManager.normalize_email(email) or None
        others = User.objects.exclude(pk=self.pk)
        taken = {
            field: message
            for field, message in TAKEN.items()
            if (value := getattr(self, field)) and others.named(value).exists()
        }
        if taken:
            raise ValidationError(taken)

    @property
    def is_staff(self) -> bool:
        """Whether the admin pages open."""
        return self.is_active and self.role == Role.ADMIN

    @property
    def is_superuser(self) -> bool:
        """Whether everything is allowed; the same as staff, there is one kind of admin."""
        return self.is_staff

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Answer Django's permission question: an admin may, nobody else."""
        return self.is_staff

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        """Answer several of Django's permission questions at once."""
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        """Return whether any page of the app's admin opens."""
        return self.is_staff

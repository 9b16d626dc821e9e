"""What can be done with projects and their members."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError

from accounts import audit
from accounts.models import LOCAL_USER, Membership, Project, Role, User
from config.api.errors import Conflict


def ensure_personal_project(*, owner: User) -> Project:
    """Return the project that the user always has, made if it is missing."""
    project, _ = Project.objects.get_or_create(
        owner=owner, is_personal=True, defaults={"name": f"Project of {owner}"[:255]}
    )
    return project


@transaction.atomic
def create_project(*, name: str, owner: User) -> Project:
    """Make a project that others can join."""
    project = Project.objects.create(name=name, owner=owner)
    audit.record("project.created", by=owner, target=project, project=project)
    return project


@transaction.atomic
def rename_project(*, project: Project, name: str, by: User) -> Project:
    """Give a project another name."""
    before, project.name = project.name, name
    project.save(update_fields=["name", "updated_at"])
    audit.record("project.renamed", by=by, target=project, project=project, before=before)
    return project


@transaction.atomic
def delete_project(*, project: Project, by: User) -> None:
    """Take an empty project away; Conflict while anything belongs to it."""
    if project.is_personal:
        raise Conflict("A personal project stays as long as its owner does")
    audit.record("project.deleted", by=by, target=project, project=project)
    try:
        project.delete()
    except ProtectedError as error:
        kinds = sorted({row._meta.verbose_name_plural for row in error.protected_objects})  # noqa: SLF001 -- Django documents it
        raise Conflict(f"The project still has {', '.join(map(str, kinds))}") from error


def find_person(named: str) -> User | None:
    """Return who can be invited by this uuid, username or e-mail; None if there is nobody."""
    people = User.objects.filter(is_active=True).exclude(uuid=LOCAL_USER)
    try:
        return people.filter(uuid=UUID(named)).first()
    except ValueError:
        return people.named(named).first()


def demand_fit_member(*, project: Project, user: User) -> None:
    """Refuse who cannot be a member of a project with a ValidationError."""
    if user.pk == project.owner_id:
        raise ValidationError({"user": "The owner of a project needs no membership"})
    if user.uuid == LOCAL_USER:
        # Whoever sends no token in open mode is this user.
        raise ValidationError({"user": "The built-in local user cannot take part in a project"})


@transaction.atomic
def set_member(*, project: Project, user: User, role: Role, by: User) -> Membership:
    """Let a user take part with this role, or change the role of one who does."""
    demand_fit_member(project=project, user=user)
    member, is_new = Membership.objects.update_or_create(
        project=project, user=user, defaults={"role": role}
    )
    action = "member.added" if is_new else "member.changed"
    audit.record(action, by=by, target=user, project=project, role=role)
    return member


@transaction.atomic
def remove_member(*, project: Project, user: User, by: User) -> bool:
    """End a user's part in a project; False if there was none."""
    gone, _ = Membership.objects.filter(project=project, user=user).delete()
    if gone:
        audit.record("member.removed", by=by, target=user, project=project)
    return bool(gone)

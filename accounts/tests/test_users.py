"""Users, projects and memberships as the database keeps them."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts import services
from accounts.models import Membership, Project, User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "names", [{}, {"username": ""}, {"email": ""}, {"username": "", "email": ""}]
)
def test_a_user_without_username_and_email_is_refused_by_the_database(names):
    with pytest.raises(IntegrityError):
        User(**names).save()


@pytest.mark.parametrize("names", [{"username": "ada"}, {"email": "ada@example.org"}])
def test_either_a_username_or_an_email_is_enough(names):
    assert User.objects.create_user(**names, password="mypassword").pk


def test_many_users_may_lack_an_email():
    User.objects.create_user("ada")
    User.objects.create_user("bob")
    assert User.objects.filter(email=None).count() == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"username": "ada"}, {"username": "ADA"}),
        ({"email": "ada@example.org"}, {"email": "Ada@Example.org"}),
    ],
)
def test_the_database_keeps_names_and_emails_unique_whatever_their_case(first, second):
    User(**first).save()
    with pytest.raises(IntegrityError):
        User(**second).save()


def test_the_local_name_is_kept_for_the_built_in_user():
    with pytest.raises(IntegrityError):
        User(username="LOCAL").save()


def test_a_user_is_found_by_name_in_any_case_even_a_foreign_one():
    ada = User.objects.create_user("Ärger")
    assert User.objects.get_by_natural_key("Ärger") == ada
    assert User.objects.named(" äRGER ".replace("ä", "Ä")).get() == ada


def test_two_sign_ups_at_once_with_one_name_make_one_user(monkeypatch):
    services.register(username="ada", password="mypassword")
    # The second one looked before the first one was there.
    monkeypatch.setattr(User, "full_clean", lambda *args, **kwargs: None)
    with pytest.raises(ValidationError) as refused:
        services.register(username="ada", password="mypassword")
    assert refused.value.message_dict == {"username": ["This username is taken."]}
    assert Project.objects.count() == 1


def test_only_owners_and_members_see_a_project():
    owner, member, stranger = (
        services.register(username=name, password="mypassword") for name in ("ada", "bob", "eve")
    )
    shared = Project.objects.create(name="Shared", owner=owner)
    Membership.objects.create(project=shared, user=member, role="developer")
    assert set(Project.objects.visible_to(owner)) == {shared, Project.objects.personal_of(owner)}
    assert set(Project.objects.visible_to(member)) == {shared, Project.objects.personal_of(member)}
    assert list(Project.objects.visible_to(stranger)) == [Project.objects.personal_of(stranger)]


def test_a_user_has_one_personal_project():
    ada = services.register(username="ada", password="mypassword")
    assert services.ensure_personal_project(owner=ada) == Project.objects.get()
    with pytest.raises(IntegrityError):
        Project.objects.create(name="Second", owner=ada, is_personal=True)


@pytest.mark.parametrize("role", ["viewer", "developer", "admin"])
def test_only_an_admin_opens_the_admin_pages(role):
    user = User.objects.create_user("ada", role=role)
    assert user.is_staff == user.has_module_perms("accounts") == (role == "admin")
    user.is_active = False
    assert not user.is_staff


def test_a_name_that_is_another_users_email_after_a_race_still_logs_somebody_in():
    # Both looked before the other was there.
    first = User.objects.create_user("ada@example.org", password="mypassword")
    User.objects.create_user(email="ada@example.org", password="otherpassword")
    assert User.objects.get_by_natural_key("ada@example.org") == first
    session = services.log_in(identifier="ada@example.org", password="mypassword", door="etl")
    assert session.user == first

"""The first admin: from the environment, or asked for at the console."""

import getpass
import os

import pytest
from django.core.management import CommandError, call_command, get_commands

from accounts import services
from accounts.models import AuditEvent, Project, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def environment(monkeypatch):
    """Set variables of the environment, and no others of these families."""
    for name in list(os.environ):
        if name.startswith(("ADMIN_", "DJANGO_SUPERUSER_")):
            monkeypatch.delenv(name)
    return lambda **values: [monkeypatch.setenv(name, value) for name, value in values.items()]


@pytest.fixture
def console(monkeypatch, environment):
    """Give the answers to what is asked, and keep the questions."""

    def answer(*texts: str) -> list[str]:
        waiting, asked = list(texts), []

        def ask(question: str = "") -> str:
            asked.append(question)
            if not waiting:
                raise EOFError
            return waiting.pop(0)

        monkeypatch.setattr("builtins.input", ask)
        monkeypatch.setattr(getpass, "getpass", ask)
        return asked

    return answer


def test_the_environment_names_the_first_admin(environment, capsys):
    environment(ADMIN_USERNAME="root", ADMIN_EMAIL="root@example.org", ADMIN_PASSWORD="mypassword")
    call_command("ensure_admin")
    admin = User.objects.get()
    assert (admin.username, admin.email, admin.role) == ("root", "root@example.org", "admin")
    assert admin.check_password("mypassword")
    assert Project.objects.personal_of(admin)
    assert list(AuditEvent.objects.values_list("action", "object_name")) == [
        ("user.created", "root")
    ]
    assert capsys.readouterr().out == "Made the admin root.\n"


def test_an_admin_who_is_there_keeps_the_password(environment, capsys):
    services.make_admin(username="root", password="theirpassword")
    environment(ADMIN_USERNAME="Root", ADMIN_PASSWORD="mypassword")
    call_command("ensure_admin")
    assert User.objects.get().check_password("theirpassword")
    assert "is there already; nothing was changed" in capsys.readouterr().out


def test_whoever_signed_up_with_the_admins_name_does_not_become_one(environment, capsys):
    services.register(username="root", password="theirpassword")
    environment(ADMIN_USERNAME="root", ADMIN_PASSWORD="mypassword")
    call_command("ensure_admin")
    assert User.objects.get().role == "viewer"
    assert "is no admin; nothing was changed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ADMIN_USERNAME": "root", "ADMIN_PASSWORD": "short"}, "password: .* 8 characters"),
        ({"ADMIN_USERNAME": "root"}, "without ADMIN_PASSWORD"),
        ({"ADMIN_PASSWORD": "mypassword"}, "without ADMIN_USERNAME or ADMIN_EMAIL"),
        ({"ADMIN_EMAIL": "root", "ADMIN_PASSWORD": "mypassword"}, "email: .* valid email"),
        ({"ADMIN_USERNAME": "local", "ADMIN_PASSWORD": "mypassword"}, "username is taken"),
    ],
)
def test_what_is_wrong_with_the_environment_is_told_and_makes_nobody(environment, values, words):
    environment(**values)
    with pytest.raises(CommandError, match=words) as refused:
        call_command("ensure_admin")
    assert "mypassword" not in str(refused.value)
    assert not User.objects.exists()


def test_without_anything_set_one_is_told_how_to_make_an_admin(environment, capsys):
    call_command("ensure_admin")
    assert "manage.py createsuperuser" in capsys.readouterr().out
    services.make_admin(username="root", password="mypassword")
    call_command("ensure_admin")
    assert capsys.readouterr().out == ""


def test_the_command_of_this_name_is_ours():
    assert get_commands()["createsuperuser"] == "config"


@pytest.mark.parametrize("names", [{"username": "root"}, {"email": "root@example.org"}])
def test_an_admin_made_without_questions_has_a_project_and_a_line_in_the_audit(environment, names):
    environment(DJANGO_SUPERUSER_PASSWORD="mypassword")
    call_command("createsuperuser", interactive=False, **names)
    admin = User.objects.get()
    assert admin.is_superuser
    assert admin.check_password("mypassword")
    assert Project.objects.personal_of(admin)
    assert AuditEvent.objects.get().action == "user.created"


def test_the_environment_may_name_the_superuser(environment):
    environment(DJANGO_SUPERUSER_USERNAME="root", DJANGO_SUPERUSER_PASSWORD="mypassword")
    call_command("createsuperuser", "--noinput")
    assert User.objects.get().username == "root"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"DJANGO_SUPERUSER_PASSWORD": "mypassword"}, "needs a username or an e-mail"),
        ({"DJANGO_SUPERUSER_USERNAME": "root"}, "DJANGO_SUPERUSER_PASSWORD"),
        (
            {"DJANGO_SUPERUSER_USERNAME": "root", "DJANGO_SUPERUSER_PASSWORD": "short"},
            "8 characters",
        ),
    ],
)
def test_what_is_missing_without_questions_is_told(environment, values, words):
    environment(**values)
    with pytest.raises(CommandError, match=words):
        call_command("createsuperuser", "--noinput")
    assert not User.objects.exists()


def test_what_is_asked_for_makes_an_admin(console):
    asked = console("root", "", "mypassword", "mypassword")
    call_command("createsuperuser")
    assert User.objects.get().check_password("mypassword")
    assert asked == ["Username: ", "Email: ", "Password: ", "Password (again): "]


def test_a_wrong_answer_is_told_and_asked_for_again(console, capsys):
    services.register(username="ada", password="mypassword")
    console(
        *("ada", "", "mypassword", "mypasswort", "mypassword", "mypassword"),
        *("root", "", "mypassword", "mypassword"),
    )
    call_command("createsuperuser")
    assert User.objects.get(role="admin").username == "root"
    told = capsys.readouterr().err
    assert "The two passwords differ." in told
    assert "This username is taken." in told


def test_whoever_gives_up_makes_nobody(console):
    console("root")
    with pytest.raises(CommandError, match=r"No admin was made\."):
        call_command("createsuperuser")
    assert not User.objects.exists()

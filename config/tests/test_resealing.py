"""A new key takes the place of an old one: stored secrets are sealed anew."""

import json

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from accounts.models import Project
from connectors import sealing
from connectors.models import Connection
from connectors.secrets import SEALED
from jobs.models import Job, Run
from jobs.tests.api import Api, loader, new_job

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))
SECRETS = {"a secret header", "a secret password"}
API = {
    "type": "api",
    "url": "https://api.example.com/data",
    "headers": {"Authorization": "a secret header"},
}
POSTGRES = {
    "type": "postgres",
    "host": "db.example.com",
    "database": "d",
    "username": "u",
    "password": "a secret password",
}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rows(settings):
    """A connection, a job and a run whose secrets the old key has sealed."""
    settings.FERNET_KEYS = [OLD]
    ada = Api("ada")
    tasks = [{"extractor_config": API, "loader_config": loader()}]
    made = ada("post", "/jobs", new_job(tasks=tasks))
    assert made.status_code == 200, made.json()
    assert ada("post", f"/jobs/{made.json()['job_id']}/run").status_code == 200
    run = Run.objects.get()
    # Options that are secret stand in the plan itself.
    run.plan["parts"][0]["steps"][0]["options"] = sealing.seal(API, "source")
    Run.objects.update(plan=run.plan)
    Connection.objects.create(
        project=Project.objects.get(),
        name="Warehouse",
        connector="postgres",
        settings=sealing.seal(POSTGRES, "source"),
    )
    return lambda: [
        Connection.objects.get().settings,
        Job.objects.get().config,
        Run.objects.get().plan,
    ]


def tokens(stored) -> list[str]:
    """Return every sealed secret of stored JSON."""
    if isinstance(stored, list):
        return [token for item in stored for token in tokens(item)]
    if not isinstance(stored, dict):
        return []
    if stored.keys() == {SEALED}:
        return [stored[SEALED]]
    return tokens(list(stored.values()))


def opened_by(key: str, stored) -> set[str]:
    return {json.loads(Fernet(key).decrypt(token.encode())) for token in tokens(stored)}


def test_after_resealing_the_new_key_alone_opens_everything(rows, settings, capsys):
    assert all(tokens(stored) for stored in rows())
    settings.FERNET_KEYS = [NEW, OLD]
    call_command("reseal")
    assert "Resealed 1 connections\nResealed 1 jobs\nResealed 1 runs\n" in capsys.readouterr().out
    assert set.union(*(opened_by(NEW, stored) for stored in rows())) == SECRETS
    settings.FERNET_KEYS = [NEW]
    assert sealing.unseal(rows()[0])["password"] == "a secret password"


def test_resealing_twice_changes_nothing_the_second_time(rows, settings, capsys):
    settings.FERNET_KEYS = [NEW, OLD]
    call_command("reseal")
    before = rows()
    capsys.readouterr()
    call_command("reseal")
    assert rows() == before
    assert "Resealed 0 connections\nResealed 0 jobs\nResealed 0 runs\n" in capsys.readouterr().out


def test_a_secret_that_no_key_opens_is_named_and_the_others_are_sealed(rows, settings):
    job = Job.objects.get()
    settings.FERNET_KEYS = [OTHER]
    Job.objects.create(
        project=job.project,
        name="Lost",
        kind=job.kind,
        config={"tasks": [sealing.seal(API, "source")]},
    )
    lost = Job.objects.get(name="Lost")
    settings.FERNET_KEYS = [NEW, OLD]
    with pytest.raises(CommandError, match=f"opens a secret of: Job {lost.pk}"):
        call_command("reseal")
    assert opened_by(NEW, Job.objects.get(pk=job.pk).config) <= SECRETS
    assert opened_by(OTHER, Job.objects.get(pk=lost.pk).config) <= SECRETS


def test_what_is_resealed_counts_as_no_change(rows, settings):
    before = Job.objects.get().updated_at
    settings.FERNET_KEYS = [NEW, OLD]
    call_command("reseal")
    assert Job.objects.get().updated_at == before

"""Audit events are only ever added, whatever way somebody takes; an operator may prune them."""

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts import audit
from accounts.models import AppendOnlyError, AuditEvent
from accounts.services import register

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return audit.record("job.created", by=register(username="ada", password="correct horse"))


def execute(statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("way", ["save", "delete", "update", "queryset"])
def test_the_model_refuses(event, way):
    rows = AuditEvent.objects.all()
    ways = {
        "save": event.save,
        "delete": event.delete,
        "update": lambda: rows.update(action="x"),
        "queryset": rows.delete,
    }
    with pytest.raises(AppendOnlyError):
        ways[way]()


def test_the_database_refuses_a_change(event):
    with pytest.raises(DatabaseError, match="only ever added"):
        execute("UPDATE accounts_auditevent SET actor_name = 'eve'")
    assert AuditEvent.objects.get(pk=event.pk).actor_name == "ada"


def test_a_database_server_refuses_a_deletion_and_a_file_obeys_its_owner(event):
    is_server, statement = connection.vendor == "postgresql", "DELETE FROM accounts_auditevent"
    if is_server:
        with pytest.raises(DatabaseError, match="only ever added"):
            execute(statement)
    else:
        execute(statement)
    assert AuditEvent.objects.filter(pk=event.pk).exists() == is_server


def test_what_is_pruned_is_what_is_older_and_that_it_was_done_stays(event, monkeypatch, capsys):
    with monkeypatch.context() as past:
        past.setattr("django.utils.timezone.now", lambda: datetime(2026, 1, 20, tzinfo=UTC))
        audit.record("job.started", by=None)
    call_command("prune_audit", "--before", "2026-01-20")
    assert AuditEvent.objects.filter(action="job.started").exists()
    call_command("prune_audit", "--before", "2026-01-21")
    assert capsys.readouterr().out == "Deleted 0 audit events\nDeleted 1 audit events\n"
    kept = AuditEvent.objects.values_list("action", flat=True)
    assert "job.started" not in kept
    assert "job.created" in kept
    told = AuditEvent.objects.filter(action="audit_event.pruned").first()
    assert told.data == {"before": "2026-01-21T00:00:00+00:00", "count": 1}
    test_the_database_refuses_a_change(event)


def test_a_day_that_is_none_prunes_nothing(event):
    with pytest.raises(CommandError):
        call_command("prune_audit", "--before", "yesterday")
    assert AuditEvent.objects.filter(pk=event.pk).exists()

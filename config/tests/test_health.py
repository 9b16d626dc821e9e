"""Whether the platform lives, and whether it can work."""

import pytest
from django.test import Client

from config import health
from config.objects import addresses


@pytest.mark.parametrize("path", ["/health", "/health/"])
def test_a_living_process_answers_without_touching_the_database(path):
    # No database mark: a query would fail this test.
    answer = Client().get(path)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health/ready", "/health/ready/"])
def test_a_platform_that_can_work_names_what_it_stands_on(path):
    answer = Client().get(path)
    checks = answer.json()["checks"]
    assert answer.status_code == 200
    assert {name: check["status"] for name, check in checks.items()} == dict.fromkeys(
        ["database", "cache", "broker", "disk", "objects"], "ok"
    )


@pytest.mark.django_db
def test_a_broker_that_does_not_answer_is_told_without_its_password(monkeypatch):
    url = "redis://:hidden-password@127.0.0.1:1/0"
    # As an item: Celery's settings do not give up an attribute that was set once.
    monkeypatch.setitem(health.app.conf, "broker_write_url", url)
    answer = Client().get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["status"] == "failed"
    assert answer.json()["checks"]["broker"] == {"status": "failed", "message": "OperationalError"}
    assert answer.json()["checks"]["database"]["status"] == "ok"
    assert b"hidden-password" not in answer.content


@pytest.mark.django_db
def test_a_data_folder_that_cannot_be_written_is_told(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"
    answer = Client().get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["disk"]["message"] == "FileNotFoundError"


@pytest.mark.django_db
def test_a_disk_that_is_almost_full_is_told(monkeypatch):
    monkeypatch.setattr(health, "LEAST_FREE_BYTES", 1 << 62)
    answer = Client().get("/health/ready")
    assert answer.status_code == 503
    assert "bytes left" in answer.json()["checks"]["disk"]["message"]


@pytest.mark.django_db
def test_an_object_store_that_does_not_answer_is_told_without_its_keys(settings):
    url = "s3://key:hidden-secret@bucket?endpoint=http://127.0.0.1:1"
    settings.OBJECT_STORE = addresses.checked(url, "", {})
    answer = Client().get("/health/ready")
    assert answer.status_code == 503
    told = answer.json()["checks"]["objects"]
    assert told == {"status": "failed", "message": "The object store does not answer."}


@pytest.mark.parametrize("path", ["/health", "/health/ready"])
def test_only_reading_is_answered(path):
    # As a program asks, which has no form of ours and so no token against forged ones.
    answer = Client(enforce_csrf_checks=True).post(path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert "not allowed" in answer.json()["message"]

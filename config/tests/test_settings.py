"""The settings: safe keys, embedded by default, real services by URL."""

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from config.keys import kept_key, new_secret_key

ROOT = Path(__file__).resolve().parents[2]
GOOD_KEY = "w8Zc-fQ2vKxJ7nTq_Lh3RbYm0sDgPe5UaViOo1XtNk9CjWyBrMzEuHlIdG6pFS4A"
SHOW = """
import json, sys
from config import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""


def load(data_dir: Path, *names: str, **environment: str) -> subprocess.CompletedProcess:
    """Read settings in a process of their own, where nothing but this environment is set."""
    variables = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(data_dir)}
    return subprocess.run(
        [sys.executable, "-c", SHOW, *names],
        env=variables | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def values(data_dir: Path, *names: str, **environment: str) -> dict:
    loaded = load(data_dir, *names, **environment)
    assert loaded.returncode == 0, loaded.stderr
    return json.loads(loaded.stdout)


def test_keys_are_made_once_and_only_their_owner_may_read_them(tmp_path):
    names = ("SECRET_KEY", "FERNET_KEYS", "DEBUG")
    first = values(tmp_path, *names)
    assert values(tmp_path, *names) == first
    assert first["DEBUG"] is False
    assert len(first["SECRET_KEY"]) >= 50
    Fernet(first["FERNET_KEYS"][0])
    for name in ("secret_key", "fernet_key"):
        assert stat.S_IMODE((tmp_path / "keys" / name).stat().st_mode) == 0o600


def test_processes_that_start_together_agree_on_one_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: kept_key(tmp_path / "key", new_secret_key), range(32)))
    assert len(found) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["key"]


@pytest.mark.parametrize(
    "key", ["short", "a" * 64, "change-me-please-" + GOOD_KEY, "django-insecure-" + GOOD_KEY]
)
def test_a_key_that_could_be_guessed_is_refused_in_production(tmp_path, key):
    loaded = load(tmp_path, SECRET_KEY=key)
    assert loaded.returncode != 0
    assert "SECRET_KEY is" in loaded.stderr
    assert key not in loaded.stderr
    assert load(tmp_path, SECRET_KEY=key, DEBUG="1").returncode == 0


def test_a_strong_key_is_taken_as_it_is(tmp_path):
    assert values(tmp_path, "SECRET_KEY", SECRET_KEY=GOOD_KEY) == {"SECRET_KEY": GOOD_KEY}


def test_an_encryption_key_of_the_wrong_size_is_refused_without_being_shown(tmp_path):
    keys = f"{Fernet.generate_key().decode()},tooshort"
    loaded = load(tmp_path, FERNET_KEYS=keys)
    assert "FERNET_KEYS: key 2 is not 32 bytes" in loaded.stderr
    assert "tooshort" not in loaded.stderr


def test_nothing_set_means_no_service_is_needed(tmp_path):
    names = ("DATABASES", "CACHES", "CELERY_BROKER_URL", "PORTS", "OPEN_ACCESS", "FILE_ROOTS")
    found = values(tmp_path, *names)
    database = found["DATABASES"]["default"]
    assert database["NAME"] == str(tmp_path / "millrace.sqlite3")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert found["CACHES"]["default"]["BACKEND"].endswith("DatabaseCache")
    assert found["CELERY_BROKER_URL"].startswith("files://")
    assert found["PORTS"] == [8000]
    assert found["OPEN_ACCESS"] is False
    assert found["FILE_ROOTS"] == [str(tmp_path / "files")]


def test_urls_choose_real_services(tmp_path):
    found = values(
        tmp_path,
        "DATABASES",
        "CACHES",
        "CELERY_BROKER_URL",
        DATABASE_URL="postgresql://me:secret@db.example:5433/millrace",
        DATABASE_POOL="4",
        REDIS_URL="redis://redis.example:6379/2",
    )
    database = found["DATABASES"]["default"]
    assert database["ENGINE"] == "config.postgres"
    assert (database["HOST"], database["PORT"]) == ("db.example", 5433)
    assert database["OPTIONS"]["pool"]["max_size"] == 4
    assert found["CACHES"]["default"]["LOCATION"] == "redis://redis.example:6379/2"
    assert found["CELERY_BROKER_URL"] == "redis://redis.example:6379/2"


def test_a_broker_may_be_another_than_the_cache(tmp_path):
    urls = {"REDIS_URL": "redis://r:6379/0", "CELERY_BROKER_URL": "amqp://mq:5672//"}
    assert values(tmp_path, "CELERY_BROKER_URL", **urls) == {
        "CELERY_BROKER_URL": "amqp://mq:5672//"
    }


def test_a_database_that_is_not_supported_is_refused_by_name(tmp_path):
    loaded = load(tmp_path, DATABASE_URL="mysql://root@localhost/x")
    assert "DATABASE_URL must begin with postgresql://" in loaded.stderr


def test_one_server_may_listen_on_several_ports(tmp_path):
    found = values(tmp_path, "PORTS", PORTS="8000,8080,8081")
    assert found == {"PORTS": [8000, 8080, 8081]}
    assert values(tmp_path, "PORTS", PORT="9000") == {"PORTS": [9000]}


def test_debug_opens_what_helps_on_ones_own_machine_only(tmp_path):
    names = ("OPEN_ACCESS", "ALLOWED_NETWORKS", "FILE_ROOTS")
    found = values(tmp_path, *names, DEBUG="1", HOME=str(tmp_path))
    assert found["OPEN_ACCESS"] is True
    assert found["ALLOWED_NETWORKS"] == ["127.0.0.0/8", "::1/128"]
    assert str(ROOT) in found["FILE_ROOTS"]


def test_roots_that_are_given_replace_the_open_ones_of_debug(tmp_path):
    found = values(tmp_path, "FILE_ROOTS", DEBUG="1", FILE_ROOTS="/srv/data")
    assert found == {"FILE_ROOTS": [str(tmp_path / "files"), "/srv/data"]}


def test_a_file_gives_what_the_environment_leaves_open(tmp_path):
    file = tmp_path / "settings.env"
    file.write_text("PORT=9001\nLOG_LEVEL=ERROR\n")
    found = values(tmp_path, "PORTS", "LOGGING", ENV_FILE=str(file), LOG_LEVEL="DEBUG")
    assert found["PORTS"] == [9001]
    assert found["LOGGING"]["root"]["level"] == "DEBUG"


def test_sqlite_runs_with_a_log_of_its_own_and_patience(db):
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            assert connection.vendor == "postgresql"
            return
        for pragma, expected in (
            ("journal_mode", "wal"),
            ("synchronous", 1),
            ("busy_timeout", 20000),
        ):
            assert cursor.execute(f"PRAGMA {pragma}").fetchone() == (expected,)


def test_every_setting_of_the_environment_is_in_the_example():
    text = (ROOT / "config" / "settings.py").read_text()
    example = (ROOT / ".env.example").read_text()
    read = {
        part.split('"')[1]
        for part in text.split("env.")[1:]
        if '"' in part.splitlines()[0] and "(" in part.splitlines()[0]
    }
    assert read
    assert not {name for name in read if f"{name}=" not in example}


def test_the_tests_run_on_settings_and_data_of_their_own(settings):
    assert os.environ["DJANGO_SETTINGS_MODULE"] == "tests.settings"
    assert Path(os.environ["DATA_DIR"]) == settings.DATA_DIR
    assert settings.DATA_DIR.name.startswith("millrace-tests-")
    assert settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.MD5PasswordHasher"]

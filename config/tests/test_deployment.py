"""The platform in production: it refuses weak keys, and Django's deployment check finds nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.keys import new_fernet_key, new_secret_key

ROOT = Path(__file__).resolve().parents[2]
GOOD_KEY = "w8Zc-fQ2vKxJ7nTq_Lh3RbYm0sDgPe5UaViOo1XtNk9CjWyBrMzEuHlIdG6pFS4A"


def manage(data_dir: Path, *command: str, **environment: str) -> subprocess.CompletedProcess:
    """Run manage.py where nothing but this environment is set."""
    variables = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(data_dir)}
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", *command],
        env=variables | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_deployment_check_finds_nothing_in_production(tmp_path):
    checked = manage(
        tmp_path,
        *("check", "--deploy", "--fail-level", "WARNING"),
        HTTPS="1",
        SECRET_KEY=GOOD_KEY,
        SECRET_KEY_FALLBACKS=new_secret_key(),
        FERNET_KEYS=f"{new_fernet_key()},{new_fernet_key()}",
        ALLOWED_HOSTS="millrace.example.org",
        CSRF_TRUSTED_ORIGINS="https://millrace.example.org",
        TRUSTED_PROXIES="10.0.0.0/8",
        DATABASE_URL="postgresql://millrace:password@localhost:1/millrace",
        REDIS_URL="redis://localhost:1/0",
        SIGNUP="closed",
    )
    assert checked.returncode == 0, checked.stderr
    assert "no issues" in checked.stdout
    assert "WARNING" not in checked.stderr


def test_the_keys_that_are_made_pass_the_deployment_check_too(tmp_path):
    checked = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", HTTPS="1")
    assert checked.returncode == 0, checked.stderr


def test_without_tls_the_deployment_check_says_what_is_missing(tmp_path):
    checked = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", SECRET_KEY=GOOD_KEY)
    assert checked.returncode == 1
    assert "SECURE_SSL_REDIRECT" in checked.stderr


@pytest.mark.parametrize("command", [["dev"], ["web"], ["worker"], ["clock"], ["migrate"]])
def test_no_process_of_the_platform_starts_with_a_short_key(tmp_path, command):
    refused = manage(tmp_path, *command, SECRET_KEY="too short to sign with")
    assert refused.returncode != 0
    assert "SECRET_KEY is too weak" in refused.stderr
    assert "too short to sign with" not in refused.stderr
    assert not (tmp_path / "millrace.sqlite3").exists()


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"SECRET_KEY": f"django-insecure-{GOOD_KEY}"}, "SECRET_KEY is a well-known example"),
        ({"SECRET_KEY": f"change-me-{GOOD_KEY}"}, "SECRET_KEY is a well-known example"),
        ({"SECRET_KEY": GOOD_KEY, "SECRET_KEY_FALLBACKS": "short"}, "SECRET_KEY is too weak"),
        ({"FERNET_KEYS": "short"}, "FERNET_KEYS: key 1 is not 32 bytes"),
        ({"SIGNUP": "perhaps"}, "SIGNUP must be open or closed, not 'perhaps'"),
    ],
)
def test_the_platform_does_not_start_with_settings_that_are_unsafe(tmp_path, environment, words):
    refused = manage(tmp_path, "dev", **environment)
    assert refused.returncode != 0
    assert words in refused.stderr


def test_an_admin_with_a_bad_password_ends_the_start_with_a_clear_word(tmp_path):
    refused = manage(
        tmp_path, "dev", DEBUG="1", PORT="0", ADMIN_USERNAME="root", ADMIN_PASSWORD="short"
    )
    assert refused.returncode == 1
    assert "CommandError: No admin was made. password:" in refused.stderr
    assert "Traceback" not in refused.stderr

"""The platform's settings, read from the environment of the tests."""

from tests.environment import prepare

prepare()

from config.settings import *  # noqa: E402, F403

# Slow on purpose in the platform; a test makes many users and guards none.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

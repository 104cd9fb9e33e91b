"""Settings of the Python tests: the same program with a cheap password hash; tests/servers.py names the servers."""

from kbchat.settings.checking import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Which pool is theirs too: they change roles on a connection.
DATABASES["default"] |= {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {}}  # noqa: F405

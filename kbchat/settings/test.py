"""Settings of the Python tests: the same program, with a cheap password hash and blobs in a scratch folder."""

from kbchat.settings.base import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

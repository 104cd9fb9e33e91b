"""Settings under which type checks, import checks and `makemigrations --check` run: no server, no data folder."""

import os
import tempfile

os.environ.setdefault("DATABASE_URL", "postgresql://nobody@localhost/nothing")
os.environ.setdefault("REDIS_URL", "redis://localhost/0")
os.environ.setdefault("KBCHAT_SECRET_KEY", "only-for-checks-0123456789-abcdefghijkl")
os.environ.setdefault("KBCHAT_DATA_DIR", tempfile.gettempdir())
# Another role's address is not asked for here.
os.environ["KBCHAT_PROCESS"] = "application"

from kbchat.settings.base import *  # noqa: F403

# Nothing here may reach for a server, not even to compare applied migrations.
DATABASES["default"] |= {"ENGINE": "django.db.backends.dummy", "OPTIONS": {}}  # noqa: F405

"""T10: whatever process is given the address of a role that row-level security does not bind, it does not start."""

import os
import subprocess
import sys
from urllib.parse import quote

import pytest
from psycopg.conninfo import conninfo_to_dict

from kbchat.embedded.cluster import Cluster
from kbchat.settings.environment import PROJECT_ROOT

_PYTHON = sys.executable
_CELERY = [_PYTHON, "-m", "celery", "--quiet", "--skip-checks", "-A", "workers"]
COMMANDS = {
    "web": [_PYTHON, "-m", "uvicorn", "kbchat.asgi:application", "--port", "0", "--log-level", "warning"],
    "answers": [_PYTHON, "manage.py", "run_answers"],
    "worker": [*_CELERY, "worker", "-Q", "parse", "-P", "solo", "--without-gossip", "--without-mingle"],
    "beat": [*_CELERY, "beat", "--pidfile="],
}
REASONS = {
    "owner": "owns tables",
    "superuser": "is a superuser",
    "application": "reads conversations",
}


def _superuser_url(servers: Cluster) -> str:
    known = conninfo_to_dict(servers.superuser_conninfo)
    return f"postgresql://{known['user']}:{known['password']}@{quote(str(known['host']), safe='')}/kbchat"


@pytest.mark.parametrize("name", COMMANDS)
def test_it_ends_and_says_why(servers: Cluster, django_db_setup: None, name: str) -> None:
    refused = {"owner": servers.owner_database_url}
    if name == "web":
        refused["superuser"] = _superuser_url(servers)
    if name == "worker":
        refused["application"] = servers.database_url
    started = {who: _start(name, url) for who, url in refused.items()}
    told = {who: (process.communicate(timeout=60)[0], process.returncode) for who, process in started.items()}
    for who, (words, code) in told.items():
        assert code not in (0, None), (who, words)
        assert "The database would not guard the documents" in words, who
        assert REASONS[who] in words, who


def _start(name: str, url: str) -> "subprocess.Popen[str]":
    works = name in ("worker", "beat")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "kbchat.settings.base",
        "KBCHAT_SECRET_KEY": "only-for-this-test-0123456789-abcdefgh",
        "KBCHAT_PROCESS": "worker" if works else "application",
        "KBCHAT_WORKER_DATABASE_URL" if works else "DATABASE_URL": url,
    }
    return subprocess.Popen(
        COMMANDS[name],
        cwd=PROJECT_ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

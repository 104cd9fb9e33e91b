"""Everything that a day's work writes, searched for secrets: the database, Redis with its queues and turn logs, the log
lines, what was sent back, and what the model was told (T55)."""

import logging
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from django.conf import settings
from django.test import Client
from psycopg import sql

from kbchat.core.logging import JsonFormatter
from kbchat.core.metrics import exposition
from kbchat.embedded.cluster import Cluster
from kbchat.inference.scripted import ScriptedLanguageModel
from kbchat.library import documents as library
from tests.company import ingest
from tests.services.chat_support import answering, ask, followed
from tests.web.conftest import PASSWORD, Company, browser, file, show_token

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION = "How many days of HERRING leave?"
"""What may stand where it was written: that it is found shows that the search looks there."""
GUESS = "a guess that somebody typed 4711"


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonFormatter())
        self.written: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(self.format(record))


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield handler
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def database(cluster: Cluster) -> dict[str, str]:
    """Every table's rows as text, whoever may see them."""
    with psycopg.connect(cluster.superuser_conninfo, dbname="kbchat") as superuser:
        tables = superuser.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {
            name: str(
                superuser.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name))).fetchall()
            )
            for (name,) in tables
        }


def in_redis() -> str:
    """Every key with what it holds, by its kind."""
    read = {
        "string": lambda client, key: client.get(key),
        "list": lambda client, key: client.lrange(key, 0, -1),
        "set": lambda client, key: client.smembers(key),
        "hash": lambda client, key: client.hgetall(key),
        "zset": lambda client, key: client.zrange(key, 0, -1),
        "stream": lambda client, key: client.xrange(key),
    }
    with redis.Redis.from_url(settings.REDIS_URL, decode_responses=True) as client:
        return str([(key, read[client.type(key)](client, key)) for key in client.scan_iter()])


def sign_in(client: Client, password: str) -> int:
    body = {"email": "olga@example.com", "password": password}
    return client.post("/api/v1/session", body, content_type="application/json").status_code


def test_no_secret_is_written_anywhere(
    company: Company, servers: Cluster, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser()
    replies: list[bytes] = []
    assert (sign_in(client, GUESS), sign_in(client, PASSWORD)) == (401, 200)
    show_token(client)
    made = client.post(
        "/api/v1/api-keys",
        {"name": "script", "scopes": ["ask", "read_library"]},
        content_type="application/json",
    )
    key = made.json()["key"]
    uploads = f"/api/v1/collections/{company.collection_id}/documents"
    replies.append(client.post(uploads, {"files": [file("leave.md")]}).content)
    model = ScriptedLanguageModel("Twenty-eight [1].")
    with answering(model=model):
        ingest()
        owner = company.viewer(company.owner)
        followed(owner, ask(owner, QUESTION))
    monkeypatch.setattr(library, "list_collections", None, raising=False)
    monkeypatch.setattr(library, "document_detail", lambda *_: 1 / 0)
    script = Client(headers={"authorization": f"Bearer {key}"}, raise_request_exception=False)
    (row,) = script.get(uploads).json()
    broken = script.get(f"/api/v1/documents/{row['id']}")
    assert broken.status_code == 500
    replies += [broken.content, client.get("/api/v1/api-keys").content, client.get("/api/v1/session").content]

    tables = database(servers)
    # A session is kept under its key, and what is told of it beside; whoever can read these tables needs no key.
    of_sessions = ("django_session", "accounts_opensession")
    session = client.cookies["kbchat_session"].value
    written = {
        **{name: rows.replace(session, "") if name in of_sessions else rows for name, rows in tables.items()},
        "redis": in_redis(),
        "logs": "\n".join(lines.written),
        "replies": str(replies),
        "prompts": str(model.prompts),
        "metrics": exposition(None).decode(),
    }
    secrets = {
        "password": PASSWORD,
        "guess": GUESS,
        "API key": key,
        "session key": session,
        "secret key": settings.SECRET_KEY,
        "database password": urlsplit(servers.database_url).password or "",
        "owner's database password": urlsplit(servers.owner_database_url).password or "",
        "Redis password": urlsplit(servers.redis_url).password or settings.REDIS_URL,
    }
    assert all(len(secret) > 8 for secret in secrets.values())
    found = [
        (name, place) for name, secret in secrets.items() for place, text in written.items() if secret in text
    ]
    assert found == []
    # The search looks where things are: what was asked stands in these.
    assert {place for place, text in written.items() if QUESTION in text} >= {"chat_turn", "prompts"}
    assert "ZeroDivisionError" in written["logs"]
    assert "sign-in:" in written["redis"]
    assert "api_key_made" in written["audit_auditevent"]

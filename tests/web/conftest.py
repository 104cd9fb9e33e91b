"""People, a shared collection and clients for the tests of the web room. Everything stands in the real database."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import redis
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.access.viewers import viewer_of
from kbchat.accounts.directory_tokens import make_directory_token
from kbchat.accounts.models import User
from kbchat.accounts.people import create_person
from kbchat.core.viewer import Viewer
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.library.collections import create_collection
from kbchat.library.documents import DocumentRow, document_row
from kbchat.library.sharing import give_grant
from kbchat.library.uploading import upload
from kbchat.retrieval.retriever import PostgresRetriever
from kbchat.web.http import gaps, golden, search
from tests.company import MAX_BYTES, PAGE, ingest, markdown
from tests.web.scim_client import Directory

PASSWORD = "correct horse battery"
ORIGIN = "http://localhost:8000"


@dataclass(frozen=True)
class Company:
    owner: User
    reader: User
    stranger: User
    collection_id: UUID

    def viewer(self, person: User) -> Viewer:
        return viewer_of(person)


@pytest.fixture
def company(db: None) -> Company:
    owner = create_person(
        email="olga@example.com", name="Olga Ernst", password=PASSWORD, is_administrator=True
    )
    reader = create_person(email="lin@example.com", name="林晓雯", password=PASSWORD, language="zh-hans")
    stranger = create_person(email="sam@example.com", name="Sam Stone", password=PASSWORD)
    collection = create_collection(viewer_of(owner), name="People", description="Handbook")
    give_grant(viewer_of(owner), collection.id, Principal("user", reader.pk), Role.READER)
    return Company(owner, reader, stranger, collection.id)


@pytest.fixture(autouse=True)
def fresh_counters(request: pytest.FixtureRequest) -> Iterator[None]:
    """Failed sign-ins are counted in Redis, which no rollback empties."""
    yield
    if "company" in request.fixturenames or "db" in request.fixturenames:
        redis.Redis.from_url(settings.REDIS_URL).flushdb()


SignIn = Callable[[User], Client]


@pytest.fixture
def signed_in(db: None) -> SignIn:
    """A browser of this person; it sends the CSRF token, as the page does."""

    def sign_in(person: User) -> Client:
        client = browser()
        reply = client.post(
            "/api/v1/session",
            {"email": person.email, "password": PASSWORD},
            content_type="application/json",
        )
        assert reply.status_code == 200, reply.content
        show_token(client)
        return client

    return sign_in


def browser() -> Client:
    """Nobody is signed in; the CSRF cookie has been fetched and is sent back, CSRF is enforced."""
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    client.get("/api/v1/session")
    show_token(client)
    return client


def show_token(client: Client) -> None:
    client.defaults["HTTP_X_CSRFTOKEN"] = client.cookies["kbchat_csrf"].value


@pytest.fixture
def session(signed_in: SignIn) -> Callable[[User], str]:
    return lambda person: signed_in(person).cookies["kbchat_session"].value


@pytest.fixture
def page(company: Company) -> DocumentRow:
    viewer = company.viewer(company.owner)
    row = upload(viewer, company.collection_id, markdown(PAGE, "leave.md"), max_bytes=MAX_BYTES)
    ingest()
    return document_row(viewer, row.id)


@pytest.fixture
def directory(db: None) -> Directory:
    return Directory(make_directory_token("Entra")[1])


@pytest.fixture
def quick_search(monkeypatch: pytest.MonkeyPatch) -> None:
    search_quickly(monkeypatch)


def search_quickly(patch: pytest.MonkeyPatch) -> None:
    """The real retriever over a deterministic encoder."""
    for room in (search, golden, gaps):
        patch.setattr(room, "retriever", lambda: PostgresRetriever(only(HashEmbedder())))
    for room in (golden, gaps):
        patch.setattr(room, "encoders", lambda: only(HashEmbedder()))


def call(client: Client, method: str, path: str, body: Any = None) -> Any:
    return getattr(client, method)(
        f"/api/v1{path}", **({} if body is None else {"data": body, "content_type": "application/json"})
    )


def file(name: str = "note.md", content: bytes = b"# Note\n\nA sentence.\n") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)

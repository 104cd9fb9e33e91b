"""The audit trail over HTTP: for auditors alone, page by page and as a file."""

import csv
import io
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from kbchat.accounts.models import User
from kbchat.accounts.people import set_auditor
from kbchat.audit.models import AuditAction
from kbchat.audit.reading import EventFilter, EventRow
from kbchat.chat.auditing import OPENED
from kbchat.core.viewer import Viewer
from kbchat.library.documents import DocumentRow
from kbchat.web.http import audit
from kbchat.web.refusals import REFUSALS
from tests.services.audit_support import recorded, subjects
from tests.web.conftest import PASSWORD, Company, SignIn, browser

pytestmark = pytest.mark.django_db

PATHS = ("/api/v1/audit", "/api/v1/audit/chain", "/api/v1/audit/export")


@pytest.fixture
def auditor(company: Company) -> User:
    set_auditor(company.stranger, is_auditor=True)
    return company.stranger


def read(client: Client, **wish: Any) -> list[dict[str, Any]]:
    reply = client.get("/api/v1/audit", wish)
    assert reply.status_code == 200, reply.content
    return list(reply.json())


def exported(client: Client, **wish: Any) -> list[dict[str, str]]:
    async def received(reply: Any) -> str:
        return b"".join([piece async for piece in reply.streaming_content]).decode()

    reply = client.get("/api/v1/audit/export", wish)
    assert reply["Content-Type"] == "text/csv; charset=utf-8"
    assert reply["Content-Disposition"] == 'attachment; filename="audit.csv"'
    return list(csv.DictReader(io.StringIO(async_to_sync(received)(reply))))


@pytest.mark.parametrize("path", PATHS)
def test_nobody_else_reads_it(company: Company, signed_in: SignIn, path: str) -> None:
    for person in (company.owner, company.reader):
        reply = signed_in(person).get(path)
        assert (reply.status_code, reply.json()["code"]) == (403, "auditors_only")
    assert browser().get(path).status_code == 401
    assert recorded(AuditAction.EXPORTED) == []


def test_newest_first_and_by_what_is_asked(company: Company, auditor: User, signed_in: SignIn) -> None:
    client = signed_in(auditor)
    everything = read(client, limit=200)
    assert [row["seq"] for row in everything] == list(range(len(everything), 0, -1))
    assert everything[0]["action"] == "signed_in"
    assert everything[0]["actor_id"] == str(auditor.pk)
    assert everything[0]["previous"] == everything[1]["hash"]
    assert {row["action"] for row in read(client, action="grant_given")} == {"grant_given"}
    assert {row["actor_id"] for row in read(client, actor=str(company.owner.pk))} == {str(company.owner.pk)}
    assert read(client, before=everything[1]["seq"], limit=2) == everything[2:4]
    middle = everything[3]["at"]
    assert read(client, since=middle) == everything[:4]
    assert read(client, until=middle) == everything[4:]


def test_people_have_names_for_whoever_may_know_them(
    company: Company, auditor: User, signed_in: SignIn
) -> None:
    """An auditor who manages nobody knows himself alone; titles and other names are in no event."""
    signed_in(company.reader)
    [mine, *others] = read(signed_in(auditor))
    assert mine["names"] == {str(auditor.pk): auditor.name}
    assert {name for row in others for name in row["names"].values()} <= {auditor.name}
    User.objects.filter(pk=auditor.pk).update(is_administrator=True)
    rows = read(signed_in(auditor))
    granted = next(row for row in rows if row["subject"].get("holder") == str(company.reader.pk))
    assert granted["names"] == {
        str(company.reader.pk): company.reader.name,
        str(company.owner.pk): company.owner.name,
    }


def test_whether_the_newest_are_whole(
    company: Company, auditor: User, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert signed_in(company.owner).get("/api/v1/audit/chain").json()["code"] == "auditors_only"
    client = signed_in(auditor)
    newest = read(client, limit=1)[0]
    state = client.get("/api/v1/audit/chain").json()
    whole = {
        "looked_at": newest["seq"],
        "last_seq": newest["seq"],
        "last_hash": newest["hash"],
        "fault": None,
    }
    assert state == whole
    monkeypatch.setattr("kbchat.access.auditing._LOOKED_AT", 2)
    assert client.get("/api/v1/audit/chain").json() == whole | {"looked_at": 2}
    monkeypatch.setattr("kbchat.audit.verifying._Link.computed_hash", b"another")
    broken = client.get("/api/v1/audit/chain").json()
    assert (broken["fault"], broken["last_seq"]) == ("changed", newest["seq"] - 2)


@pytest.mark.parametrize(
    "wish",
    [{"limit": 201}, {"limit": 0}, {"action": "made_up"}, {"before": 2**63}, {"since": "yesterday"}],
)
def test_a_wish_that_makes_no_sense_is_refused(
    auditor: User, signed_in: SignIn, wish: dict[str, Any]
) -> None:
    assert signed_in(auditor).get("/api/v1/audit", wish).status_code == 422


def test_signing_in_and_failing_to_are_recorded(company: Company, signed_in: SignIn) -> None:
    signed_in(company.reader)
    guess = {"email": company.reader.email, "password": "a wrong one"}
    assert browser().post("/api/v1/session", guess, content_type="application/json").status_code == 401
    found = recorded(AuditAction.SIGNED_IN, AuditAction.SIGN_IN_FAILED)
    assert [(event.action, event.actor_id) for event in found] == [
        ("signed_in", company.reader.pk),
        ("sign_in_failed", company.reader.pk),
    ]
    assert PASSWORD not in repr(subjects())


@pytest.mark.django_db(transaction=True)
def test_an_export_is_whole_and_recorded(
    company: Company, auditor: User, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file's pages are read by other threads, hence the committed rows."""
    monkeypatch.setattr("kbchat.web.http.audit._MOST", 2)
    client = signed_in(auditor)
    rows = exported(client)
    assert rows[0]["action"] == "exported"
    assert [int(row["seq"]) for row in rows] == list(range(len(recorded()), 0, -1))
    assert [row["hash"] for row in rows[1:]] == [row["previous"] for row in rows[:-1]]
    assert {row["action"] for row in exported(client, action="person_created")} == {"person_created"}
    first, second = recorded(AuditAction.EXPORTED)
    assert {first.actor_id, second.actor_id} == {auditor.pk}
    assert (first.subject["action"], second.subject["action"]) == (None, "person_created")


@pytest.mark.django_db(transaction=True)
def test_an_export_that_is_cut_off_says_so(
    company: Company, auditor: User, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right is taken while it is being sent: to somebody who is no auditor, the rest of the trail looks empty."""
    monkeypatch.setattr("kbchat.web.http.audit._MOST", 2)
    read_events = audit.read_events

    def reading(viewer: Viewer, wanted: EventFilter, *, limit: int) -> list[EventRow]:
        if wanted.before is not None:
            set_auditor(auditor, is_auditor=False)
        return read_events(viewer, wanted, limit=limit)

    monkeypatch.setattr(audit, "read_events", reading)
    rows = exported(signed_in(auditor))
    assert [row["seq"] for row in rows[:2]] == sorted([row["seq"] for row in rows[:2]], reverse=True)
    assert len(rows) == 3
    assert (rows[-1]["seq"], rows[-1]["action"]) == ("cut_off", "auditors_only")


def test_what_somebody_may_not_do_is_recorded_once_a_minute(
    company: Company, signed_in: SignIn, page: DocumentRow
) -> None:
    """T58. What is hidden from him is not told from what is absent, and recorded as little."""
    REFUSALS.forget()
    reader, stranger = signed_in(company.reader), signed_in(company.stranger)
    for _ in range(3):
        assert reader.delete(f"/api/v1/documents/{page.id}").status_code == 403
        assert stranger.delete(f"/api/v1/documents/{page.id}").status_code == 404
        assert stranger.get("/api/v1/audit").status_code == 403
        assert browser().get("/api/v1/audit").status_code == 401
    found = recorded(AuditAction.REFUSED)
    assert [(event.actor_id, event.subject) for event in found] == [
        (
            company.reader.pk,
            {"code": "not_allowed", "place": "delete_documents_document_id", "document_id": str(page.id)},
        ),
        (company.stranger.pk, {"code": "auditors_only", "place": "get_audit"}),
    ]


def test_opening_a_document_is_recorded_however_it_is_sent(
    company: Company, signed_in: SignIn, page: DocumentRow
) -> None:
    OPENED.forget()
    reader, stranger = signed_in(company.reader), signed_in(company.stranger)
    address = f"/api/v1/versions/{page.version_id}"
    for client in (reader, stranger):
        client.head(f"{address}/original")
        for piece in ("bytes=0-1", "bytes=2-3"):
            client.get(f"{address}/original", headers={"range": piece})
        for _ in range(2):
            client.get(f"{address}/content")
    about = {"document": str(page.id), "version": str(page.version_id)}
    assert [(event.actor_id, event.subject) for event in recorded(AuditAction.DOCUMENT_OPENED)] == [
        (company.reader.pk, about | {"what": "file"}),
        (company.reader.pk, about | {"what": "text"}),
    ]

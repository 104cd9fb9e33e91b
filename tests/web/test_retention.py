"""Receipts, holds, rules and erasure over HTTP."""

import pytest

from kbchat.library.documents import DocumentRow
from kbchat.library.purging import purge_deleted
from tests.servers import as_worker
from tests.web.conftest import Company, SignIn, call

pytestmark = pytest.mark.django_db


def test_an_administrator_reads_what_became_of_a_deleted_document(
    company: Company, page: DocumentRow, signed_in: SignIn
) -> None:
    owner = signed_in(company.owner)
    call(owner, "put", f"/collections/{company.collection_id}/retention", {"removed_days": 0})
    held = call(owner, "post", f"/documents/{page.id}/legal-holds", {"reason": "Case 12/2026"})
    assert (held.status_code, held.json()["document_id"]) == (201, str(page.id))
    call(owner, "delete", f"/documents/{page.id}")
    [receipt] = call(owner, "get", "/deletion-receipts").json()
    assert (receipt["state"], receipt["reason"]) == ("held", "Case 12/2026")
    assert (receipt["title"], receipt["collection"]) == ("Leave", "People")
    [listed] = call(owner, "get", "/legal-holds").json()
    assert listed["document"] == "Leave"
    assert call(owner, "delete", f"/legal-holds/{listed['id']}").status_code == 204
    with as_worker():
        purge_deleted()
    [receipt] = call(owner, "get", "/deletion-receipts").json()
    assert (receipt["state"], receipt["deleted_by"], receipt["removed"]["files"]) == (
        "purged",
        "Olga Ernst",
        1,
    )
    assert "Leave" not in call(owner, "get", "/deletion-receipts").content.decode()
    assert call(signed_in(company.reader), "get", "/deletion-receipts").status_code == 404


def test_rules_are_read_and_set(company: Company, signed_in: SignIn) -> None:
    owner, reader = signed_in(company.owner), signed_in(company.reader)
    path = f"/collections/{company.collection_id}/retention"
    assert call(owner, "get", path).json() == {"removed_days": 7, "expired_days": None}
    assert call(owner, "put", path, {"removed_days": 9, "expired_days": 30}).status_code == 200
    assert call(owner, "get", path).json() == {"removed_days": 9, "expired_days": 30}
    assert call(reader, "put", path, {"removed_days": 1}).status_code == 403
    assert call(owner, "put", "/conversation-retention", {"days": 365}).status_code == 200
    assert call(reader, "get", "/conversation-retention").json() == {"days": 365}
    refused = call(owner, "put", "/conversation-retention", {"days": 0}).json()
    assert refused["code"] == "days_unusable"
    [listed] = call(owner, "get", "/collection-retention").json()
    assert listed == {
        "collection_id": str(company.collection_id),
        "collection": "People",
        "removed_days": 9,
        "expired_days": 30,
    }
    assert call(reader, "get", "/collection-retention").json() == []


def test_what_a_rule_would_do_is_told_to_whom_it_is_to_decide(
    company: Company, page: DocumentRow, signed_in: SignIn
) -> None:
    owner, reader = signed_in(company.owner), signed_in(company.reader)
    path = f"/collections/{company.collection_id}/retention/foreseen"
    call(owner, "delete", f"/documents/{page.id}")
    assert call(owner, "get", f"{path}?removed_days=0").json() == {"deleted": 0, "purged": 1, "held": 0}
    assert call(owner, "get", f"{path}?removed_days=-1").json()["code"] == "days_unusable"
    assert call(reader, "get", path).status_code == 403
    assert call(owner, "get", "/conversation-retention/foreseen?days=1").json() == {"deleted": 0, "held": 0}
    assert call(reader, "get", "/conversation-retention/foreseen?days=1").status_code == 404
    assert call(owner, "get", f"/collections/{company.collection_id}/retention").json()["removed_days"] == 7


def test_a_held_person_is_erased_once_the_hold_is_lifted(company: Company, signed_in: SignIn) -> None:
    owner = signed_in(company.owner)
    hold = call(owner, "post", f"/people/{company.reader.pk}/legal-holds", {"reason": "Case 12/2026"}).json()
    refused = call(owner, "post", f"/people/{company.reader.pk}/erasure").json()
    assert refused["code"] == "person_held"
    call(owner, "delete", f"/legal-holds/{hold['id']}")
    erased = call(owner, "post", f"/people/{company.reader.pk}/erasure")
    assert erased.status_code == 200
    assert call(owner, "get", "/erasure-receipts").json() == [erased.json()]
    told = erased.json()
    assert (told["person"], told["erased_by"], told["conversations"], told["questions"]) == (
        f"#{company.reader.pk.hex[:8]}",
        "Olga Ernst",
        0,
        0,
    )
    assert call(signed_in(company.stranger), "get", "/erasure-receipts").status_code == 404

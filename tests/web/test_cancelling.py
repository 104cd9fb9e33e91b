"""Cancelling by the API: what is under way, one file or all of a collection, and what is said where nothing is."""

from uuid import uuid4

import pytest

from kbchat.library.documents import DocumentRow
from tests.web.conftest import Company, SignIn, file

pytestmark = pytest.mark.django_db


def test_what_is_under_way_is_cancelled_and_tried_again(company: Company, signed_in: SignIn) -> None:
    client = signed_in(company.owner)
    address = f"/api/v1/collections/{company.collection_id}/documents"
    [row] = client.post(address, {"files": file("a.md")}).json()
    reply = client.post(f"/api/v1/documents/{row['id']}/cancel")
    assert reply.status_code == 200
    told = reply.json()
    assert (told["state"], told["step"], told["retry_may_help"]) == ("cancelled", "cancelled", True)
    assert told["problem"] == {
        "code": "run_cancelled",
        "message": "Reading this file was cancelled.",
        "next_step": "Try again, or delete the document.",
    }
    again = client.post(f"/api/v1/documents/{row['id']}/cancel", headers={"accept-language": "zh-hans"})
    assert (again.status_code, again.json()["code"]) == (409, "run_ended")
    assert again.json()["message"] == "此文件已不在读取中，没有可取消的内容。"
    assert client.post(f"/api/v1/documents/{row['id']}/retry").json()["state"] == "queued"


def test_of_a_later_version_it_is_said_which(company: Company, page: DocumentRow, signed_in: SignIn) -> None:
    client = signed_in(company.owner)
    client.post(f"/api/v1/documents/{page.id}/versions", {"file": file("b.md", b"# Other\n\nWords.\n")})
    told = client.post(f"/api/v1/documents/{page.id}/cancel").json()["problem"]
    assert told["message"] == "Reading version 2 was cancelled; what was in force before still is."
    assert told["next_step"] == "Try again, or replace version 2 by another file."


def test_all_of_a_collection(company: Company, page: DocumentRow, signed_in: SignIn) -> None:
    client = signed_in(company.owner)
    shelf = f"/api/v1/collections/{company.collection_id}"
    client.post(f"{shelf}/documents", {"files": [file("a.md"), file("c.md")]})
    assert client.post(f"{shelf}/cancel").json() == {"files": 2}
    assert sorted(row["state"] for row in client.get(f"{shelf}/documents").json()) == [
        "cancelled",
        "cancelled",
        "ready",
    ]
    assert client.post(f"{shelf}/cancel").json() == {"files": 0}


def test_nobody_else_cancels_or_learns_that_it_is_there(company: Company, signed_in: SignIn) -> None:
    owner, shelf = signed_in(company.owner), f"/api/v1/collections/{company.collection_id}"
    [row] = owner.post(f"{shelf}/documents", {"files": file("a.md")}).json()
    document = f"/api/v1/documents/{row['id']}"
    for address, absent in (
        (document, f"/api/v1/documents/{uuid4()}"),
        (shelf, f"/api/v1/collections/{uuid4()}"),
    ):
        refused = signed_in(company.reader).post(f"{address}/cancel")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
        stranger = signed_in(company.stranger)
        hidden, nothing = stranger.post(f"{address}/cancel"), stranger.post(f"{absent}/cancel")
        assert hidden.status_code == nothing.status_code == 404
        assert hidden.content == nothing.content
    [now] = owner.get(f"{shelf}/documents").json()
    assert now["state"] == "queued"

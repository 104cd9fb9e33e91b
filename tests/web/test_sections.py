"""Closing headings over HTTP, and the explainer's words."""

from typing import Any

import pytest
from django.test import Client

from kbchat.accounts.people import ensure_group
from kbchat.library.documents import DocumentRow
from tests.web.conftest import Company, SignIn

pytestmark = pytest.mark.django_db


def close(client: Client, page: DocumentRow, group: Any) -> Any:
    sections = client.get(f"/api/v1/documents/{page.id}/sections").json()
    section = next(one for one in sections if one["path"][-1] == "Carry-over")
    return client.post(
        f"/api/v1/sections/{section['id']}/closures",
        {"kind": "group", "id": str(group.pk)},
        content_type="application/json",
    )


def test_a_heading_is_closed_and_opened(company: Company, page: DocumentRow, signed_in: SignIn) -> None:
    client = signed_in(company.owner)
    group = ensure_group("Interns", [company.reader])
    closed = close(client, page, group)
    assert (closed.status_code, closed.json()["principal"]) == (
        200,
        {"kind": "group", "id": str(group.pk), "name": "Interns"},
    )
    listed = client.get(f"/api/v1/documents/{page.id}/sections").json()
    assert [(one["path"], one["is_there"], len(one["closed_to"])) for one in listed] == [
        (["Leave"], True, 0),
        (["Leave", "Carry-over"], True, 1),
    ]
    assert client.delete(f"/api/v1/closures/{closed.json()['id']}").status_code == 204
    assert client.delete(f"/api/v1/closures/{closed.json()['id']}").status_code == 404


def test_a_reader_closes_confirms_and_asks_nothing(
    company: Company, page: DocumentRow, signed_in: SignIn
) -> None:
    client = signed_in(company.reader)
    assert client.get(f"/api/v1/documents/{page.id}/sections").status_code == 403
    assert client.post(f"/api/v1/versions/{page.version_id}/confirm").status_code == 403
    asked = client.get(
        f"/api/v1/versions/{page.version_id}/explanation",
        {"person": company.owner.email, "start": 0, "end": 99},
    )
    assert asked.status_code == 403


@pytest.mark.parametrize(
    ("language", "closed", "shared"),
    [
        ("en", "The section “Leave → Carry-over” is closed to Interns.", "The collection is shared with"),
        ("zh-hans", "章节“Leave → Carry-over”已对Interns关闭。", "文档集已"),
    ],
)
def test_the_explainer_speaks_the_owner_s_language(
    company: Company, page: DocumentRow, signed_in: SignIn, language: str, closed: str, shared: str
) -> None:
    client = signed_in(company.owner)
    close(client, page, ensure_group("Interns", [company.reader]))
    start = len("# Leave\n\nEverybody has 28 days of annual leave.\n\n## Carry-over\n\n")
    told = client.get(
        f"/api/v1/versions/{page.version_id}/explanation",
        {"person": company.reader.email, "start": start - 30, "end": start + 20},
        headers={"accept-language": language},
    ).json()
    codes = [reason["code"] for reason in told["because"]]
    assert "section_closed" in codes, told
    messages = {reason["code"]: reason["message"] for reason in told["because"]}
    assert messages["section_closed"] == closed
    assert messages["collection_granted"].startswith(shared)

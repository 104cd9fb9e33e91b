"""Giving and taking grants over HTTP."""

from uuid import uuid4

import pytest

from kbchat.accounts.people import ensure_group
from tests.web.conftest import Company, SignIn, call

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_search")]


def test_grants_are_given_and_taken(company: Company, signed_in: SignIn) -> None:
    client = signed_in(company.owner)
    group = ensure_group("Staff", [company.stranger])
    assert {row["name"]: row["members"] for row in call(client, "get", "/groups").json()} == {"Staff": 1}
    grants = f"/collections/{company.collection_id}/grants"
    made = call(client, "post", grants, {"kind": "group", "id": str(group.pk), "role": "editor"}).json()
    assert made["principal"] == {"kind": "group", "id": str(group.pk), "name": "Staff"}
    assert len(call(client, "get", grants).json()) == 3
    stranger = signed_in(company.stranger)
    assert call(stranger, "get", "/collections").json()[0]["role"] == "editor"
    assert call(stranger, "delete", f"/grants/{made['id']}").status_code == 403
    assert call(client, "delete", f"/grants/{made['id']}").status_code == 204
    assert call(stranger, "get", "/collections").json() == []
    unknown = {"kind": "user", "id": str(uuid4()), "role": "reader"}
    assert call(client, "post", grants, unknown).json()["code"] == "principal_unknown"
    [mine] = [g for g in call(client, "get", grants).json() if g["role"] == "owner"]
    refused = call(client, "delete", f"/grants/{mine['id']}")
    assert (refused.status_code, refused.json()["message"]) == (400, "This is the collection's only owner.")

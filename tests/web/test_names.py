"""The names of groups and of collections, as they come in: on one line, without signs that nobody sees."""

import pytest

from tests.web.conftest import Company, SignIn, call

pytestmark = pytest.mark.django_db

HIDDEN = ["\u202e\u200b", "\r\n", "\u3164"]
TYPED = "Night\r\nshift\u202e \u200b"


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("path", ["/groups", "/collections"])
def test_a_name_of_which_nothing_is_seen_is_refused(
    company: Company, signed_in: SignIn, path: str, name: str
) -> None:
    reply = call(signed_in(company.owner), "post", path, {"name": name})
    assert (reply.status_code, reply.json()["code"]) == (400, "name_missing")


@pytest.mark.parametrize("path", ["/groups", "/collections"])
def test_a_name_stands_on_one_line(company: Company, signed_in: SignIn, path: str) -> None:
    client = signed_in(company.owner)
    assert call(client, "post", path, {"name": TYPED}).json()["name"] == "Night shift"
    assert "Night shift" in [each["name"] for each in call(client, "get", path).json()]


def test_so_does_a_group_that_is_called_anew(company: Company, signed_in: SignIn) -> None:
    client = signed_in(company.owner)
    made = call(client, "post", "/groups", {"name": "Day"}).json()
    address = f"/groups/{made['id']}"
    assert call(client, "patch", address, {"name": TYPED}).json()["name"] == "Night shift"
    refused = call(client, "patch", address, {"name": "\u202e"})
    assert (refused.status_code, refused.json()["code"]) == (400, "name_missing")

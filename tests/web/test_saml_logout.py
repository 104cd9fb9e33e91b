"""Signing out at a SAML provider (T31), and what it ends here."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from kbchat.audit.models import AuditAction
from tests.saml_provider import (
    HMAC_SHA256,
    LOGOUT_ADDRESS,
    RSA_SHA1,
    SamlProvider,
    posted,
    redirected,
    request_of,
)
from tests.services.audit_support import recorded, subjects
from tests.web.conftest import Company
from tests.web.saml_support import elsewhere, saml, sign_in
from tests.web.single_sign_on_support import person_in, settings_of

pytestmark = pytest.mark.django_db

PATH = "/sso/saml/logout"
ADDRESS = f"http://127.0.0.1:8000{PATH}"


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[SamlProvider]:
    with saml(SamlProvider(), tmp_path, SSO_CREATE_PEOPLE="true") as known:
        yield known


def post(message: str) -> int:
    """As the provider's page does: no cookie, no token of ours."""
    return int(elsewhere().post(PATH, {"SAMLRequest": message}).status_code)


def get(query: str) -> int:
    return int(elsewhere().get(f"{PATH}?{query}").status_code)


MALFORMED: dict[str, dict[str, str]] = {
    "signed by another": {"signed_by": "other"},
    "signed with SHA-1": {"method": RSA_SHA1},
    "signed with the public key": {"signed_by": "public", "method": HMAC_SHA256},
    "of another issuer": {"issuer": "https://evil.example"},
    "sent elsewhere": {"Destination": "https://another.example/sso/saml/logout"},
    "over": {"NotOnOrAfter": "-90"},
    "made long ago": {"IssueInstant": "-700", "NotOnOrAfter": "+9000"},
    "from the future": {"IssueInstant": "+90"},
    "about nobody": {"subject": ""},
    "about an e-mail": {"name_format": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"},
}


def test_a_malformed_order_ends_nothing(provider: SamlProvider) -> None:
    """T31: one for each rule, by both ways; the same order without its fault is obeyed."""
    client, _ = sign_in(provider)
    status = {}
    for name, fault in MALFORMED.items():
        status[name, "posted"] = post(posted(provider.logout_request(ADDRESS, **fault)))
        how = {key: fault[key] for key in ("signed_by", "method") if key in fault}
        bare = provider.logout_request(ADDRESS, **{**fault, "signed_by": "nobody"})
        status[name, "redirected"] = get(redirected(bare, **how))
    bare = provider.logout_request(ADDRESS, signed_by="nobody")
    whole = redirected(bare, relay_state="r")
    status["not signed", "posted"] = post(posted(bare))
    for part in whole.split("&"):
        status["without", part[:9]] = get(whole.replace(part, "").replace("&&", "&").strip("&"))
    status["another state"] = get(whole.replace("RelayState=r", "RelayState=s"))
    status["two of them"] = get(f"{whole}&{whole.split('&', maxsplit=1)[0]}")
    status["nothing", "posted"], status["nothing", "redirected"] = post(""), get("")
    assert {name: found for name, found in status.items() if found != 400} == {}
    assert person_in(client)
    assert recorded(AuditAction.SESSIONS_ENDED) == []
    assert get(whole) == 302
    assert person_in(client) is None


def test_it_ends_all_sessions_of_the_person_and_nobody_else_s(provider: SamlProvider) -> None:
    here, _ = sign_in(provider, sid="desk")
    there, _ = sign_in(provider, sid="tablet")
    other, _ = sign_in(provider, sub="s-2", email="bo@example.com", sid="desk")
    order = posted(provider.logout_request(ADDRESS))
    assert post(order) == 302
    assert (person_in(here), person_in(there)) == (None, None)
    assert person_in(other)
    assert [subject["sessions"] for subject in subjects(AuditAction.SESSIONS_ENDED)] == [2]
    assert post(order) == 400, "it is good once"
    nobody = provider.logout_request(ADDRESS, subject="nobody")
    assert post(posted(nobody)) == 302, "nothing is told of who is signed in"
    assert post(posted(provider.logout_request(ADDRESS, subject="s-2", name_format=""))) == 302
    assert person_in(other) is None, "some providers leave the format of the name out of their orders"


def test_it_ends_the_sessions_that_it_names_and_the_provider_is_told(provider: SamlProvider) -> None:
    here, _ = sign_in(provider, sid="desk")
    there, _ = sign_in(provider, sid="tablet")
    order = provider.logout_request(ADDRESS, "tablet", "phone", signed_by="nobody")
    reply = elsewhere().get(f"{PATH}?{redirected(order, relay_state='where it was')}")
    assert person_in(here)
    assert person_in(there) is None
    address = str(reply["Location"])
    assert address.startswith(f"{LOGOUT_ADDRESS}?")
    assert parse_qs(urlsplit(address).query)["RelayState"] == ["where it was"]
    told = request_of(address)
    assert (told.get("InResponseTo"), told.get("Destination")) == (order.get("ID"), LOGOUT_ADDRESS)
    assert [each.get("Value", "").rpartition(":")[2] for each in told.iter("{*}StatusCode")] == ["Success"]


def test_a_key_that_is_out_of_date_orders_nothing(provider: SamlProvider, tmp_path: Path) -> None:
    client, _ = sign_in(provider)
    (tmp_path / "old.xml").write_text(provider.metadata(key="old"))
    order = provider.logout_request(ADDRESS, signed_by="nobody")
    with settings_of({"SAML_METADATA_FILE": str(tmp_path / "old.xml")}):
        assert get(redirected(order, signed_by="old")) == 400
        assert post(posted(provider.logout_request(ADDRESS, signed_by="old"))) == 400
    assert person_in(client)


def test_without_a_provider_there_is_nothing_to_sign_out_of(company: Company) -> None:
    assert post("x") == get("SAMLRequest=x") == 404

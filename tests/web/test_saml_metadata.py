"""The provider's metadata, read when the web process starts, and ours, for the provider to read."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from kbchat import asgi
from kbchat.web.sso.saml.metadata import MetadataUnusable, known_provider, require_usable
from tests.saml_provider import (
    ENTITY_ID,
    LOGOUT_ADDRESS,
    PERSISTENT,
    SIGN_IN_ADDRESS,
    SamlProvider,
    request_of,
)
from tests.web.conftest import browser
from tests.web.saml_support import elsewhere, saml
from tests.web.single_sign_on_support import go_there, settings_of

ORIGINS = ["https://kb.example.com", "https://kb.example.org"]


def test_it_names_the_provider(tmp_path: Path) -> None:
    with saml(SamlProvider(), tmp_path):
        require_usable()
        known = known_provider()
    assert (known.entity_id, known.sign_in_address) == (ENTITY_ID, SIGN_IN_ADDRESS)
    assert known.logout_address == LOGOUT_ADDRESS
    assert len(known.certificates) == 1


def replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda metadata: metadata.replace(old, new)


OTHER_BINDING = replaced("bindings:HTTP-Redirect", "bindings:HTTP-POST")
PROVIDER = SamlProvider()
BROKEN: dict[str, tuple[str, str]] = {
    "no XML": ("<html>", "is no XML"),
    "another document": ("<html/>", "is not the metadata of one provider"),
    "of a service": (replaced("IDPSSO", "SPSSO")(PROVIDER.metadata()), "describes no identity provider"),
    "without a name": (PROVIDER.metadata(name=""), "has no entityID"),
    "with too long a name": (PROVIDER.metadata(name="n" * 201), "has no entityID"),
    "in the clear": (PROVIDER.metadata(address="http://login.example.com"), "names no SingleSignOnService"),
    "by another way": (OTHER_BINDING(PROVIDER.metadata()), "names no SingleSignOnService"),
    "with a key for secrets": (
        replaced('"signing"', '"encryption"')(PROVIDER.metadata()),
        "names no certificate",
    ),
    "with half a key": (
        replaced("Certificate>MII", "Certificate>AAA")(PROVIDER.metadata()),
        "cannot be read",
    ),
    "with an old key": (PROVIDER.metadata(key="old"), "names no certificate that is in date"),
    "with a short key": (PROVIDER.metadata(key="short"), "neither RSA of 2048 bits"),
}


@pytest.mark.parametrize(("written", "why"), BROKEN.values(), ids=BROKEN.keys())
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, written: str, why: str) -> None:
    file = tmp_path / "metadata.xml"
    file.write_text(written)
    with settings_of({"SAML_METADATA_FILE": str(file)}), pytest.raises(MetadataUnusable) as told:
        require_usable()
    assert str(told.value).startswith(f"KBCHAT_SAML_METADATA_FILE: {file} ")
    assert why in str(told.value)


async def test_web_does_not_start_without_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(asgi, "require_safe_servers", lambda: None)
    told = []

    async def receive() -> dict[str, str]:
        return {"type": "lifespan.startup"}

    async def send(message: dict[str, str]) -> None:
        told.append(message)

    missing = tmp_path / "nowhere.xml"
    with settings_of({"SAML_METADATA_FILE": str(missing)}):
        await asgi.application({"type": "lifespan"}, receive, send)
    assert [message["type"] for message in told] == ["lifespan.startup.failed"]
    assert f"{missing} cannot be read (No such file or directory)" in told[0]["message"]


@pytest.mark.django_db
def test_ours_names_every_address_and_is_what_we_call_ourselves(tmp_path: Path) -> None:
    """What an IT department gives to its provider."""
    origins = {"PUBLIC_ORIGINS": json.dumps(ORIGINS)}
    with saml(SamlProvider(), tmp_path, **origins):
        reply = elsewhere().get("/sso/saml/metadata")
        wish = request_of(go_there(browser()))
    assert reply["Content-Type"] == "application/samlmetadata+xml"
    entity = etree.fromstring(reply.content)
    assert entity.get("entityID") == wish.findtext("{*}Issuer") == "https://kb.example.com/sso/saml/metadata"
    answers = [each.get("Location") for each in entity.iter("{*}AssertionConsumerService")]
    assert answers == [f"{origin}/sso/saml/acs" for origin in ORIGINS]
    assert {each.get("Location") for each in entity.iter("{*}SingleLogoutService")} == {
        "https://kb.example.com/sso/saml/logout"
    }
    assert [each.text for each in entity.iter("{*}NameIDFormat")] == [PERSISTENT]
    with saml(SamlProvider(), tmp_path, SAML_ENTITY_ID="kbchat", **origins):
        named = etree.fromstring(elsewhere().get("/sso/saml/metadata").content)
    assert named.get("entityID") == "kbchat"

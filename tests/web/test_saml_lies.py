"""What a lying SAML provider, or somebody in between, sends is refused for what it is and leaves nothing (T30)."""

from collections.abc import Callable

import pytest

from kbchat.accounts.models import User
from kbchat.audit.models import AuditAction
from tests.saml_provider import HMAC_SHA256, RSA_SHA1, SHA1_DIGEST, Lie, SamlProvider
from tests.saml_wrapping import VICTIM, WRAPPINGS
from tests.services.audit_support import recorded
from tests.web.conftest import browser
from tests.web.saml_support import REFUSED, kept, post_there, reasons, sign_in, trusted_provider
from tests.web.single_sign_on_support import person_in

pytestmark = pytest.mark.django_db

ORIGIN = "http://127.0.0.1:8000"

provider = pytest.fixture(trusted_provider)


def _said(**parts: object) -> Lie:
    return Lie(parts=parts)


STATUS = '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"/>'
CONDITION = '<saml:Condition xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:type="other"/>'
LIES = {
    # Who signed it, and how.
    "not signed": (Lie(signed_by="nobody"), "not signed once"),
    "the response is signed alone": (Lie(signed_by="nobody", whole="own"), "not signed once"),
    "signed by another": (Lie(signed_by="other"), "signature"),
    "the response is signed by another": (Lie(whole="other"), "signature"),
    "signed with SHA-1": (Lie(method=RSA_SHA1), "signature"),
    "a digest by SHA-1": (Lie(digest=SHA1_DIGEST), "signature"),
    "signed with the public key": (Lie(signed_by="public", method=HMAC_SHA256), "signature"),
    "signed in no way": (Lie(method="http://www.w3.org/2000/09/xmldsig#none"), "signature"),
    # Whom it is for.
    "for another": (_said(audiences=("https://another.example",)), "audience"),
    "for others, too": (
        _said(audiences=(f"{ORIGIN}/sso/saml/metadata", "https://another.example")),
        "audience",
    ),
    "for anybody": (_said(audiences=()), "audience"),
    "sent elsewhere": (_said(destination="https://another.example/sso/saml/acs"), "destination"),
    "sent to a longer address": (_said(destination=f"{ORIGIN}/sso/saml/acs/more"), "destination"),
    "sent nowhere": (_said(destination=None), "destination"),
    "for another recipient": (_said(recipient="https://another.example/sso/saml/acs"), "recipient"),
    "for a longer recipient": (
        _said(recipient=f"https://another.example?{ORIGIN}/sso/saml/acs"),
        "recipient",
    ),
    "for no recipient": (_said(recipient=None), "recipient"),
    # Whose it is.
    "of another issuer": (_said(issuer="https://evil.example"), "issuer"),
    "in another's response": (_said(response_issuer="https://evil.example"), "issuer"),
    # When.
    "expired": (_said(until="-90"), "NotOnOrAfter"),
    "confirmed too late": (_said(confirmed_until="-90"), "NotOnOrAfter"),
    "confirmed for ever": (_said(confirmed_until=None), "NotOnOrAfter"),
    "not yet valid": (_said(not_before="+90"), "NotBefore"),
    "not yet confirmed": (_said(confirmed_not_before="+90"), "NotBefore"),
    "from the future": (_said(issued="+90"), "IssueInstant"),
    "of a session that is over": (_said(session_until="-90"), "SessionNotOnOrAfter"),
    "with a time of nowhere": (_said(until="2099-01-01T00:00:00"), "NotOnOrAfter"),
    "with a time that is none": (_said(until="soon"), "NotOnOrAfter"),
    # For which way there.
    "unasked": (_said(in_response_to=None, confirmed_in_response_to=None), "unasked"),
    "unasked, the response says otherwise": (_said(confirmed_in_response_to=None), "unasked"),
    "for two requests": (_said(in_response_to="_other"), "unasked"),
    "for another request": (
        _said(in_response_to="_other", confirmed_in_response_to="_other"),
        "not asked for by this browser",
    ),
    # About whom.
    "an e-mail as a name": (
        _said(name_format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"),
        "name format",
    ),
    "a name for once": (
        _said(name_format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient"),
        "name format",
    ),
    "a name of no kind": (_said(name_format=None), "name format"),
    "another's name": (_said(name_qualifier="https://evil.example"), "name qualifier"),
    "no name": (_said(subject=""), "subject"),
    "a name that cannot be kept": (_said(subject="s" * 192), "subject"),
    "a name in parts": (_said(subject="s-1<saml:Part/>.evil"), "more than text"),
    "a name with an order in it": (_said(subject="s-1<?cut here?>.evil"), "more than text"),
    # And the rest.
    "by whoever holds a key": (_said(method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"), "confirmation"),
    "under a condition that nobody knows": (_said(conditions=CONDITION), "a condition that nobody knows"),
    "of an older SAML": (_said(version="1.1"), "no assertion"),
    "of nobody's success": (_said(status=STATUS), "status"),
}


def test_a_lie_is_refused_for_what_it_is_and_leaves_nothing(
    provider: SamlProvider, caplog: pytest.LogCaptureFixture
) -> None:
    """T30, for somebody whom the provider has let in before; the same without the lie is let in."""
    sign_in(provider)
    before = kept()
    client, told = browser(), {}
    for name, (lie, _) in LIES.items():
        provider.lie = lie
        _, landed = sign_in(provider, client, groups=["board"])
        told[name] = (landed, *reasons(caplog))
    assert told == {name: (REFUSED, reason) for name, (_, reason) in LIES.items()}
    assert person_in(client) is None
    assert kept() == before
    assert len(recorded(AuditAction.SIGN_IN_FAILED)) == len(LIES)
    provider.lie = Lie(whole="own")
    assert sign_in(provider, client)[1] == "/"


def test_a_signature_proves_nothing_of_what_stands_around_it(provider: SamlProvider) -> None:
    """T30: signature wrapping. Who has a signed assertion about himself becomes nobody else by it."""
    sign_in(provider, sub=VICTIM)
    sign_in(provider, sub="m-1", email="mallory@example.com")
    client, landed = browser(), {}
    for name, change in WRAPPINGS.items():
        provider.lie = Lie(then=change)
        landed[name] = sign_in(provider, client, sub="m-1")[1]
    assert landed == dict.fromkeys(WRAPPINGS, REFUSED)
    assert person_in(client) is None


def _replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(written: bytes) -> bytes:
        assert old in written
        return written.replace(old, new, 1)

    return change


NAME = b"s-1.evil.example</saml:NameID>"
HOSTILE = {
    # The attack of 2018: the canonical form, which is signed, has no comments.
    "a comment in the name": _replaced(NAME, b"s-1<!-- -->.evil.example</saml:NameID>"),
    "a comment elsewhere": _replaced(b"<saml:Conditions", b"<!-- --><saml:Conditions"),
    "a section of text": _replaced(NAME, b"<![CDATA[s-1.evil.example]]></saml:NameID>"),
    "a document type": lambda written: b"<!DOCTYPE r>" + written,
    "an entity of its own": lambda written: (
        b'<!DOCTYPE r [<!ENTITY e "s-1">]>' + written.replace(NAME, b"&e;" + NAME[3:])
    ),
    "a file": lambda written: b'<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + written,
    "in another encoding": lambda written: (b"<!DOCTYPE r>" + written).decode().encode("utf-16"),
    "an encoding that hides": lambda written: (
        b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE r>' + written
    ),
    "no XML": lambda written: written[:-9],
    "nothing": lambda _: b"",
    "too much of it": lambda written: written + b" " * 200_000,
    "no response": lambda _: b"<Response/>",
}


def test_a_document_brings_nothing_else_along(provider: SamlProvider) -> None:
    """T30: no document types and entities, no comments that split a name, no size without end."""
    sign_in(provider)
    client, landed = browser(), {}
    for name, change in HOSTILE.items():
        provider.lie = Lie(written=change)
        landed[name] = sign_in(provider, client, sub="s-1.evil.example", email="eve@example.com")[1]
    assert landed == dict.fromkeys(HOSTILE, REFUSED)
    assert post_there("/sso/saml/acs", "no base64!") == REFUSED
    assert User.objects.count() == 1


def test_whoever_changes_his_mind_is_told_so(provider: SamlProvider) -> None:
    denied = STATUS.replace("/>", ">") + STATUS.replace("Responder", "RequestDenied") + "</samlp:StatusCode>"
    provider.lie = _said(status=denied)
    assert sign_in(provider)[1] == "/signin?problem=sso_cancelled"

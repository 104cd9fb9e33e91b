"""Single sign-on by SAML against a provider that also lies (T30, T32)."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from allauth.socialaccount.models import SocialAccount

from kbchat.accounts.models import Group, Membership, OpenSession, User
from kbchat.accounts.people import ensure_group
from kbchat.audit.models import AuditAction
from kbchat.web.sso.saml import provider as saml_provider
from tests.saml_provider import (
    ENTITY_ID,
    HMAC_SHA256,
    PERSISTENT,
    RSA_SHA1,
    SHA1_DIGEST,
    SIGN_IN_ADDRESS,
    Lie,
    SamlProvider,
    request_of,
)
from tests.saml_wrapping import VICTIM, WRAPPINGS
from tests.services.audit_support import recorded
from tests.web.conftest import Company, browser
from tests.web.saml_support import come_back_with, elsewhere, post_there, saml, sign_in, someone
from tests.web.single_sign_on_support import come_back, go_there, person_in, settings_of

pytestmark = pytest.mark.django_db

REFUSED = "/signin?problem=sso_refused"
NO_ACCOUNT = "/signin?problem=no_account"
ORIGIN = "http://127.0.0.1:8000"


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[SamlProvider]:
    """Everybody whom it knows gets an account."""
    with saml(SamlProvider(), tmp_path, SSO_CREATE_PEOPLE="true", SAML_GROUPS_ATTRIBUTE="groups") as known:
        yield known


def kept() -> tuple[int, int, int]:
    return User.objects.count(), SocialAccount.objects.count(), Group.objects.count()


def reasons(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Why sign-ins were refused since this was asked last; only the log tells."""
    told = [
        str(each.args[0]) for each in caplog.records if "refused" in each.msg and isinstance(each.args, tuple)
    ]
    caplog.clear()
    return told


def test_a_newcomer_gets_an_account_and_keeps_it_under_another_e_mail(provider: SamlProvider) -> None:
    client, landed = sign_in(provider, sid="desk")
    assert landed == "/"
    person = User.objects.get(email="ada@example.com")
    assert (person_in(client) or {})["name"] == "Ada Zhao"
    assert not person.has_usable_password()
    assert [(a.provider, a.uid, a.extra_data) for a in SocialAccount.objects.all()] == [
        (ENTITY_ID, "s-1", {})
    ]
    assert [(o.issuer, o.directory_session) for o in OpenSession.objects.all()] == [(ENTITY_ID, "desk")]
    assert [event.actor_id for event in recorded(AuditAction.IDENTITY_LINKED, AuditAction.SIGNED_IN)] == [
        person.pk
    ] * 2
    again, _ = sign_in(provider, email="new@example.com")
    assert person_in(again) == person_in(client)


def test_a_name_is_kept_as_it_is(provider: SamlProvider) -> None:
    """Cut to fit, it might be another's."""
    sign_in(provider)
    client, _ = sign_in(provider, sub=" s-1 ", email="bo@example.com")
    assert (person_in(client) or {})["email"] == "bo@example.com"


def test_a_key_that_is_out_of_date_signs_nothing(provider: SamlProvider, tmp_path: Path) -> None:
    """Though the file names it: it went out of date after the start."""
    (tmp_path / "old.xml").write_text(provider.metadata(key="old"))
    with settings_of({"SAML_METADATA_FILE": str(tmp_path / "old.xml")}):
        provider.lie = Lie(signed_by="old")
        assert sign_in(provider)[1] == REFUSED


def test_the_way_there_asks_for_a_lasting_name_and_says_who_asks(provider: SamlProvider) -> None:
    client = browser()
    assert client.get("/api/v1/session").json()["single_sign_on"] == "login.example.com"
    address = go_there(client)
    wish = request_of(address)
    assert address.startswith(f"{SIGN_IN_ADDRESS}&SAMLRequest=")
    assert wish.get("Destination") == SIGN_IN_ADDRESS
    assert wish.get("AssertionConsumerServiceURL") == f"{ORIGIN}/sso/saml/acs"
    assert [each.get("Format") for each in wish.iter("{*}NameIDPolicy")] == [PERSISTENT]
    assert len(wish.get("ID")) > 32
    before = client.cookies["kbchat_session"].value
    sign_in(provider, client)
    assert client.cookies["kbchat_session"].value != before


def test_he_comes_back_to_where_he_was(provider: SamlProvider) -> None:
    client = browser()
    provider.person = someone()
    assert come_back_with(client, provider.answer(go_there(client, "/library"))) == "/library"


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


def test_an_answer_is_good_once_and_in_its_own_browser_alone(
    provider: SamlProvider, caplog: pytest.LogCaptureFixture
) -> None:
    client, other, provider.person = browser(), browser(), someone()
    answer = provider.answer(go_there(client))
    go_there(other)
    assert come_back_with(other, answer) == REFUSED, "another browser asked for it"
    assert reasons(caplog) == ["not asked for by this browser"]
    laid_aside = post_there(*answer)
    assert come_back(browser(), laid_aside) == REFUSED, "a ticket alone proves nothing"
    assert come_back(client, laid_aside) == REFUSED, "it is taken once"
    assert come_back(client, "/sso/callback") == come_back(client, "/sso/callback?answer=guess") == REFUSED
    assert come_back_with(client, answer) == "/"
    caplog.clear()
    assert come_back_with(client, answer) == REFUSED, "replayed"
    assert reasons(caplog) == ["not asked for by this browser"]
    assert User.objects.count() == 1


def test_an_assertion_is_good_once_though_the_request_were_made_twice(
    provider: SamlProvider, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where two answers arrive at once and both still find the way there."""
    monkeypatch.setattr(saml_provider, "new_id", lambda: "_the-same")
    client, other, provider.person = browser(), browser(), someone()
    answer = provider.answer(go_there(client))
    go_there(other)
    assert come_back_with(client, answer) == "/"
    assert come_back_with(other, answer) == REFUSED
    assert reasons(caplog) == ["used before"]


def test_without_redis_nobody_is_let_in(provider: SamlProvider, settings: object) -> None:
    """Whether an answer was used before could not be asked."""
    client, provider.person = browser(), someone()
    answer = provider.answer(go_there(client))
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    assert come_back_with(client, answer) == "/signin?problem=sso_unavailable"
    assert person_in(client) is None


def test_whoever_changes_his_mind_is_told_so(provider: SamlProvider) -> None:
    denied = STATUS.replace("/>", ">") + STATUS.replace("Responder", "RequestDenied") + "</samlp:StatusCode>"
    provider.lie = _said(status=denied)
    assert sign_in(provider)[1] == "/signin?problem=sso_cancelled"


def test_an_e_mail_leads_to_somebody_where_it_is_trusted_and_verified(
    company: Company, tmp_path: Path
) -> None:
    """The rule is that of OpenID Connect; where an attribute says so, only "true" is verified."""
    before = kept()
    with saml(SamlProvider(), tmp_path) as strict:
        for email in ("olga@example.com", "nobody.yet@example.com", ["olga@example.com", "a@example.com"]):
            assert sign_in(strict, email=email)[1] == NO_ACCOUNT
    verified = {
        "SAML_EMAIL_VERIFIED_ATTRIBUTE": "sure",
        "SSO_TRUST_EMAIL": "true",
        "SSO_CREATE_PEOPLE": "true",
    }
    with saml(SamlProvider(), tmp_path, **verified) as unsure:
        for email in ("olga@example.com", "nobody.yet@example.com"):
            assert sign_in(unsure, email=email)[1] == sign_in(unsure, email=email, sure="no")[1] == NO_ACCOUNT
        assert kept() == before
        client, _ = sign_in(unsure, email="Olga@Example.com", sure="true")
        assert (person_in(client) or {})["id"] == str(company.owner.pk)
        assert sign_in(unsure, sub="s-2", email="olga@example.com", sure="true")[1] == NO_ACCOUNT


def test_who_has_left_is_not_let_in(provider: SamlProvider) -> None:
    client, _ = sign_in(provider)
    User.objects.update(is_active=False)
    assert person_in(client) is None
    assert sign_in(provider, groups=["hr"])[1] == "/signin?problem=not_active"
    assert Membership.objects.count() == 0


def test_what_the_directory_no_longer_says_is_taken_away(provider: SamlProvider) -> None:
    """T32, by the code that follows the claims of OpenID Connect."""
    sign_in(provider, groups=["hr", "works council"])
    person = User.objects.get(email="ada@example.com")
    choir = ensure_group("choir", [person])

    def groups() -> set[str]:
        return {each.group.name for each in Membership.objects.filter(user=person).select_related("group")}

    assert groups() == {"hr", "works council", "choir"}
    sign_in(provider, groups="hr")
    assert groups() == {"hr", "choir"}
    sign_in(provider)
    assert groups() == {choir.name}


def test_without_a_provider_there_is_no_such_address(company: Company) -> None:
    assert post_there("/sso/saml/acs", "x") == "/signin?problem=not_found"
    assert elsewhere().get("/sso/saml/metadata").status_code == 404

"""Single sign-on by SAML: who is let in, when and as whom (T30, T32)."""

from pathlib import Path
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount

from kbchat.accounts.models import Membership, OpenSession, User
from kbchat.accounts.people import ensure_group
from kbchat.audit.models import AuditAction
from kbchat.web.sso.saml import provider as saml_provider
from tests.saml_provider import (
    ENTITY_ID,
    PERSISTENT,
    SIGN_IN_ADDRESS,
    Lie,
    SamlProvider,
    request_of,
)
from tests.services.audit_support import recorded
from tests.web.conftest import Company, browser
from tests.web.saml_support import (
    REFUSED,
    come_back_with,
    elsewhere,
    kept,
    post_there,
    reasons,
    saml,
    sign_in,
    someone,
    trusted_provider,
)
from tests.web.single_sign_on_support import come_back, go_there, person_in, settings_of

pytestmark = pytest.mark.django_db

NO_ACCOUNT = "/signin?problem=no_account"
ORIGIN = "http://127.0.0.1:8000"


provider = pytest.fixture(trusted_provider)


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


def test_a_link_in_place_of_too_many_groups_leaves_them_as_they_are(provider: SamlProvider) -> None:
    """As Entra ID sends it for more than 150."""
    sign_in(provider, groups=["hr"])
    link: dict[str, Any] = {"http://schemas.microsoft.com/claims/groups.link": "https://graph.windows.net/x"}
    sign_in(provider, **link)
    assert [each.group.name for each in Membership.objects.select_related("group")] == ["hr"]


def test_without_a_provider_there_is_no_such_address(company: Company) -> None:
    assert post_there("/sso/saml/acs", "x") == "/signin?problem=not_found"
    assert elsewhere().get("/sso/saml/metadata").status_code == 404

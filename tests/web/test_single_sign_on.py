"""Single sign-on against an identity provider that also lies (T30, T32)."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from allauth.socialaccount.models import SocialAccount

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.accounts.models import Group, Membership, Source, User
from kbchat.accounts.people import create_person, ensure_group
from kbchat.audit.models import AuditAction
from kbchat.library.sharing import give_grant
from kbchat.web.sso.views import own_path
from tests.identity_provider import CLIENT_ID, MISSING, IdentityProvider, Lie, running_provider
from tests.services.audit_support import recorded, subjects
from tests.web.conftest import PASSWORD, Company, SignIn, browser, call
from tests.web.single_sign_on_support import come_back, go_there, person_in, sign_in, single_sign_on, someone

pytestmark = pytest.mark.django_db

REFUSED = "/signin?problem=sso_refused"
NO_ACCOUNT = "/signin?problem=no_account"


@pytest.fixture(scope="module")
def server() -> Iterator[IdentityProvider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(server: IdentityProvider) -> Iterator[IdentityProvider]:
    """Everybody whom it knows gets an account."""
    with single_sign_on(server, SSO_CREATE_PEOPLE="true", OIDC_GROUPS_CLAIM="groups") as known:
        yield known


@pytest.fixture
def strict(server: IdentityProvider) -> Iterator[IdentityProvider]:
    """It lets in only who has an account, and its e-mails prove nothing."""
    with single_sign_on(server) as known:
        yield known


def kept() -> tuple[int, int, int]:
    return User.objects.count(), SocialAccount.objects.count(), Group.objects.count()


def test_a_newcomer_gets_an_account_and_keeps_it_under_another_e_mail(provider: IdentityProvider) -> None:
    client, landed = sign_in(provider)
    assert landed == "/"
    person = User.objects.get(email="ada@example.com")
    assert person_in(client) == {
        "id": str(person.pk),
        "name": "Ada Zhao",
        "email": "ada@example.com",
        "language": "en",
        "is_administrator": False,
        "is_auditor": False,
    }
    assert not person.has_usable_password()
    assert [(a.provider, a.uid, a.extra_data) for a in SocialAccount.objects.all()] == [
        (provider.issuer, "s-1", {})
    ]
    assert [event.actor_id for event in recorded(AuditAction.IDENTITY_LINKED, AuditAction.SIGNED_IN)] == [
        person.pk
    ] * 2
    again, _ = sign_in(provider, email="new@example.com")
    assert person_in(again) == person_in(client)


def test_the_way_there_is_bound_to_this_browser(provider: IdentityProvider) -> None:
    """Code, state, nonce and proof key; the session that went is not the session that is signed in (T29)."""
    client = browser()
    wish = {name: values[0] for name, values in parse_qs(urlsplit(go_there(client)).query).items()}
    assert wish["response_type"] == "code"
    assert wish["code_challenge_method"] == "S256"
    assert wish["redirect_uri"].endswith("/sso/callback")
    assert all(len(wish[name]) >= 16 for name in ("state", "nonce", "code_challenge"))
    before = client.cookies["kbchat_session"].value
    sign_in(provider, client)
    assert client.cookies["kbchat_session"].value != before


NOW = int(time.time())
LIES = {
    "for another client": Lie({"aud": "another"}),
    "for others, too": Lie({"aud": [CLIENT_ID, "another"]}),
    "on behalf of another client": Lie({"azp": "another"}),
    "of another issuer": Lie({"iss": "https://evil.example"}),
    "expired": Lie({"exp": NOW - 3600, "iat": NOW - 7200}),
    "without an end": Lie({"exp": MISSING}),
    "from the future": Lie({"iat": NOW + 3600}),
    "of another sign-in": Lie({"nonce": "seen before"}),
    "without a nonce": Lie({"nonce": MISSING}),
    "not signed": Lie(key="none"),
    "signed with the public key": Lie(algorithm="HS256"),
    "signed by another": Lie(key="other"),
    "signed with an unknown key": Lie(key="other", header={"kid": "second"}),
    "of nobody": Lie({"sub": MISSING}),
    "of a name that cannot be kept": Lie({"sub": "s-1\0"}),
    "of too long a name": Lie({"sub": "s" * 192}),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_lie_is_refused_and_leaves_nothing(provider: IdentityProvider, lie: Lie) -> None:
    """T30, for somebody whom the provider has let in before."""
    sign_in(provider)
    before = kept()
    provider.lie = lie
    client, landed = sign_in(provider, groups=["board"])
    assert landed == REFUSED
    assert person_in(client) is None
    assert kept() == before
    assert len(recorded(AuditAction.SIGN_IN_FAILED)) == 1


def test_an_answer_is_good_once_and_in_its_own_browser_alone(provider: IdentityProvider) -> None:
    client, other = browser(), browser()
    provider.person = someone()
    answer = provider.send_back(go_there(client))
    go_there(other)
    assert come_back(other, answer) == REFUSED
    assert come_back(client, answer.replace("state=", "state=x")) == REFUSED
    assert come_back(browser(), "/sso/callback") == REFUSED
    assert come_back(client, f"{answer}&iss=https%3A%2F%2Fevil.example") == REFUSED
    assert come_back(client, answer) == REFUSED, "the state was used up"
    stolen = provider.send_back(go_there(client)).split("code=")[1].split("&")[0]
    mine = provider.send_back(go_there(other))
    mixed = mine.replace(mine.split("code=")[1].split("&")[0], stolen)
    assert come_back(other, mixed) == REFUSED, "another's code lacks the proof key"
    assert User.objects.count() == 0


def test_whoever_changes_his_mind_is_told_so(provider: IdentityProvider) -> None:
    client = browser()
    state = parse_qs(urlsplit(go_there(client)).query)["state"][0]
    landed = come_back(client, f"/sso/callback?error=access_denied&state={state}")
    assert landed == "/signin?problem=sso_cancelled"


@pytest.mark.parametrize("verified", [False, "true", MISSING])
def test_an_e_mail_that_is_not_verified_leads_nowhere(
    company: Company, server: IdentityProvider, verified: object
) -> None:
    with single_sign_on(server, SSO_CREATE_PEOPLE="true", SSO_TRUST_EMAIL="true") as provider:
        before = kept()
        for email in ("olga@example.com", "nobody.yet@example.com"):
            provider.lie = Lie({"email_verified": verified})
            client, landed = sign_in(provider, email=email)
            assert (landed, person_in(client)) == (NO_ACCOUNT, None)
        assert kept() == before


def test_a_verified_e_mail_leads_to_nobody_either_unless_it_is_trusted(
    company: Company, strict: IdentityProvider
) -> None:
    before = kept()
    for email in ("olga@example.com", "nobody.yet@example.com"):
        assert sign_in(strict, email=email)[1] == NO_ACCOUNT
    assert kept() == before


def test_a_trusted_e_mail_leads_to_its_account_once(company: Company, server: IdentityProvider) -> None:
    """Whoever is given the address later is somebody else."""
    with single_sign_on(server, SSO_TRUST_EMAIL="true") as provider:
        client, _ = sign_in(provider, email="Olga@Example.com")
        assert (person_in(client) or {})["id"] == str(company.owner.pk)
        assert sign_in(provider, sub="s-2", email="olga@example.com")[1] == NO_ACCOUNT


# To PostgreSQL's capitals the first three are the same, to its small letters the last one.
@pytest.mark.parametrize(
    "email", ["ſusi@kin.example", "susı@kin.example", "susi@kın.example", "susi@Kin.example"]
)
def test_an_address_that_only_looks_alike_is_somebody_else_s(
    company: Company, server: IdentityProvider, email: str
) -> None:
    create_person(email="Susi@Kin.example", name="Susi", password=PASSWORD, is_administrator=True)
    with single_sign_on(server, SSO_TRUST_EMAIL="true") as provider:
        assert sign_in(provider, sub="s-3", email=email)[1] == NO_ACCOUNT
        assert sign_in(provider, sub="s-4", email="sUSI@kIN.example")[1] == "/"


def test_who_has_left_is_not_let_in(provider: IdentityProvider) -> None:
    client, _ = sign_in(provider)
    User.objects.update(is_active=False)
    assert person_in(client) is None
    assert sign_in(provider, groups=["hr"])[1] == "/signin?problem=not_active"
    assert Membership.objects.count() == 0


def test_a_group_that_the_directory_takes_away_is_gone_with_its_access(
    company: Company, provider: IdentityProvider
) -> None:
    """T32: for the session that is open, too. What was said here stays."""
    client, _ = sign_in(provider, groups=["hr", "works council"])
    person = User.objects.get(email="ada@example.com")
    choir = ensure_group("choir", [person])
    hr = Group.objects.get(name="hr")
    give_grant(company.viewer(company.owner), company.collection_id, Principal("group", hr.pk), Role.READER)
    assert [row["name"] for row in call(client, "get", "/collections").json()] == ["People"]
    sign_in(provider, groups=[])
    assert call(client, "get", "/collections").json() == []
    assert [m.group_id for m in Membership.objects.filter(user=person)] == [choir.pk]
    entered, left = subjects(AuditAction.DIRECTORY_FOLLOWED)
    assert entered["left"] == []
    assert set(map(UUID, entered["entered"])) == set(map(UUID, left["left"]))
    assert {entered["person"], left["person"]} == {str(person.pk)}


@pytest.mark.parametrize("claim", [MISSING, [], None, 7, {"hr": True}, ["h\0r"]])
def test_a_claim_that_names_no_group_takes_all_away(provider: IdentityProvider, claim: object) -> None:
    sign_in(provider, groups=["hr"])
    provider.lie = Lie({"groups": claim})
    sign_in(provider)
    assert Membership.objects.count() == 0


@pytest.mark.parametrize(
    "instead",
    [
        {"hasgroups": True},
        {
            "_claim_names": {"groups": "src1"},
            "_claim_sources": {"src1": {"endpoint": "https://graph.example"}},
        },
    ],
    ids=["implicit overage", "overage"],
)
def test_a_token_that_has_no_room_for_the_groups_leaves_them_as_they_are(
    provider: IdentityProvider, instead: dict[str, Any]
) -> None:
    """Entra ID sends a reference in place of a long list; what a directory brought is not to go by that."""
    sign_in(provider, groups=["hr"])
    sign_in(provider, **instead)
    assert [each.group.name for each in Membership.objects.select_related("group")] == ["hr"]


def test_a_group_of_the_directory_does_not_fill_one_that_was_made_here(provider: IdentityProvider) -> None:
    """Anybody might found a group of that name there."""
    board = ensure_group("board")
    sign_in(provider, groups=["board"])
    assert not Membership.objects.filter(group=board).exists()
    joined = Membership.objects.select_related("group").get()
    assert (joined.group.name, joined.group.external_id) == ("board (2)", "board")
    assert joined.source == joined.group.source == Source.DIRECTORY
    sign_in(provider, sub="s-2", email="bo@example.com", groups=["board"])
    assert Group.objects.count() == 2


def test_without_the_claim_in_the_settings_groups_are_kept_here(server: IdentityProvider) -> None:
    with single_sign_on(server, SSO_CREATE_PEOPLE="true") as provider:
        sign_in(provider, groups=["hr"])
    assert Group.objects.count() == 0


def test_a_provider_that_is_another_or_does_not_answer_is_told_plainly(
    provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kbchat.web.sso.oidc import provider as known

    def fresh() -> None:
        monkeypatch.setattr(known, "_documents", known._Documents())

    for change in ({"issuer": "https://evil.example"}, {"token_endpoint": "http://evil.example/token"}):
        fresh()
        configuration = provider.configuration()
        with monkeypatch.context() as patch:
            patch.setattr(provider, "configuration", lambda told=configuration | change: told)
            reply = call(browser(), "post", "/session/single-sign-on", {})
            assert (reply.status_code, reply.json()["code"]) == (503, "sso_unavailable")
    fresh()
    monkeypatch.setattr(provider, "keys", lambda: {"keys": "none"})
    assert sign_in(provider)[1] == REFUSED


def test_without_a_provider_there_is_no_way_there(company: Company, signed_in: SignIn) -> None:
    client = signed_in(company.reader)
    assert call(client, "post", "/session/single-sign-on", {}).status_code == 404
    assert come_back(client, "/sso/callback?code=c&state=s") == "/signin?problem=not_found"
    assert client.get("/api/v1/session").json()["single_sign_on"] is None
    assert person_in(client), "whoever is signed in stays so"


@pytest.mark.parametrize(
    ("path", "landed"),
    [
        ("/library", "/library"),
        ("/search?q=leave", "/search?q=leave"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/api/v1/session", "/"),
        ("/sso/callback", "/"),
        ("/\tevil", "/"),
    ],
)
def test_nobody_is_sent_elsewhere(path: str, landed: str) -> None:
    """T39."""
    assert own_path(path) == landed


def test_he_comes_back_to_where_he_was(provider: IdentityProvider) -> None:
    client = browser()
    provider.person = someone()
    assert come_back(client, provider.send_back(go_there(client, "/library"))) == "/library"

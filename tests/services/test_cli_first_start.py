"""The first people, the sample company, setup links and keys from the command line."""

import stat
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from kbchat import composition
from kbchat.access.viewers import viewer_of
from kbchat.accounts.api_keys import find_api_key
from kbchat.accounts.models import User
from kbchat.accounts.people import create_person
from kbchat.accounts.setting_up import set_up
from kbchat.accounts.signing_in import EmailBackend
from kbchat.cli.first_start import sample_company_belongs_here, sign_ins_file, welcome_first_people
from kbchat.cli.sample_company import load
from kbchat.cli.sample_manifest import read_sample_company
from kbchat.library.collections import list_collections
from kbchat.library.deleting import delete_document
from kbchat.library.documents import document_detail, list_documents
from kbchat.settings.environment import Environment, read_environment
from tests.company import MAX_BYTES

pytestmark = pytest.mark.django_db(transaction=True)
COMPANY = read_sample_company()


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    monkeypatch.setenv("KBCHAT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KBCHAT_EMBEDDED_POSTGRES", "1")
    return read_environment()


def passwords_in(file: Path) -> dict[str, str]:
    lines = [line.split() for line in file.read_text().splitlines() if "@" in line]
    return {line[0]: line[1] for line in lines}


def test_the_sample_people_get_random_passwords_in_a_private_file(environment: Environment) -> None:
    welcome = welcome_first_people(environment, COMPANY)
    assert welcome.sign_ins == sign_ins_file(environment)
    assert stat.S_IMODE(welcome.sign_ins.stat().st_mode) == 0o600
    passwords = passwords_in(welcome.sign_ins)
    assert set(passwords) == {person.email for person in COMPANY.people}
    assert len(set(passwords.values())) == 4
    for email, password in passwords.items():
        assert EmailBackend().authenticate(None, email=email, password=password)
    assert welcome_first_people(environment, COMPANY).sign_ins is None
    assert passwords_in(sign_ins_file(environment)) == passwords


def test_one_password_can_be_set_for_all(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KBCHAT_DEMO_PASSWORD", "known")
    welcome_first_people(read_environment(), COMPANY)
    assert EmailBackend().authenticate(None, email=COMPANY.administrator.email, password="known")


@pytest.mark.parametrize(
    "settings",
    [{"KBCHAT_EMBEDDED_POSTGRES": "0"}, {"KBCHAT_HOST": "192.0.2.1"}, {"KBCHAT_SAMPLE_COMPANY": "no"}],
)
def test_invented_people_belong_on_a_demo_only(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]
) -> None:
    assert sample_company_belongs_here(environment)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert not sample_company_belongs_here(read_environment())


def test_the_configured_administrator_needs_no_link(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KBCHAT_ADMIN_EMAIL", "boss@example.com")
    monkeypatch.setenv("KBCHAT_ADMIN_PASSWORD", "a password")
    assert welcome_first_people(read_environment(), None).setup_link == ""
    boss = EmailBackend().authenticate(None, email="boss@example.com", password="a password")
    assert boss
    assert boss.is_administrator


def test_the_link_makes_the_first_administrator_once(environment: Environment) -> None:
    link = welcome_first_people(environment, None).setup_link
    assert link.startswith("http://127.0.0.1:8000/setup?token=")
    token = link.rpartition("=")[2]
    assert set_up(token, email="a@example.com", name="A", password="p").is_administrator
    assert welcome_first_people(environment, None).setup_link == ""


def test_the_sample_company_is_loaded_once_with_its_rights(environment: Environment) -> None:
    welcome_first_people(environment, COMPANY)
    assert load(COMPANY, max_bytes=MAX_BYTES) == 31
    assert load(COMPANY, max_bytes=MAX_BYTES) == 0
    readable = {
        person.email.partition(".")[0]: {
            row.name: (row.role.value, row.documents) for row in _rows(person.email)
        }
        for person in COMPANY.people
    }
    assert readable["maya"] == {"Company handbook": ("reader", 9), "员工手册（上海）": ("reader", 8)}
    assert readable["jonas"]["Engineering / 研发"] == ("owner", 6)
    assert readable["chen"]["Human resources / 人力资源"] == ("owner", 4)
    assert readable["ingrid"]["Company handbook"] == ("owner", 9)
    assert "Human resources / 人力资源" not in readable["ingrid"]


def test_loading_that_was_cut_short_is_finished_later(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    welcome_first_people(environment, COMPANY)
    calls = 0

    def sent(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        if calls > 12:
            raise KeyboardInterrupt
        return original(*arguments)

    from kbchat.cli import sample_company

    original = sample_company._send
    monkeypatch.setattr(sample_company, "_send", sent)
    with pytest.raises(KeyboardInterrupt):
        load(COMPANY, max_bytes=MAX_BYTES)
    monkeypatch.setattr(sample_company, "_send", original)
    assert load(COMPANY, max_bytes=MAX_BYTES) == 31 - 12
    viewer = viewer_of(User.objects.get(email="maya.adeyemi@example.com"))
    handbook = next(row for row in list_collections(viewer) if row.name == "Company handbook")
    assert handbook.documents == 9


def test_versions_come_in_order_and_what_is_deleted_stays_deleted(environment: Environment) -> None:
    welcome_first_people(environment, COMPANY)
    load(COMPANY, max_bytes=MAX_BYTES)
    viewer = viewer_of(User.objects.get(email=COMPANY.administrator.email))
    handbook = next(row for row in list_collections(viewer) if row.name == "Company handbook")
    rows = list_documents(viewer, handbook.id)
    twice = next(row for row in rows if row.versions == 2)
    newest, oldest = document_detail(viewer, twice.id).versions
    assert (newest.number, oldest.number) == (2, 1)
    assert oldest.expires_on == newest.effective_from
    delete_document(viewer, twice.id)
    assert load(COMPANY, max_bytes=MAX_BYTES) == 0
    assert len(list_documents(viewer, handbook.id)) == 8


def _rows(email: str) -> list:  # type: ignore[type-arg]
    return list_collections(viewer_of(User.objects.get(email=email)))


def test_a_setup_link_is_made_while_nobody_is_there() -> None:
    out = StringIO()
    call_command("make_setup_link", stdout=out)
    token = out.getvalue().strip().rpartition("=")[2]
    set_up(token, email="a@example.com", name="A", password="p")
    with pytest.raises(CommandError, match="create_person"):
        call_command("make_setup_link", stdout=out)


def test_the_configured_administrator_is_made_instead_of_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a database of one's own nobody runs `run`, which makes him elsewhere."""
    monkeypatch.setenv("KBCHAT_ADMIN_EMAIL", "boss@example.com")
    monkeypatch.setenv("KBCHAT_ADMIN_PASSWORD", "known to the operator")
    composition.environment.cache_clear()
    out = StringIO()
    try:
        call_command("make_setup_link", stdout=out)
    finally:
        composition.environment.cache_clear()
    assert out.getvalue() == "boss@example.com is the administrator and may sign in.\n"
    person = EmailBackend().authenticate(None, email="boss@example.com", password="known to the operator")
    assert person is not None
    assert person.is_administrator


def test_an_api_key_signs_its_person_in() -> None:
    person = create_person(email="script@example.com", name="S", password="p")
    out = StringIO()
    narrowed = {"scope": ["search"], "days": 3}
    call_command("create_api_key", "Script@example.com", "nightly", stdout=out, **narrowed)
    key = find_api_key(out.getvalue().strip())
    assert key is not None
    assert (key.user, key.scopes, key.collections) == (person, ["search"], None)
    assert (key.expires_at - key.created_at).days in (2, 3)
    with pytest.raises(CommandError, match="may read no collection"):
        call_command("create_api_key", "Script@example.com", "x", stdout=out, collection=["Hidden"])
    with pytest.raises(CommandError, match="no active person"):
        call_command("create_api_key", "nobody@example.com", "x", stdout=out)

"""What is recorded, in whose name and when; and that the chain of it shows every change (D11, T58)."""

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.accounts.models import User
from kbchat.accounts.people import create_person, ensure_group, set_auditor, set_password, take_from_group
from kbchat.accounts.signing_in import EmailBackend
from kbchat.audit.models import AuditAction
from kbchat.audit.reading import EventFilter, find_events
from kbchat.audit.recording import digest, record
from kbchat.audit.verifying import Fault, Verdict, verify
from kbchat.chat.searching import search
from kbchat.core.errors import Conflict, Invalid, NotAllowed
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.library import purging
from kbchat.library.documents import delete_document
from kbchat.library.purging import purge_deleted
from kbchat.library.sharing import give_grant, list_grants, take_grant
from kbchat.retrieval.port import EVERYTHING
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import PAGE, Company, add, found_company
from tests.servers import as_owner, as_worker
from tests.services.audit_support import recorded, subjects

pytestmark = pytest.mark.django_db

_GRANTS = (AuditAction.GRANT_GIVEN, AuditAction.GRANT_TAKEN)


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.fixture
def ten() -> Iterator[None]:
    """A trail of ten events; inside, the owner has put every guard aside."""
    for number in range(10):
        record(None, AuditAction.EXPORTED, count=number)
    with as_owner():
        run("ALTER TABLE audit_auditevent DISABLE TRIGGER USER")
        run("ALTER TABLE audit_auditevent NO FORCE ROW LEVEL SECURITY")
        yield


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def verdict(*, kept_hash: str = "") -> Verdict:
    with as_owner():
        return verify(kept_hash=kept_hash)


def said(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_a_grant_is_recorded_with_what_was_before(company: Company) -> None:
    seen = len(recorded(*_GRANTS))
    principal = Principal("user", company.stranger.user_id)
    given = give_grant(company.admin, company.handbook.id, principal, Role.READER)
    give_grant(company.admin, company.handbook.id, principal, Role.OWNER)
    take_grant(company.admin, given.id)
    events = recorded(*_GRANTS)[seen:]
    assert {event.actor_id for event in events} == {company.admin.user_id}
    told = [(event.action, event.subject.get("before"), event.subject["role"]) for event in events]
    assert told == [
        ("grant_given", None, "reader"),
        ("grant_given", "reader", "owner"),
        ("grant_taken", None, "owner"),
    ]
    assert events[-1].subject == {
        "grant": str(given.id),
        "collection": str(company.handbook.id),
        "section": None,
        "principal": "user",
        "holder": str(company.stranger.user_id),
        "role": "owner",
    }


def test_whoever_makes_a_collection_gave_himself_a_grant(company: Company) -> None:
    first = subjects(AuditAction.GRANT_GIVEN)[0]
    assert (first["collection"], first["holder"]) == (str(company.handbook.id), str(company.admin.user_id))


def test_deleting_and_purging_are_two_events(company: Company) -> None:
    row = add(company.admin, company.handbook, PAGE)
    delete_document(company.editor, row.id)
    with as_worker():
        assert purge_deleted() == 1
        purging._purge(row.id)
    deleted, purged = recorded(AuditAction.DOCUMENT_DELETED, AuditAction.DOCUMENT_PURGED)
    assert (deleted.actor_id, deleted.subject["collection"]) == (
        company.editor.user_id,
        str(company.handbook.id),
    )
    told = {name: purged.subject[name] for name in ("document", "versions", "passages", "files")}
    assert (purged.actor_id, told) == (
        None,
        {"document": str(row.id), "versions": 1, "passages": 2, "files": 1},
    )


def test_people_groups_and_passwords(company: Company) -> None:
    made = create_person(email="a@example.com", name="A", password="p", is_auditor=True)
    assert subjects(AuditAction.PERSON_CREATED)[-1] == {
        "person": str(made.pk),
        "is_administrator": False,
        "is_auditor": True,
    }
    team = ensure_group("Team", [made])
    ensure_group("Team", [made])
    take_from_group(team, [made])
    take_from_group(team, [made])
    assert subjects(AuditAction.GROUP_CHANGED)[-2:] == [
        {"group": str(team.pk), "is_new": True, "entered": [str(made.pk)]},
        {"group": str(team.pk), "is_new": False, "left": [str(made.pk)]},
    ]
    set_password(made, "another")
    set_auditor(made, is_auditor=False)
    assert subjects(AuditAction.PASSWORD_SET) == [{"person": str(made.pk)}]
    assert subjects(AuditAction.AUDITOR_CHANGED) == [{"person": str(made.pk), "is_auditor": False}]


def test_a_failed_sign_in_names_only_accounts_that_exist(company: Company) -> None:
    backend = EmailBackend()
    assert backend.authenticate(None, email="Reader@example.com", password="wrong") is None
    assert backend.authenticate(None, email="nobody@example.com", password="wrong") is None
    User.objects.filter(pk=company.stranger.user_id).update(is_active=False)
    assert backend.authenticate(None, email="stranger@example.com", password="secret") is None
    assert backend.authenticate(None, email="reader@example.com", password="secret")
    told = [(event.actor_id, event.subject) for event in recorded(AuditAction.SIGN_IN_FAILED)]
    assert told == [
        (company.reader.user_id, {"email": digest("reader@example.com")}),
        (None, {}),
        (company.stranger.user_id, {"email": digest("stranger@example.com")}),
    ]


def test_a_search_records_each_passage_by_its_place(company: Company) -> None:
    add(company.admin, company.handbook, PAGE)
    retriever = PostgresRetriever(only(HashEmbedder()))
    found = search(company.reader, "annual leave", scope=EVERYTHING, limit=5, retriever=retriever)
    assert (
        search(company.stranger, "annual leave", scope=EVERYTHING, limit=5, retriever=retriever).sources == []
    )
    (event,) = recorded(AuditAction.PASSAGES_SHOWN)
    assert event.actor_id == company.reader.user_id
    first = found.sources[0]
    assert event.subject["question"] == digest("annual leave")
    assert event.subject["turn"] is None
    assert len(event.subject["passages"]) == len(found.sources)
    assert event.subject["passages"][0] == {
        "version": first.version_id,
        "start": first.start,
        "end": first.end,
        "quote": digest(first.quote),
    }


def test_a_time_counts_in_where_it_begins_and_not_where_it_ends(company: Company) -> None:
    seen = recorded()
    middle = seen[2]
    with as_owner():
        since = find_events(EventFilter(since=middle.at), limit=99)
        until = find_events(EventFilter(until=middle.at), limit=99)
    assert [row.seq for row in since] == list(range(len(seen), 2, -1))
    assert [row.seq for row in until] == [2, 1]


def test_what_is_rolled_back_was_never_recorded(company: Company) -> None:
    seen = len(recorded())
    owner = next(row for row in list_grants(company.admin, company.handbook.id) if row.role == Role.OWNER)
    with pytest.raises(Invalid, match="last_owner"):
        take_grant(company.admin, owner.id)
    with pytest.raises(Conflict):
        create_person(email="READER@example.com", name="R", password="p")
    with transaction.atomic():
        give_grant(company.admin, company.handbook.id, Principal("everyone"), Role.READER)
        transaction.set_rollback(True)
    assert len(recorded()) == seen
    assert verdict().fault is None


@pytest.mark.parametrize("wish", ["give", "change", "take", "delete", "search"])
def test_recording_costs_little(company: Company, wish: str) -> None:
    """One statement; giving a grant also looks what was there before."""
    row = add(company.admin, company.handbook, PAGE)
    everyone = Principal("everyone")
    grant = give_grant(company.admin, company.handbook.id, everyone, Role.READER)
    doing: dict[str, Callable[[], object]] = {
        "give": lambda: give_grant(company.admin, company.salaries.id, everyone, Role.READER),
        "change": lambda: give_grant(company.admin, company.handbook.id, everyone, Role.EDITOR),
        "take": lambda: take_grant(company.admin, grant.id),
        "delete": lambda: delete_document(company.admin, row.id),
        "search": lambda: search(
            company.reader,
            "leave",
            scope=EVERYTHING,
            limit=5,
            retriever=PostgresRetriever(only(HashEmbedder())),
        ),
    }
    with CaptureQueriesContext(connection) as asked:
        doing[wish]()
    statements = [query["sql"] for query in asked if "audit_auditevent" in query["sql"]]
    assert len(statements) == 1
    assert statements[0].startswith("INSERT")
    end = asked.captured_queries[-3:] if wish != "search" else asked.captured_queries[-1:]
    assert statements[0] in [query["sql"] for query in end], "it is the last thing in the transaction"


@pytest.mark.django_db(transaction=True)
def test_the_chain_holds_when_many_record_at_once() -> None:
    """Some transactions end otherwise, and their numbers are given again."""

    def work(worker: int) -> None:
        try:
            for number in range(25):
                with transaction.atomic():
                    record(None, AuditAction.EXPORTED, worker=worker, number=number)
                    transaction.set_rollback(number % 5 == 4)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    events = recorded()
    assert [event.seq for event in events] == list(range(1, 81))
    assert [event.at for event in events] == sorted(event.at for event in events)
    for worker in range(4):
        numbers = [event.subject["number"] for event in events if event.subject["worker"] == worker]
        assert numbers == [number for number in range(25) if number % 5 != 4]
    assert (verdict().events, verdict().fault) == (80, None)


SWAP = "UPDATE audit_auditevent SET seq = CASE seq WHEN 4 THEN -5 ELSE -4 END WHERE seq IN (4, 5)"
NEGATE = "UPDATE audit_auditevent SET seq = -seq WHERE seq < 0"
RENUMBER = "UPDATE audit_auditevent SET seq = {0} - 1 WHERE seq = {0}"
HASH = (
    "UPDATE audit_auditevent SET hash = sha256(previous || convert_to(concat_ws('|', seq, "
    "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), coalesce(actor_id::text, ''), action, "
    "subject::text), 'UTF8')) WHERE seq = 4"
)


@pytest.mark.parametrize(
    ("tampering", "at", "fault"),
    [
        (["UPDATE audit_auditevent SET subject = '{\"count\": 99}' WHERE seq = 4"], 4, Fault.CHANGED),
        (["UPDATE audit_auditevent SET action = 'signed_in' WHERE seq = 1"], 1, Fault.CHANGED),
        (["UPDATE audit_auditevent SET actor_id = gen_random_uuid() WHERE seq = 10"], 10, Fault.CHANGED),
        (["UPDATE audit_auditevent SET at = at - interval '1 microsecond' WHERE seq = 4"], 4, Fault.CHANGED),
        (["DELETE FROM audit_auditevent WHERE seq = 4"], 4, Fault.MISSING),
        (["DELETE FROM audit_auditevent WHERE seq = 1"], 1, Fault.MISSING),
        ([SWAP, NEGATE], 4, Fault.REORDERED),
        (
            ["DELETE FROM audit_auditevent WHERE seq = 4", RENUMBER.format(5), RENUMBER.format(6)],
            4,
            Fault.REORDERED,
        ),
        (
            ["UPDATE audit_auditevent SET actor_id = gen_random_uuid() WHERE seq = 4", HASH],
            5,
            Fault.REORDERED,
        ),
    ],
)
@pytest.mark.parametrize("batch", [3, 2000])
def test_each_tampering_is_found(
    ten: None, monkeypatch: pytest.MonkeyPatch, tampering: list[str], at: int, fault: Fault, batch: int
) -> None:
    monkeypatch.setattr("kbchat.audit.verifying._BATCH", batch)
    assert (verify().events, verify().fault) == (10, None)
    for statement in tampering:
        run(statement)
    found = verify()
    assert (found.events + 1, found.fault) == (at, fault)


def test_a_tail_that_was_cut_off_is_seen_against_a_kept_hash(ten: None) -> None:
    kept = verify().last_hash
    assert verify(kept_hash=kept).has_kept
    run("DELETE FROM audit_auditevent WHERE seq = 10")
    found = verify(kept_hash=kept)
    assert (found.events, found.fault, found.has_kept) == (9, None, False)
    assert verify().has_kept, "and without it, it is not"


def test_the_command_says_what_it_found(ten: None) -> None:
    words = said("verify_audit")
    kept = words.split()[-1]
    assert words == f"10 events, last hash {kept}\n"
    assert said("verify_audit", "--expect", kept.upper()) == words
    with pytest.raises(CommandError, match="64 digits"):
        said("verify_audit", "--expect", "tomorrow")
    with pytest.raises(CommandError, match="No event has the hash"):
        said("verify_audit", "--expect", "0" * 64)
    run("UPDATE audit_auditevent SET action = 'signed_in' WHERE seq = 4")
    with pytest.raises(CommandError, match=r"Event 4 was changed\. Whole until there: 3 events"):
        said("verify_audit")


def test_an_empty_trail_is_shown_to_others_and_never_called_whole() -> None:
    record(None, AuditAction.EXPORTED)
    with pytest.raises(NotAllowed):
        verify()
    with as_worker(), pytest.raises(NotAllowed):
        verify()


def test_auditors_are_made_by_command() -> None:
    call_command("create_person", "a@example.com", "--name", "A", "--auditor", stdout=io.StringIO())
    made = User.objects.get()
    assert (made.is_auditor, made.is_administrator) == (True, False)
    call_command("make_auditor", "A@example.com", "--remove", stdout=io.StringIO())
    made.refresh_from_db()
    assert not made.is_auditor
    call_command("make_auditor", "a@example.com", stdout=io.StringIO())
    made.refresh_from_db()
    assert made.is_auditor
    assert [item["is_auditor"] for item in subjects(AuditAction.AUDITOR_CHANGED)] == [False, True]

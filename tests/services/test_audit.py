"""What is recorded, in whose name and when; and that the chain of it shows every change (D11, T58)."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.accounts.models import User
from kbchat.accounts.people import create_person, ensure_group, set_auditor, set_password, take_from_group
from kbchat.accounts.signing_in import EmailBackend
from kbchat.audit.models import AuditAction
from kbchat.audit.reading import EventFilter, find_events
from kbchat.audit.recording import digest
from kbchat.chat.searching import search
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.library import purging
from kbchat.library.deleting import delete_document
from kbchat.library.purging import purge_deleted
from kbchat.library.sharing import give_grant, take_grant
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

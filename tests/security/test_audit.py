"""The audit trail against those who would change it, read it or find words in it (D11, T58); asked of the database."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client

from kbchat.access.auditing import read_events, record_export
from kbchat.access.dissolving import delete_group
from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.access.viewers import viewer_of
from kbchat.access.viewing import viewing
from kbchat.accounts.api_keys import create_api_key, revoke_api_key
from kbchat.accounts.directory_tokens import make_directory_token, revoke_directory_tokens
from kbchat.accounts.managing_people import PersonChange, change, link_for
from kbchat.accounts.models import Group, User
from kbchat.accounts.people import ensure_group, set_auditor, set_password
from kbchat.audit.models import AuditAction
from kbchat.audit.reading import EventFilter, find_events
from kbchat.audit.recording import Fact, record
from kbchat.chat.exporting import export_conversation
from kbchat.chat.searching import search
from kbchat.chat.sharing import revoke_share, share_conversation
from kbchat.chat.sources import source_content
from kbchat.core.errors import NotAllowed
from kbchat.core.text import Span
from kbchat.core.viewer import Viewer
from kbchat.glossary.entries import add_entry
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.library.deleting import delete_document
from kbchat.library.documents import DocumentRow
from kbchat.library.moving import move_document
from kbchat.library.previewing import list_passages
from kbchat.library.purging import purge_deleted
from kbchat.library.restoring import restore_document
from kbchat.library.sharing import give_grant, take_grant
from kbchat.library.silencing import silence_passage
from kbchat.retention.erasing import erase_person
from kbchat.retention.holds import hold_document, hold_person, lift_hold
from kbchat.retention.rules import DocumentDays, keep_conversations_for, keep_documents_for
from kbchat.retrieval.port import EVERYTHING
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company, add, person
from tests.servers import as_owner, as_worker
from tests.services.audit_support import recorded, subjects
from tests.services.chat_support import answering, ask, check_stream, followed

pytestmark = pytest.mark.django_db

CANARIES = ("quincunx", "Zwölfender", "独角鲸", "narwhal", "okapi@example.com", "Ocelot", "axolotl")
"""In a document's text, its heading, its title, its file name, an e-mail address, a person's name and a question."""


def run(statement: str, *parameters: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall()) if cursor.description else []


def auditor(company: Company) -> Viewer:
    named = User.objects.get(pk=company.stranger.user_id)
    set_auditor(named, is_auditor=True)
    return viewer_of(named)


@pytest.mark.parametrize("role", [nullcontext, as_worker, as_owner])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET actor_id = NULL",
        "UPDATE audit_auditevent SET subject = '{}' WHERE false",
        "DELETE FROM audit_auditevent",
        "TRUNCATE audit_auditevent",
        "MERGE INTO audit_auditevent USING (SELECT 1) x ON true WHEN MATCHED THEN DELETE",
        "INSERT INTO audit_auditevent VALUES (1) ON CONFLICT (seq) DO UPDATE SET action = 'exported'",
    ],
)
def test_no_role_changes_what_was_recorded(
    company: Company, role: Callable[[], AbstractContextManager[None]], statement: str
) -> None:
    before = [(event.seq, event.subject) for event in recorded()]
    with role(), pytest.raises(ProgrammingError), transaction.atomic():
        run(statement)
    assert [(event.seq, event.subject) for event in recorded()] == before


def test_number_time_and_hashes_are_the_database_s_own(company: Company) -> None:
    last = recorded()[-1]
    run(
        "INSERT INTO audit_auditevent (seq, at, previous, hash, actor_id, action, subject) "
        "VALUES (99, '1999-01-01', 'x', 'y', NULL, 'exported', '{}')"
    )
    forged = recorded()[-1]
    assert forged.seq == last.seq + 1
    assert forged.at > last.at
    assert bytes(forged.previous) == bytes(last.hash)
    assert len(bytes(forged.hash)) == 32


@pytest.mark.parametrize(
    "fact",
    [
        "Salaries 2025",
        "salaries of all",
        "lin@example.com",
        "工资",
        "Lin",
        "x" * 65,
        ["a b"],
        {"deep": [{"er": "A"}]},
    ],
)
def test_no_words_get_in(fact: Fact) -> None:
    with pytest.raises(IntegrityError, match="audit_subject_has_no_text"):
        record(None, AuditAction.EXPORTED, fact=fact)


def test_ids_hashes_roles_and_counts_get_in() -> None:
    record(
        None,
        AuditAction.EXPORTED,
        id=uuid4(),
        hash="0f" * 32,
        role="owner",
        count=7,
        none=None,
        many=[uuid4(), 1],
    )
    assert len(subjects(AuditAction.EXPORTED)[0]) == 6


def test_a_viewer_is_recorded_as_nobody_else(company: Company) -> None:
    for actor in (company.admin.user_id, None):
        with pytest.raises(ProgrammingError), viewing(company.reader):
            record(actor, AuditAction.EXPORTED)
    with as_worker(), pytest.raises(ProgrammingError), transaction.atomic():
        record(company.admin.user_id, AuditAction.EXPORTED)
    with viewing(company.reader):
        record(company.reader.user_id, AuditAction.EXPORTED)
    assert [event.actor_id for event in recorded(AuditAction.EXPORTED)] == [company.reader.user_id]


def test_only_auditors_see_a_row(company: Company) -> None:
    count = "SELECT count(*) FROM audit_auditevent"
    chosen = auditor(company)
    for viewer in (company.admin, company.editor, company.reader):
        with viewing(viewer):
            assert run(count) == [(0,)]
        with pytest.raises(NotAllowed, match="auditors_only"):
            read_events(viewer, EventFilter(), limit=9)
        with pytest.raises(NotAllowed, match="auditors_only"):
            record_export(viewer, EventFilter())
    assert run(count) == [(0,)], "without a viewer"
    with viewing(chosen):
        assert run(count) == [(len(recorded()),)]
    with as_worker(), pytest.raises(ProgrammingError), transaction.atomic():
        run(count)


def test_who_is_an_auditor_no_longer_or_has_left_sees_nothing(company: Company) -> None:
    chosen = auditor(company)
    assert read_events(chosen, EventFilter(), limit=9)
    for lost in ({"is_active": False}, {"is_active": True, "is_auditor": False}):
        User.objects.filter(pk=chosen.user_id).update(**lost)
        # Told so, since an empty trail would look like a whole one; and the database shows nothing either.
        with pytest.raises(NotAllowed, match="auditors_only"):
            read_events(chosen, EventFilter(), limit=9)
        with viewing(chosen):
            assert find_events(EventFilter(), limit=9) == []


def test_an_auditor_reads_no_document_by_that(company: Company) -> None:
    add(company.admin, company.handbook, "# Leave\n\nEverybody has 28 days.\n")
    with viewing(auditor(company)):
        assert run("SELECT count(*) FROM documents_document") == [(0,)]


def manage(company: Company, other: User) -> None:
    """All that an administrator and an operator do about somebody and his group, with words that must not be kept."""
    text, _, _, _, _, name, _ = CANARIES
    renamed = PersonChange(
        name=f"{name} {text}", email=f"{text}@y.com", is_administrator=True, is_active=False
    )
    change(company.admin, other.pk, renamed)
    change(company.admin, other.pk, PersonChange(is_active=True))
    link_for(company.admin, other.pk)
    delete_group(company.admin, Group.objects.get(memberships__user=other).pk)
    make_directory_token(text)
    revoke_directory_tokens(text)


def keep(company: Company, row: DocumentRow, other: User) -> None:
    """Rules, holds with reasons that must not be kept, and a passage that search leaves out for a while."""
    text, *_ = CANARIES
    passage = list_passages(company.admin, row.version_id)[0]
    for is_silenced in (True, False):
        silence_passage(
            company.admin, row.version_id, Span(passage.start, passage.end), is_silenced=is_silenced
        )
    holds = hold_document(company.admin, row.id, text), hold_person(company.admin, other.pk, text)
    for hold in holds:
        lift_hold(company.admin, hold.id)
    keep_documents_for(company.admin, company.handbook.id, DocumentDays(removed_days=0))
    keep_conversations_for(company.admin, 30)


@pytest.mark.django_db(transaction=True)
def test_a_whole_life_leaves_no_word_in_the_trail(company: Company) -> None:
    """Upload, share, open, ask, search, sign in, fail to, try what he may not, make and revoke a key, withdraw, be
    managed, hold, delete, restore, purge, erase."""
    text, heading, title, filename, email, name, question = CANARIES
    page = f"# {title}\n\n## {heading}\n\nThe annual leave of the {text} is 28 days.\n"
    other = person(email)
    User.objects.filter(pk=other.pk).update(name=name)
    reader = viewer_of(other)
    ensure_group(f"{name} team", [other])
    set_password(other, f"{text} {name}")
    row = add(company.admin, company.handbook, page, f"{filename}.md")
    grant = give_grant(company.admin, company.handbook.id, Principal("user", other.pk), Role.READER)
    with answering():
        turn = ask(reader, f"How many days of annual leave has the {text}, {question}?")
        check_stream(followed(reader, turn))
    export_conversation(reader, turn.conversation_id, None)
    share = share_conversation(reader, turn.conversation_id, turn_id=None, days=1).share
    revoke_share(reader, share.id)
    found = search(
        reader,
        f"annual leave {question}",
        scope=EVERYTHING,
        limit=5,
        retriever=PostgresRetriever(only(HashEmbedder())),
    )
    client = Client()
    for sent in (f"{text} {name}", f"{question} wrong"):
        client.post("/api/v1/session", {"email": email, "password": sent}, content_type="application/json")
    client.post(
        "/api/v1/session", {"email": f"{text}@x.com", "password": "p"}, content_type="application/json"
    )
    source_content(reader, row.version_id)
    assert client.delete(f"/api/v1/documents/{row.id}").status_code == 403
    key, _ = create_api_key(other, f"{text} {name}", collections=[company.handbook.id])
    revoke_api_key(other, key.pk)
    take_grant(company.admin, grant.id)
    manage(company, other)
    keep(company, row, other)
    add_entry(company.admin, [text, question])
    move_document(company.admin, row.id, company.salaries.id)
    keep_documents_for(company.admin, company.salaries.id, DocumentDays())
    delete_document(company.admin, row.id)
    restore_document(company.admin, row.id)
    keep_documents_for(company.admin, company.salaries.id, DocumentDays(removed_days=0))
    delete_document(company.admin, row.id)
    with as_worker():
        assert purge_deleted() == 1
    erase_person(company.admin, other.pk)

    actions = {event.action for event in recorded()}
    elsewhere = {
        *(
            "auditor_changed",
            "exported",
            "reading_cancelled",
            "section_closed",
            "section_opened",
            "version_confirmed",
            "version_dated",
            "viewed_as",
        ),
        *("identity_linked", "directory_followed", "conversations_expired"),
        *("golden_question_kept", "golden_question_removed", "golden_run_started", "feedback_read"),
        *("gaps_read", "gap_changed", "insights_read", "upkeep_scheduled", "upkeep_started"),
        *("generation_requested", "generation_build_changed", "generation_switched", "generation_retired"),
        *(
            "source_tried",
            "source_kept",
            "source_removed",
            "source_taken_over",
            "source_scheduled",
            "source_started",
            "source_cancelled",
            "source_read",
            "source_secrets_set",
            "source_permissions_chosen",
            "readers_mirrored",
        ),
        *("factor_added", "factor_removed", "factors_taken"),
        *("recovery_codes_made", "recovery_code_used", "second_factor_failed"),
    }
    assert actions >= set(AuditAction) - elsewhere
    shown = recorded(AuditAction.PASSAGES_SHOWN)
    assert [event.actor_id for event in shown] == [reader.user_id] * 2
    assert [place["version"] for place in shown[-1].subject["passages"]] == [
        item.version_id for item in found.sources
    ]
    stored = "".join(
        json.dumps([str(event.actor_id), event.action, event.subject], ensure_ascii=False)
        for event in recorded()
    )
    for canary in (*CANARIES, "okapi", "leave", "Handbook", "Staff"):
        assert canary.casefold() not in stored.casefold()

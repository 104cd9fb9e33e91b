"""Sections closed to a group or a person: for them they are gone everywhere, and come back by no new version."""

from uuid import UUID

import pytest
from django.db import connection

from kbchat.access.granting import Principal
from kbchat.access.models import Grant, Role
from kbchat.accounts.models import User
from kbchat.accounts.people import ensure_group
from kbchat.chat.searching import search
from kbchat.chat.sources import original_file, source_content
from kbchat.core.errors import Invalid, NotAllowed, NotFound
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Section
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.library.documents import DocumentRow, document_detail, document_row
from kbchat.library.ingesting import sweep_runs
from kbchat.library.sections import close_section, confirm_version, list_sections, reopen_section
from kbchat.library.sharing import give_grant
from kbchat.library.uploading import replace
from kbchat.retrieval.port import EVERYTHING
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import MAX_BYTES, Company, add, ingest, markdown
from tests.servers import as_worker
from tests.services.audit_support import recorded

pytestmark = pytest.mark.django_db

OPEN = "Everybody has 28 days of annual leave."
CLOSED = "Directors have 40 days of annual leave."
PAGE = f"# Leave\n\n{OPEN}\n\n## Directors\n\n{CLOSED}\n\n### Abroad\n\nDirectors abroad have 50 days of leave.\n"
RENAMED = f"# Leave, anew\n\n{OPEN}\n\n## The board\n\n{CLOSED}\n"


@pytest.fixture
def leave(company: Company) -> DocumentRow:
    return add(company.admin, company.handbook, PAGE, "leave.md")


def found(viewer: Viewer) -> set[str]:
    """What a search for everything on the page brings."""
    sources = search(
        viewer,
        "annual leave days directors",
        scope=EVERYTHING,
        limit=20,
        retriever=PostgresRetriever(only(HashEmbedder())),
    ).sources
    return {source.quote for source in sources}


def counted(viewer: Viewer) -> int:
    retriever = PostgresRetriever(only(HashEmbedder()))
    return retriever.retrieve(viewer, "leave", retriever.pin(), limit=1).trace.visible_chunks


def section_id(company: Company, leave: DocumentRow, heading: str) -> UUID:
    return next(row.id for row in list_sections(company.admin, leave.id) if row.path[-1] == heading)


def close(company: Company, leave: DocumentRow, heading: str = "Directors") -> UUID:
    return close_section(
        company.admin, section_id(company, leave, heading), Principal("group", company.staff.pk)
    ).id


def new_version(company: Company, leave: DocumentRow, text: str) -> UUID:
    replace(company.admin, leave.id, markdown(text, "leave.md"), max_bytes=MAX_BYTES)
    ingest()
    return document_row(company.admin, leave.id).version_id


def test_a_closed_section_is_gone_for_the_group_with_what_stands_below_it_and_comes_back(
    company: Company, leave: DocumentRow
) -> None:
    assert len(found(company.reader)) == 3
    closure = close(company, leave)
    assert found(company.reader) == {OPEN}
    assert len(found(company.editor)) == len(found(company.admin)) == 3
    for read in (source_content, original_file):
        with pytest.raises(NotFound):
            read(company.reader, leave.version_id)
    assert [
        (row.path[-1], row.is_there, [closed.principal.name for closed in row.closed_to])
        for row in list_sections(company.admin, leave.id)
    ] == [("Leave", True, []), ("Directors", True, ["Staff"]), ("Abroad", True, [])]
    counts = [document_row(person, leave.id).passages for person in (company.reader, company.editor)]
    assert counts == [1, 3]
    assert [one.passages for one in document_detail(company.reader, leave.id).versions] == [1]
    reopen_section(company.admin, closure)
    assert len(found(company.reader)) == 3
    assert original_file(company.reader, leave.version_id).filename == "leave.md"


def test_closing_twice_is_closing_once(company: Company, leave: DocumentRow) -> None:
    assert close(company, leave) == close(company, leave)


def test_closing_touches_no_vector(company: Company, leave: DocumentRow) -> None:
    def rows() -> list[tuple[int, str]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT chunk_id, xmin::text FROM indexing_embedding ORDER BY chunk_id")
            return cursor.fetchall()

    before = rows()
    close(company, leave)
    assert rows() == before != []


def test_only_owners_close_and_open(company: Company, leave: DocumentRow) -> None:
    closed = section_id(company, leave, "Directors")
    principal = Principal("group", company.staff.pk)
    closure = close_section(company.admin, section_id(company, leave, "Abroad"), principal)
    for person, error in ((company.editor, NotAllowed), (company.stranger, NotFound)):
        for attempt in (
            lambda who: list_sections(who, leave.id),
            lambda who: close_section(who, closed, principal),
            lambda who: reopen_section(who, closure.id),
        ):
            with pytest.raises(error):
                attempt(person)
    with pytest.raises(NotAllowed):
        close_section(company.reader, closed, principal)
    with pytest.raises(NotFound):
        reopen_section(company.reader, closure.id)


def test_nobody_locks_himself_out(company: Company, leave: DocumentRow) -> None:
    mine = ensure_group("Mine", [User.objects.get(pk=company.admin.user_id)])
    with pytest.raises(Invalid, match="closed_to_yourself"):
        close_section(company.admin, section_id(company, leave, "Directors"), Principal("group", mine.pk))
    assert not Grant.objects.filter(section__isnull=False).exists()


def test_a_new_version_without_the_heading_is_for_editors_until_one_confirms_it(
    company: Company, leave: DocumentRow
) -> None:
    close(company, leave)
    give_grant(company.admin, company.handbook.id, Principal("user", company.stranger.user_id), Role.READER)
    version = new_version(company, leave, RENAMED)
    sweep_runs()
    for person in (company.reader, company.stranger):
        assert found(person) == set()
        assert counted(person) == 0, "nor is it counted in any statistics"
        row = document_row(person, leave.id)
        assert (row.version_id, row.title, row.versions) == (leave.version_id, "Leave", 1)
        assert [one.id for one in document_detail(person, leave.id).versions] == [leave.version_id]
        for read in (source_content, original_file):
            with pytest.raises(NotFound):
                read(person, version)
        with pytest.raises(NotFound):
            confirm_version(person, version)
    assert found(company.editor) == {OPEN, CLOSED}
    assert document_row(company.editor, leave.id).flags == ["heading_missing"]
    confirm_version(company.editor, version)
    with as_worker():
        sweep_runs()
    for person in (company.reader, company.stranger):
        assert found(person) == {OPEN, CLOSED}
        assert document_row(person, leave.id).title == "Leave, anew"
    assert document_row(company.editor, leave.id).flags == []


def test_an_editor_to_whom_it_is_closed_neither_sees_nor_confirms_it(
    company: Company, leave: DocumentRow
) -> None:
    editors = ensure_group("Editors", [User.objects.get(pk=company.editor.user_id)])
    close_section(company.admin, section_id(company, leave, "Directors"), Principal("group", editors.pk))
    version = new_version(company, leave, RENAMED)
    assert found(company.editor) == set()
    with pytest.raises(NotFound):
        confirm_version(company.editor, version)


def test_a_version_that_keeps_the_heading_needs_nobody(company: Company, leave: DocumentRow) -> None:
    close(company, leave)
    new_version(company, leave, PAGE.replace("28 days", "29 days"))
    assert found(company.reader) == {OPEN.replace("28", "29")}
    assert document_row(company.editor, leave.id).flags == []


def test_an_earlier_version_without_the_heading_is_closed_to_the_group_alone(
    company: Company, leave: DocumentRow
) -> None:
    """Nobody has said what of it stands where; others have read it long since."""
    give_grant(company.admin, company.handbook.id, Principal("user", company.stranger.user_id), Role.READER)
    new_version(company, leave, RENAMED)
    close(company, leave, "The board")
    assert source_content(company.stranger, leave.version_id).title == "Leave, anew"
    with pytest.raises(NotFound):
        source_content(company.reader, leave.version_id)


def test_a_confirmation_says_nothing_of_what_is_closed_after_it(company: Company, leave: DocumentRow) -> None:
    give_grant(company.admin, company.handbook.id, Principal("user", company.stranger.user_id), Role.READER)
    version = new_version(company, leave, RENAMED)
    confirm_version(company.editor, version)
    assert found(company.reader) == {OPEN, CLOSED}
    with as_worker():
        gone = Section.objects.get(document=leave.id, path=["Leave", "Directors"])
    close_section(company.admin, gone.pk, Principal("group", company.staff.pk))
    assert found(company.reader) == set(), "its words may stand anywhere in the version"
    assert found(company.stranger) == {OPEN, CLOSED}
    confirm_version(company.editor, version)
    assert found(company.reader) == {OPEN, CLOSED}


def test_closing_opening_and_confirming_are_recorded(company: Company, leave: DocumentRow) -> None:
    closure = close(company, leave)
    close(company, leave)
    confirm_version(company.admin, leave.version_id)
    reopen_section(company.admin, closure)
    actor = company.admin.user_id
    assert [(event.action, event.actor_id) for event in recorded()][-3:] == [
        ("section_closed", actor),
        ("version_confirmed", actor),
        ("section_opened", actor),
    ]

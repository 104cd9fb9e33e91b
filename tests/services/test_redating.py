"""Other days for a version: it answers on them and on no other, from the next question on."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.access.viewing import viewing
from kbchat.audit.models import AuditAction
from kbchat.core.errors import Invalid, KbchatError, NotAllowed, NotFound
from kbchat.core.viewer import Viewer
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.library.documents import document_detail, document_row
from kbchat.library.redating import set_days
from kbchat.library.sections import close_section, list_sections
from kbchat.library.sharing import give_grant
from kbchat.library.uploading import replace, upload
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import MAX_BYTES, PAGE, Company, add, ingest, markdown
from tests.services.audit_support import subjects

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def today() -> date:
    """Asked each time: a run may begin before midnight and end after it."""
    return timezone.localdate()


def found(viewer: Viewer, as_of: date | None = None) -> set[str]:
    """What a search for leave finds, as the days of leave that it tells."""
    retriever = PostgresRetriever(only(HashEmbedder()))
    passages = retriever.retrieve(viewer, "annual leave", retriever.pin(), limit=9, as_of=as_of).passages
    return {text for passage in passages for text in ("28", "30") if f"{text} days" in passage.text}


def test_it_answers_on_its_days_alone_and_again_when_they_are_put_back(company: Company) -> None:
    row = add(company.admin, company.handbook, PAGE)
    assert found(company.reader) == {"28"}
    over = set_days(company.editor, row.version_id, effective_from=today() - 9 * DAY, expires_on=today())
    assert (over.effective_from, over.expires_on, over.state) == (today() - 9 * DAY, today(), "ready")
    assert found(company.reader) == set()
    assert found(company.reader, today() - DAY) == {"28"}
    assert found(company.reader, today() - 10 * DAY) == set()
    set_days(company.editor, row.version_id, effective_from=today() + DAY, expires_on=None)
    assert (found(company.reader), found(company.reader, today() + DAY)) == (set(), {"28"})
    back = set_days(
        company.editor, row.version_id, effective_from=row.effective_from, expires_on=row.expires_on
    )
    assert (back.effective_from, back.expires_on) == (row.effective_from, None)
    assert found(company.reader) == {"28"}
    assert subjects(AuditAction.VERSION_DATED)[0] == {
        "version": str(row.version_id),
        "effective_from": (today() - 9 * DAY).isoformat(),
        "expires_on": today().isoformat(),
    }


def test_versions_never_answer_on_the_same_day_and_the_one_of_today_names_the_document(
    company: Company,
) -> None:
    first = add(company.admin, company.handbook, PAGE)
    text = PAGE.replace("28", "30").replace("# Leave", "# Holidays")
    replace(company.editor, first.id, markdown(text), max_bytes=MAX_BYTES)
    ingest()
    second = document_row(company.editor, first.id)
    assert (found(company.reader), second.title) == ({"30"}, "Holidays")
    later = set_days(company.editor, second.version_id, effective_from=today() + 3 * DAY, expires_on=None)
    assert later.title == "Leave"
    assert (found(company.reader), found(company.reader, today() + 3 * DAY)) == ({"28"}, {"30"})
    set_days(company.editor, first.version_id, effective_from=today() + 5 * DAY, expires_on=None)
    assert found(company.reader) == set()
    assert found(company.reader, today() + 4 * DAY) == {"30"}
    assert found(company.reader, today() + 6 * DAY) == {"28"}
    in_force = [each.in_force for each in document_detail(company.editor, first.id).versions]
    assert in_force == [False, False]


def test_one_that_is_not_ready_keeps_them_until_it_is(company: Company) -> None:
    row = upload(company.editor, company.handbook.id, markdown(PAGE), max_bytes=MAX_BYTES)
    set_days(company.editor, row.version_id, effective_from=today() - 9 * DAY, expires_on=today())
    ingest()
    assert (found(company.reader), found(company.reader, today() - DAY)) == (set(), {"28"})


@pytest.mark.parametrize(("who", "error"), [("reader", NotAllowed), ("stranger", NotFound)])
def test_they_are_the_editors_to_change(company: Company, who: str, error: type[KbchatError]) -> None:
    row = add(company.admin, company.handbook, PAGE)
    with pytest.raises(error):
        set_days(getattr(company, who), row.version_id, effective_from=today() - DAY, expires_on=today())
    with viewing(getattr(company, who)), connection.cursor() as cursor:
        cursor.execute("UPDATE documents_documentversion SET effective_from = %s", [today() - 9 * DAY])
        assert cursor.rowcount == 0
    assert found(company.reader) == {"28"}
    with pytest.raises(Invalid, match="expires_before_effective"):
        set_days(company.editor, row.version_id, effective_from=today(), expires_on=today())


def test_what_else_a_version_is_nobody_changes(company: Company) -> None:
    add(company.admin, company.handbook, PAGE)
    for change in ("blob = repeat('0', 64)", "state = 'failed'", "number = 9"):
        refused = pytest.raises(DatabaseError, match="permission denied")
        with refused, viewing(company.admin), connection.cursor() as cursor:
            cursor.execute(f"UPDATE documents_documentversion SET {change}")


def test_days_of_a_version_that_is_withheld_from_the_editor_are_not_changed_with_others(
    company: Company,
) -> None:
    row = add(company.admin, company.handbook, PAGE)
    section = next(
        each for each in list_sections(company.admin, row.id) if each.path == ["Leave", "Carry-over"]
    )
    close_section(company.admin, section.id, Principal("group", company.staff.pk))
    replace(company.admin, row.id, markdown("# Leave\n\n30 days of annual leave.\n"), max_bytes=MAX_BYTES)
    ingest()
    give_grant(company.admin, company.handbook.id, Principal("user", company.reader.user_id), Role.EDITOR)
    with pytest.raises(NotAllowed):
        set_days(company.reader, row.version_id, effective_from=today() - DAY, expires_on=today())

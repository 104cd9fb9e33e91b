"""Whoever sends a file learns nothing of a document with the same bytes that he may not read as a whole (T4)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.core.errors import Invalid
from kbchat.core.viewer import Viewer
from kbchat.library.collections import CollectionRow
from kbchat.library.sections import close_section, list_sections
from kbchat.library.sharing import give_grant
from kbchat.library.uploading import replace, upload
from tests.company import MAX_BYTES, PAGE, Company, add, ingest, markdown

pytestmark = pytest.mark.django_db

HIDDEN = "# Pay\n\nNobody else knows.\n"


def sent(viewer: Viewer, collection: CollectionRow, text: str) -> tuple[int, str]:
    """How many statements that took, and what came of it."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        try:
            file = markdown(text, "another.md")
            row = upload(viewer, collection.id, file, max_bytes=MAX_BYTES, may_be_known=False)
            told = f"{row.state} {row.title} {row.filename}"
        except Invalid as error:
            told = error.code
    return len(asked), told


def test_a_hidden_file_answers_like_one_that_nobody_has(company: Company) -> None:
    add(company.admin, company.salaries, HIDDEN, "pay.md")
    unknown = sent(company.editor, company.handbook, "# Other\n\nNobody has it.\n")
    assert sent(company.editor, company.handbook, HIDDEN) == unknown
    assert unknown[1] == "queued another another.md"
    assert sent(company.admin, company.handbook, HIDDEN)[1] == "already_there"


def test_a_file_of_which_a_part_is_closed_to_him_is_not_named(company: Company) -> None:
    """Else he would know what the closed part says: what stands in his own file."""
    row = add(company.admin, company.handbook, PAGE)
    section = next(each.id for each in list_sections(company.admin, row.id) if each.path)
    close_section(company.admin, section, Principal("user", company.editor.user_id))
    assert sent(company.editor, company.handbook, PAGE)[1] == "queued another another.md"
    assert sent(company.admin, company.handbook, PAGE)[1] == "already_there"


def test_a_version_that_is_withheld_from_him_is_not_named(company: Company) -> None:
    """It lacks a heading that is closed to somebody else, and no editor has confirmed it yet."""
    row = add(company.admin, company.handbook, PAGE)
    for collection, role in ((company.handbook, Role.READER), (company.salaries, Role.EDITOR)):
        give_grant(company.admin, collection.id, Principal("user", company.stranger.user_id), role)
    section = next(each.id for each in list_sections(company.admin, row.id) if each.path[-1] == "Carry-over")
    close_section(company.admin, section, Principal("group", company.staff.pk))
    renamed = PAGE.replace("## Carry-over", "## Moved")
    replace(company.admin, row.id, markdown(renamed), max_bytes=MAX_BYTES)
    ingest()
    assert sent(company.stranger, company.salaries, renamed)[1] == "queued another another.md"
    assert sent(company.editor, company.handbook, renamed)[1] == "already_there"

"""The same file twice: whoever sends it is told of documents that he may read, and of no other."""

import pytest

from kbchat.access.granting import Principal
from kbchat.core.errors import Invalid
from kbchat.core.viewer import Viewer
from kbchat.library.collections import CollectionRow
from kbchat.library.documents import DocumentRow, delete_document
from kbchat.library.sections import close_section, list_sections
from kbchat.library.uploading import Upload, replace, upload
from tests.company import MAX_BYTES, PAGE, Company, add, ingest, markdown

pytestmark = pytest.mark.django_db


def send(viewer: Viewer, collection: CollectionRow, file: Upload) -> DocumentRow:
    return upload(viewer, collection.id, file, max_bytes=MAX_BYTES, may_be_known=False)


def is_taken(viewer: Viewer, collection: CollectionRow, text: str = PAGE) -> bool:
    try:
        return bool(send(viewer, collection, markdown(text, "another.md")))
    except Invalid as error:
        return error.code != "already_there"


def test_the_second_of_two_is_refused_with_the_first_one_s_name(company: Company) -> None:
    add(company.admin, company.handbook, PAGE)
    with pytest.raises(Invalid) as refused:
        send(company.editor, company.handbook, markdown(PAGE, "another.md"))
    assert (refused.value.code, refused.value.facts) == (
        "already_there",
        {"title": "Leave", "collection": "Handbook"},
    )
    # In another collection, too.
    assert not is_taken(company.admin, company.salaries)
    assert upload(company.editor, company.handbook.id, markdown(PAGE), max_bytes=MAX_BYTES)


def test_one_s_own_file_that_is_still_read_counts(company: Company) -> None:
    send(company.editor, company.handbook, markdown(PAGE))
    assert not is_taken(company.editor, company.handbook)
    assert is_taken(company.admin, company.handbook)


def test_only_the_newest_file_of_a_document_counts_and_none_that_was_deleted(company: Company) -> None:
    row = add(company.admin, company.handbook, PAGE)
    replace(company.admin, row.id, markdown(PAGE + "\nMore.\n"), max_bytes=MAX_BYTES)
    ingest()
    assert not is_taken(company.editor, company.handbook, PAGE + "\nMore.\n")
    assert is_taken(company.editor, company.handbook)
    delete_document(company.admin, row.id)
    assert is_taken(company.editor, company.handbook, PAGE + "\nMore.\n")


def test_nothing_is_told_of_what_he_may_not_read(company: Company) -> None:
    """Neither of a collection that is closed to him, nor of a document of which a section is."""
    add(company.admin, company.salaries, "# Pay\n\nNobody knows.\n", "pay.md")
    assert is_taken(company.editor, company.handbook, "# Pay\n\nNobody knows.\n")
    row = add(company.admin, company.handbook, PAGE)
    section = next(each.id for each in list_sections(company.admin, row.id) if each.path)
    close_section(company.admin, section, Principal("user", company.editor.user_id))
    assert is_taken(company.editor, company.handbook)
    assert not is_taken(company.admin, company.handbook)

"""The same file twice: whoever sends it is told, and takes it or leaves it. tests/security says who is told nothing."""

import pytest

from kbchat.core.errors import Invalid
from kbchat.core.viewer import Viewer
from kbchat.library.collections import CollectionRow
from kbchat.library.deleting import delete_document
from kbchat.library.documents import DocumentRow
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

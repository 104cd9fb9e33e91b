"""A file whose encoding could not be told, or was told wrong, is read in the one that a person names."""

import io

import pytest
from django.utils import timezone

from kbchat.chat.sources import source_content
from kbchat.core.errors import Invalid, NotAllowed, NotFound
from kbchat.core.viewer import Viewer
from kbchat.documents.models import DocumentVersion
from kbchat.library.documents import DocumentRow, document_detail, document_row
from kbchat.library.previewing import version_report
from kbchat.library.reading_again import read_again
from kbchat.library.uploading import Upload, upload
from tests.company import MAX_BYTES, PAGE, Company, add, ingest
from tests.servers import as_worker

pytestmark = pytest.mark.django_db

UNSURE = "Größe".encode("cp437")
GUESSED = ("The café beside the gate is closed at noon. " * 30).encode("cp1252")


def sent(viewer: Viewer, company: Company, content: bytes) -> DocumentRow:
    row = upload(viewer, company.handbook.id, Upload("old.txt", io.BytesIO(content)), max_bytes=MAX_BYTES)
    ingest()
    return document_row(viewer, row.id)


def text_of(viewer: Viewer, row: DocumentRow) -> str:
    return " ".join(block.text for block in source_content(viewer, row.version_id).blocks)


def test_what_could_not_be_told_is_read_as_it_is_said(company: Company) -> None:
    row = sent(company.editor, company, UNSURE)
    assert (row.state, row.problem_code) == ("failed", "encoding_unsure")
    assert read_again(company.editor, row.id, "cp437").state == "queued"
    with pytest.raises(Invalid, match="still_reading"):
        read_again(company.editor, row.id, "cp850")
    ingest()
    again = document_row(company.editor, row.id)
    assert (again.state, again.version_number, text_of(company.reader, again)) == ("ready", 1, "Größe")


def test_what_was_told_wrong_is_another_version_and_the_former_stays(company: Company) -> None:
    row = sent(company.editor, company, GUESSED)
    report = version_report(company.editor, row.version_id)
    assert report.encoding == "cp1252"
    assert report.encoding_confidence is not None
    assert report.encoding_confidence < 1
    read_again(company.editor, row.id, "cp1251")
    assert document_detail(company.reader, row.id).versions[0].number == 1, "it answers until then"
    ingest()
    again = document_row(company.editor, row.id)
    assert (again.state, again.version_number, again.effective_from) == ("ready", 2, row.effective_from)
    assert text_of(company.reader, row).startswith("The café beside")
    assert text_of(company.reader, again).startswith("The cafй beside")
    with as_worker():
        today = DocumentVersion.objects.get(in_force__contains=timezone.localdate())
        assert today.number == 2
        assert len(set(DocumentVersion.objects.values_list("blob", flat=True))) == 1


def test_what_makes_no_sense_is_refused(company: Company) -> None:
    row = sent(company.editor, company, GUESSED)
    for encoding, code in (("windows-1252", "encoding_same"), ("klingon", "encoding_unknown")):
        with pytest.raises(Invalid, match=code):
            read_again(company.editor, row.id, encoding)
    with pytest.raises(NotAllowed):
        read_again(company.reader, row.id, "cp1251")
    with pytest.raises(NotFound):
        read_again(company.stranger, row.id, "cp1251")
    assert add(company.editor, company.handbook, PAGE).state == "ready"

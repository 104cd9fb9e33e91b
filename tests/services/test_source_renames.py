"""A file of a source under another name, or gone and back: what is closed in it stays closed."""

from pathlib import Path

import pytest

from kbchat.access.granting import Principal
from kbchat.documents.models import Document
from kbchat.library.sections import close_section, list_sections
from kbchat.library.sources.troubles import list_troubles
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company
from tests.servers import as_worker
from tests.services.sources_support import counted, documents_in, read, surroundings_of, watched

pytestmark = pytest.mark.django_db

PAGE = "# Salaries\n\nPaid monthly.\n\n## Board\n\nThe board gets 900,000 euros.\n"


def salaries(company: Company) -> Document:
    with as_worker():
        return Document.objects.get(collection=company.handbook.id, title="Salaries", deleted_at=None)


def close_the_board(company: Company) -> Document:
    document = salaries(company)
    section = next(each for each in list_sections(company.admin, document.pk) if each.path[-1] == "Board")
    close_section(company.admin, section.id, Principal("group", company.staff.pk))
    return document


def visible_words(company: Company) -> str:
    retriever = PostgresRetriever(None)
    found = retriever.retrieve(company.reader, "board euros salaries monthly", retriever.pin(), limit=20)
    return " ".join(passage.text for passage in found.passages)


def test_a_renamed_file_keeps_its_document_and_what_is_closed_in_it(company: Company, pages: Path) -> None:
    (pages / "salaries.md").write_text(PAGE)
    source, reach = watched(company, pages), surroundings_of(pages)
    read(company, source, reach)
    document = close_the_board(company)
    (pages / "hr").mkdir()
    (pages / "salaries.md").rename(pages / "hr" / "pay.md")
    assert counted(read(company, source, reach)) == {"unchanged": 11}
    assert (salaries(company).pk, documents_in(company)) == (document.pk, 11)
    assert "monthly" in visible_words(company)
    assert "900,000" not in visible_words(company)
    # And by its new name it goes on.
    (pages / "hr" / "pay.md").write_text(PAGE.replace("monthly", "weekly"))
    assert counted(read(company, source, reach)) == {"unchanged": 10, "changed": 1}
    assert salaries(company).pk == document.pk


def test_one_that_is_copied_is_a_document_of_its_own(company: Company, pages: Path) -> None:
    (pages / "salaries.md").write_text(PAGE)
    source, reach = watched(company, pages), surroundings_of(pages)
    read(company, source, reach)
    (pages / "copy.md").write_text(PAGE)
    assert counted(read(company, source, reach)) == {"unchanged": 11, "new": 1}


def test_what_is_closed_in_part_goes_when_an_owner_says_so(company: Company, pages: Path) -> None:
    """It was missing from one listing: as a new document it would be open to everybody."""
    (pages / "salaries.md").write_text(PAGE)
    source, reach = watched(company, pages), surroundings_of(pages)
    read(company, source, reach)
    document = close_the_board(company)
    (pages / "salaries.md").unlink()
    (pages / "page0.md").unlink()
    assert counted(read(company, source, reach)) == {"unchanged": 9, "held": 1, "removed": 1}
    assert [row.path for row in list_troubles(company.admin, source.id)] == ["salaries.md"]
    # And holds up nothing else.
    (pages / "page1.md").unlink()
    assert counted(read(company, source, reach)) == {"unchanged": 8, "held": 1, "removed": 1}
    (pages / "salaries.md").write_text(PAGE)
    assert counted(read(company, source, reach)) == {"unchanged": 9}
    assert salaries(company).pk == document.pk
    assert "900,000" not in visible_words(company)
    (pages / "salaries.md").unlink()
    assert counted(read(company, source, reach)) == {"unchanged": 8, "held": 1}
    assert counted(read(company, source, reach, approving=True)) == {"unchanged": 8, "removed": 1}


def test_of_two_alike_the_one_that_is_closed_in_part_is_found_again_first(
    company: Company, pages: Path
) -> None:
    (pages / "salaries.md").write_text(PAGE)
    source, reach = watched(company, pages), surroundings_of(pages)
    read(company, source, reach)
    document = close_the_board(company)
    (pages / "another.md").write_text(PAGE)
    read(company, source, reach)
    (pages / "salaries.md").unlink()
    (pages / "another.md").unlink()
    (pages / "moved.md").write_text(PAGE)
    assert counted(read(company, source, reach)) == {"unchanged": 11, "removed": 1}
    assert salaries(company).pk == document.pk
    assert "900,000" not in visible_words(company)

"""What a process has read of the index: the same answers as from reading all anew, whatever came and went meanwhile."""

from dataclasses import dataclass

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kbchat.access.granting import Principal
from kbchat.access.models import Grant, Role
from kbchat.documents.models import Document
from kbchat.indexing.encoders import only
from kbchat.library.sharing import give_grant
from kbchat.retrieval import inverted_index
from kbchat.retrieval.port import Retrieval
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company
from tests.servers import as_worker
from tests.services.retrieval_support import EMBEDDER, ENGLISH, QUESTIONS, received, write_page

pytestmark = pytest.mark.django_db


@dataclass
class Both:
    """One retriever that has been asking from the beginning, and a new one for every question."""

    company: Company
    old: PostgresRetriever

    def ask(self, who: str) -> list[Retrieval]:
        return [self._ask(who, question) for question in QUESTIONS]

    def _ask(self, who: str, question: str) -> Retrieval:
        viewer, new = getattr(self.company, who), PostgresRetriever(only(EMBEDDER))
        pin = new.pin()
        found = self.old.retrieve(viewer, question, pin, limit=9)
        assert received(found) == received(new.retrieve(viewer, question, pin, limit=9))
        return found


@pytest.fixture
def both(company: Company, texts: dict[int, str]) -> Both:
    """`old` has read the library already."""
    both = Both(company, PostgresRetriever(only(EMBEDDER)))
    assert all(found.passages for found in both.ask("reader"))
    return both


def counted(found: list[Retrieval]) -> int:
    (count,) = {each.trace.visible_chunks for each in found}
    return count


def test_what_comes_later_is_found_at_once(both: Both, texts: dict[int, str]) -> None:
    for number in range(3):
        write_page(both.company.handbook, [*ENGLISH, f"leave leave {number}"], title=f"Later {number}")
        assert counted(both.ask("reader")) == len(texts) + 7 * (number + 1)


def test_more_than_was_known_is_found_too(both: Both, texts: dict[int, str]) -> None:
    """So much that lists are read whole again."""
    for number in range(4):
        write_page(both.company.handbook, ENGLISH * 4, title=f"Many {number}")
    assert counted(both.ask("reader")) == len(texts) + 96


def test_another_viewer_sees_his_own_and_changes_nothing_for_the_first(
    both: Both, texts: dict[int, str]
) -> None:
    write_page(both.company.salaries, ["annual leave of the board", *ENGLISH])
    before = [received(found) for found in both.ask("reader")]
    assert counted(both.ask("admin")) == len(texts) + 7
    assert [received(found) for found in both.ask("reader")] == before
    assert counted(both.ask("stranger")) == 0


def test_what_is_deleted_closed_or_taken_is_gone_with_the_next_question(both: Both) -> None:
    page = write_page(both.company.handbook, ["annual leave, carried over"], headings=["Leave"])
    known = counted(both.ask("reader"))
    closed = Grant.objects.create(section=page.section, group=both.company.staff, deny=True)
    assert counted(both.ask("reader")) == known - 1
    closed.delete()
    assert counted(both.ask("reader")) == known
    with as_worker():
        Document.objects.filter(pk=page.document.pk).update(deleted_at=timezone.now())
    assert counted(both.ask("reader")) == known - 1
    Grant.objects.filter(group=both.company.staff).delete()
    assert counted(both.ask("reader")) == 0
    give_grant(
        both.company.admin, both.company.handbook.id, Principal("group", both.company.staff.pk), Role.READER
    )
    assert counted(both.ask("reader")) == known - 1


def test_lists_that_were_forgotten_are_read_again(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inverted_index, "MOST_POSTINGS", 3)
    for _ in range(2):
        both.ask("reader")
    (index,) = both.old._indexes._indexes.values()
    assert index._held <= 3
    assert sum(len(each.rows) for each in index._lists.values()) == index._held


def test_what_is_known_is_not_read_again_until_it_is_old(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    def reading() -> int:
        with CaptureQueriesContext(connection) as queries:
            both.old.retrieve(both.company.reader, QUESTIONS[0], both.old.pin(), limit=3)
        return sum("FROM indexing_posting" in query["sql"] for query in queries)

    assert reading() == 0
    # What was purged does not stay for ever.
    monkeypatch.setattr(inverted_index, "LONGEST_SECONDS", -1.0)
    assert reading() == 1


def test_retrievers_of_one_process_share_what_was_read(company: Company, texts: dict[int, str]) -> None:
    indexes = inverted_index.InvertedIndexes()
    by_words, whole = (
        PostgresRetriever(None, indexes=indexes),
        PostgresRetriever(only(EMBEDDER), indexes=indexes),
    )
    pin = whole.pin()
    by_words.retrieve(company.reader, QUESTIONS[0], pin, limit=3)
    with CaptureQueriesContext(connection) as queries:
        whole.retrieve(company.reader, QUESTIONS[0], pin, limit=3)
    assert not any("FROM indexing_posting" in query["sql"] for query in queries)

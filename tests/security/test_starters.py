"""Suggested questions come from what the person may read, and tell nothing of the rest."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from kbchat.access.granting import Principal
from kbchat.access.models import Grant, Role
from kbchat.access.viewing import viewing
from kbchat.answering.remembered_verdicts import RememberedVerdicts
from kbchat.chat import starters as room
from kbchat.core.errors import Unavailable
from kbchat.core.text import Span
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Section
from kbchat.glossary.entries import CurrentGlossary, add_entry
from kbchat.indexing.encoders import only
from kbchat.inference.ports import ModelUnavailable
from kbchat.inference.scripted import HashEmbedder
from kbchat.library.documents import DocumentRow
from kbchat.library.previewing import list_passages
from kbchat.library.sharing import give_grant
from kbchat.library.silencing import silence_passage
from kbchat.library.uploading import replace
from kbchat.retrieval.port import Pin, Retrieval
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import MAX_BYTES, Company, add, ingest, markdown
from tests.services.chat_support import LEAVE

pytestmark = pytest.mark.django_db(transaction=True)


class Watched(PostgresRetriever):
    """Remembers who searched for what."""

    def __init__(self) -> None:
        super().__init__(only(HashEmbedder()))
        self.asked: list[tuple[Viewer, str]] = []
        self.verdicts = RememberedVerdicts()
        self.meanwhile: Callable[[], object] = list

    def basis(self, viewer: Viewer, pin: Pin) -> str:
        told = super().basis(viewer, pin)
        self.meanwhile()
        return told

    def retrieve(self, viewer: Viewer, query: str, *given: Any, **more: Any) -> Retrieval:
        self.asked.append((viewer, query))
        return super().retrieve(viewer, query, *given, **more)

    def starters(self, viewer: Viewer) -> list[str]:
        return room.starters(viewer, self, self.verdicts)

    def searches(self, viewer: Viewer) -> int:
        """For one opening of the page."""
        before = len(self.asked)
        self.starters(viewer)
        return len(self.asked) - before


def starters(viewer: Viewer) -> list[str]:
    return Watched().starters(viewer)


def test_starters_come_from_what_the_person_may_read_in_his_language(company: Company) -> None:
    assert starters(company.reader) == []
    add(company.admin, company.handbook, LEAVE, "leave.md")
    add(
        company.admin,
        company.handbook,
        "# Travel\n\n## 1. Overview\n\nWords.\n\n## 2.1 Hotels\n\nHotels cost.\n",
    )
    add(
        company.admin, company.handbook, "# 差旅制度\n\n## 第二章 差旅报销\n\n差旅报销三十天。\n", "travel.md"
    )
    add(
        company.admin,
        company.salaries,
        "# Salaries\n\n## Director\n\nThe director has a salary.\n",
        "salaries.md",
    )
    english, chinese = starters(company.reader), starters(Viewer(company.reader.user_id, language="zh-hans"))
    assert english == [
        "What does “Travel” say about Hotels?",
        "What does “Annual leave” say about carrying over?",
    ]
    assert chinese == ["《差旅制度》对“差旅报销”有什么规定？"]
    assert starters(company.stranger) == []
    assert starters(company.admin)[0] == "What does “Salaries” say about director?"


def test_starters_tell_nothing_of_a_closed_section_or_of_an_earlier_version(company: Company) -> None:
    row = add(company.admin, company.handbook, LEAVE, "leave.md")
    with viewing(company.admin):
        section = Section.objects.get(document_id=row.id, path__len=2)
        Grant.objects.create(section=section, group=company.staff, deny=True)
    assert starters(company.reader) == ["What are the rules on annual leave?"]
    newer = markdown("# Annual leave\n\nAsk your manager.\n", "leave.md")
    replace(company.admin, row.id, newer, max_bytes=MAX_BYTES)
    assert starters(company.admin) == ["What does “Annual leave” say about carrying over?"]
    ingest()
    assert starters(company.admin) == []


def test_what_a_search_does_not_lead_back_to_is_not_suggested(company: Company) -> None:
    """Its document says it, and it is left out of search."""
    row = add(company.admin, company.handbook, LEAVE, "leave.md")
    add(company.admin, company.handbook, "# Travel\n\n## 2.1 Hotels\n\nHotels cost.\n")
    assert len(starters(company.reader)) == 2
    for passage in list_passages(company.admin, row.version_id):
        silence_passage(company.admin, row.version_id, Span(passage.start, passage.end), is_silenced=True)
    assert starters(company.reader) == ["What does “Travel” say about Hotels?"]


def test_each_is_searched_for_with_the_rights_of_whoever_asks_and_a_lost_right_counts_at_once(
    company: Company,
) -> None:
    row = add(company.admin, company.handbook, LEAVE, "leave.md")
    watched = Watched()
    assert watched.starters(company.reader) == ["What does “Annual leave” say about carrying over?"]
    assert {viewer for viewer, _ in watched.asked} == {company.reader}
    withdraw(company)
    assert watched.starters(company.reader) == []
    assert len(watched.asked) == 1, "there was nothing to search for"
    give_grant(company.admin, row.collection_id, Principal("group", company.staff.pk), Role.READER)
    assert len(watched.starters(company.reader)) == 1


def withdraw(company: Company) -> None:
    with viewing(company.admin):
        Grant.objects.filter(collection=company.handbook.id, group=company.staff).delete()


def test_as_long_as_nothing_that_one_may_read_is_another_nothing_is_searched_for_again(
    company: Company,
) -> None:
    """Whether it was found or not: what leads nowhere is not tried again, either."""
    leave, _ = library(company)
    for passage in list_passages(company.admin, leave.version_id):
        silence_passage(company.admin, leave.version_id, Span(passage.start, passage.end), is_silenced=True)
    watched = Watched()
    first = watched.starters(company.reader)
    assert (len(first), len(watched.asked)) == (1, 2)
    assert watched.starters(company.reader) == first
    # Somebody who may read exactly the same is told what was found out for the other; whoever may read more is not.
    assert watched.starters(company.editor) == first
    assert len(watched.asked) == 2
    add(company.admin, company.salaries, "# Salaries\n\n## Director\n\nThe director has a salary.\n")
    assert watched.searches(company.reader) == 0, "it is hidden from him"
    assert watched.searches(company.admin) == 3
    add(company.admin, company.handbook, "# Trains\n\n## First class\n\nFirst class is for directors.\n")
    assert watched.searches(company.reader) == 3


def library(company: Company) -> tuple[DocumentRow, DocumentRow]:
    return (
        add(company.admin, company.handbook, LEAVE, "leave.md"),
        add(company.admin, company.handbook, "# Travel\n\n## 2.1 Hotels\n\nHotels cost.\n"),
    )


def test_what_leads_back_no_more_is_gone_at_the_next_opening_and_back_at_once(company: Company) -> None:
    leave, _ = library(company)
    watched = Watched()
    both = watched.starters(company.reader)
    assert len(both) == 2
    passages = [Span(each.start, each.end) for each in list_passages(company.admin, leave.version_id)]
    for span in passages:
        silence_passage(company.admin, leave.version_id, span, is_silenced=True)
    assert watched.starters(company.reader) == ["What does “Travel” say about Hotels?"]
    for span in passages:
        silence_passage(company.admin, leave.version_id, span, is_silenced=False)
    assert watched.starters(company.reader) == both


def test_another_pin_is_another_verdict(company: Company) -> None:
    """Names, weights, the generation: whatever else ranks."""
    library(company)
    watched = Watched()
    assert watched.searches(company.reader) == 2
    add_entry(company.admin, ["hotel", "inn"])
    assert watched.searches(company.reader) == 0, "this retriever knows no glossary"
    watched._glossary = CurrentGlossary()
    assert watched.searches(company.reader) == 2


def test_a_right_that_is_lost_while_it_is_searched_leaves_no_verdict_for_when_it_is_back(
    company: Company,
) -> None:
    """What was found out with other rights than were asked for is kept under the rights that it was found out with."""
    library(company)
    watched = Watched()
    watched.meanwhile = lambda: withdraw(company)
    assert watched.starters(company.reader) == []
    assert len(watched.asked) == 2
    watched.meanwhile = list
    give_grant(company.admin, company.handbook.id, Principal("group", company.staff.pk), Role.READER)
    assert len(watched.starters(company.reader)) == 2


def test_where_a_model_did_not_answer_it_is_searched_for_again(company: Company) -> None:
    library(company)

    class Away(HashEmbedder):
        def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
            raise ModelUnavailable(ModelUnavailable.Reason.TIMED_OUT)

    watched = Watched()
    watched._encoders = only(Away())
    assert watched.searches(company.reader) == 2
    assert watched.searches(company.reader) == 2


def test_of_many_those_are_forgotten_that_nobody_asked_for_the_longest(company: Company) -> None:
    library(company)
    watched = Watched()
    watched.verdicts = RememberedVerdicts(most=1)
    assert [watched.searches(company.reader) for _ in range(2)] == [2, 2]
    watched.verdicts = RememberedVerdicts(most=2)
    assert [watched.searches(company.reader) for _ in range(2)] == [2, 0]


def test_without_an_index_nothing_is_suggested(company: Company) -> None:
    add(company.admin, company.handbook, LEAVE, "leave.md")

    class Absent(PostgresRetriever):
        def pin(self, generation_id: int | None = None) -> Pin:
            raise Unavailable("no_active_generation")

    class Failing(PostgresRetriever):
        def retrieve(self, viewer: Viewer, *given: Any, **more: Any) -> Retrieval:
            raise Unavailable("no_active_generation")

    for retriever in (Absent, Failing):
        assert room.starters(company.reader, retriever(only(HashEmbedder())), RememberedVerdicts()) == []

"""Suggested questions come from what the person may read, and tell nothing of the rest."""

from typing import Any

import pytest

from kbchat.access.models import Grant
from kbchat.access.viewing import viewing
from kbchat.chat import starters as room
from kbchat.core.errors import Unavailable
from kbchat.core.text import Span
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Section
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.library.previewing import list_passages
from kbchat.library.silencing import silence_passage
from kbchat.library.uploading import replace
from kbchat.retrieval.port import Pin, Retrieval
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import MAX_BYTES, Company, add, ingest, markdown
from tests.services.chat_support import LEAVE

pytestmark = pytest.mark.django_db(transaction=True)


def starters(viewer: Viewer) -> list[str]:
    return room.starters(viewer, PostgresRetriever(only(HashEmbedder())))


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


def test_each_is_searched_for_with_the_rights_of_whoever_asks_and_nothing_is_kept(company: Company) -> None:
    row = add(company.admin, company.handbook, LEAVE, "leave.md")
    asked: list[Viewer] = []

    class Watched(PostgresRetriever):
        def retrieve(self, viewer: Viewer, *given: Any, **more: Any) -> Retrieval:
            asked.append(viewer)
            return super().retrieve(viewer, *given, **more)

    watched = Watched(only(HashEmbedder()))
    assert room.starters(company.reader, watched) == ["What does “Annual leave” say about carrying over?"]
    assert set(asked) == {company.reader}
    with viewing(company.admin):
        Grant.objects.filter(collection=row.collection_id, group=company.staff).delete()
    assert room.starters(company.reader, watched) == []
    assert len(asked) == 1, "there was nothing to search for"


def test_without_an_index_nothing_is_suggested(company: Company) -> None:
    add(company.admin, company.handbook, LEAVE, "leave.md")

    class Absent(PostgresRetriever):
        def pin(self, generation_id: int | None = None) -> Pin:
            raise Unavailable("no_active_generation")

    class Failing(PostgresRetriever):
        def retrieve(self, viewer: Viewer, *given: Any, **more: Any) -> Retrieval:
            raise Unavailable("no_active_generation")

    for retriever in (Absent, Failing):
        assert room.starters(company.reader, retriever(only(HashEmbedder()))) == []

"""Whoever comes by an API key for some collections is answered as if there were no others (T1, T2, T8, T15, T18)."""

from dataclasses import replace
from uuid import uuid4

import pytest

from kbchat.access.gate import visible_collections, visible_documents
from kbchat.access.viewing import viewing
from kbchat.chat.conversations import conversation, list_conversations
from kbchat.chat.models import Turn
from kbchat.chat.searching import search
from kbchat.chat.turns import Ask, open_turn, request_stop
from kbchat.core.errors import Busy, Conflict, NotFound
from kbchat.core.viewer import Viewer
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder, ScriptedLanguageModel
from kbchat.retrieval.port import EVERYTHING
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company, add, found_company
from tests.services.chat_support import answering, ask, followed, row_of

pytestmark = pytest.mark.django_db(transaction=True)

OPEN = "# Leave\n\nEverybody has twenty-eight days of annual leave.\n"
SECRET = "# Leave of directors\n\nDirectors have SALMON days of annual leave.\n"
QUESTION = "How many days of annual leave?"


@pytest.fixture
def company() -> Company:
    """The administrator owns the handbook and the salaries."""
    founded = found_company()
    add(founded.admin, founded.handbook, OPEN)
    add(founded.admin, founded.salaries, SECRET)
    return founded


@pytest.fixture
def narrowed(company: Company) -> Viewer:
    return replace(company.admin, collections=frozenset({company.handbook.id}))


def found_by(viewer: Viewer) -> str:
    retriever = PostgresRetriever(only(HashEmbedder()))
    return str(search(viewer, QUESTION, scope=EVERYTHING, limit=50, retriever=retriever).sources)


def test_nothing_of_another_collection_is_found_or_listed(company: Company, narrowed: Viewer) -> None:
    assert "SALMON" in found_by(company.admin)
    assert "twenty-eight" in found_by(narrowed)
    assert "SALMON" not in found_by(narrowed)
    with viewing(narrowed):
        assert [row.pk for row in visible_collections(narrowed)] == [company.handbook.id]
        assert {row.collection_id for row in visible_documents(narrowed)} == {company.handbook.id}
        # Nor does a viewer that is nested in another leave a trace.
        with viewing(company.admin):
            assert visible_collections(company.admin).count() == 2
        assert visible_collections(narrowed).count() == 1


def test_a_key_whose_collections_are_gone_sees_nothing(company: Company) -> None:
    """An empty set is not everything, and what it names gives no right that its owner has not."""
    for collections in (frozenset(), frozenset({uuid4()}), frozenset({company.salaries.id})):
        viewer = replace(company.reader, collections=collections)
        assert found_by(viewer) == "[]"
        with viewing(viewer):
            assert not visible_collections(viewer).exists()


def test_an_answer_is_made_of_its_collections_alone(company: Company, narrowed: Viewer) -> None:
    model = ScriptedLanguageModel("Twenty-eight [1].")
    with answering(model=model):
        turn = ask(narrowed, QUESTION)
        followed(narrowed, turn)
        assert "SALMON" not in str(model.prompts)
        wide = ask(company.admin, QUESTION, after=turn)
        followed(company.admin, wide)
    assert "SALMON" in str(model.prompts)
    assert row_of(narrowed, turn).state == "done"
    # Its owner reads both, the key what was asked by it.
    assert len(conversation(company.admin, turn.conversation_id).turns) == 2
    assert [one.id for one in conversation(narrowed, turn.conversation_id).turns] == [turn.turn_id]


def test_what_was_asked_without_it_is_not_there(company: Company, narrowed: Viewer) -> None:
    """Also while it is being answered, when no source is known yet that could hide it."""
    wide = ask(company.admin, QUESTION)
    other = replace(narrowed, collections=frozenset({company.salaries.id}))
    mine = ask(narrowed, QUESTION)
    assert [row.id for row in list_conversations(narrowed)] == [mine.conversation_id]
    assert list_conversations(other) == []
    for viewer, turn in ((narrowed, wide), (other, mine)):
        for refused in (
            lambda viewer=viewer, turn=turn: conversation(viewer, turn.conversation_id),
            lambda viewer=viewer, turn=turn: request_stop(viewer, turn.turn_id),
            lambda viewer=viewer, turn=turn: followed(viewer, turn),
            lambda viewer=viewer, turn=turn: ask(viewer, QUESTION, after=turn),
        ):
            with pytest.raises(NotFound):
                refused()
    # A wider key sees what a narrower one asked.
    both = replace(narrowed, collections=frozenset({company.handbook.id, company.salaries.id}))
    assert [row.id for row in list_conversations(both)] == [mine.conversation_id]


def test_limits_and_ids_are_its_owner_s(company: Company, narrowed: Viewer) -> None:
    taken = uuid4()
    open_turn(company.admin, Ask(taken, QUESTION))
    with pytest.raises(Conflict, match="message_id_taken"):
        open_turn(narrowed, Ask(taken, QUESTION))
    ask(company.admin, QUESTION)
    ask(narrowed, QUESTION)
    with pytest.raises(Busy, match="too_many_turns"):
        ask(narrowed, QUESTION)
    with viewing(company.admin):
        assert Turn.objects.count() == 3

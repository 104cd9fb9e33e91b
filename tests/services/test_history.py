"""A person finds his conversations again by the words of titles, questions and answers, in both languages."""

import pytest
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.chat.conversations import change_conversation, list_conversations
from kbchat.chat.history import FoundConversation, find_conversations
from kbchat.chat.models import Turn, TurnState, TurnTerms
from kbchat.chat.turn_terms import keep_terms
from kbchat.chat.turns import AcceptedTurn
from kbchat.core.errors import NotFound
from kbchat.core.viewer import Viewer
from tests.company import Company, found_company
from tests.services.chat_support import answering, ask, check_stream, followed

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return found_company()


def answered(
    viewer: Viewer, question: str, answer: str, *, after: AcceptedTurn | None = None
) -> AcceptedTurn:
    turn = ask(viewer, question, after=after)
    with viewing(viewer):
        finish(turn, answer)
    return turn


def finish(turn: AcceptedTurn, answer: str) -> None:
    ended = {"state": TurnState.DONE, "finished_at": timezone.now()}
    Turn.objects.filter(pk=turn.turn_id).update(answer=answer, **ended)
    question = Turn.objects.get(pk=turn.turn_id).question
    keep_terms(turn.turn_id, f"{question}\n{answer}")


def lit(found: FoundConversation) -> list[str]:
    excerpt = found.excerpt
    return [excerpt.text[mark.start : mark.end] for mark in excerpt.marks] if excerpt else []


def test_an_answer_is_found_by_its_words_and_opens_at_its_turn(company: Company) -> None:
    first = answered(company.reader, "How long is the leave?", "Everybody has **28 days** in a year.")
    later = answered(company.reader, "And sabbaticals?", "Two months, after `five` years.", after=first)
    answered(company.reader, "What is the canteen like?", "It opens at noon.")
    (found,) = find_conversations(company.reader, "sabbatical month")
    assert (found.row.id, found.turn_id) == (first.conversation_id, later.turn_id)
    # The half that has more of the words; each has one here, so the question.
    assert lit(found) == ["sabbaticals"]
    (found,) = find_conversations(company.reader, "everybody 28 days")
    assert found.turn_id == first.turn_id
    assert found.excerpt is not None
    assert found.excerpt.text == "Everybody has 28 days in a year."
    assert lit(found) == ["Everybody", "28 days"]
    assert find_conversations(company.reader, "everybody noon") == []


@pytest.mark.parametrize("query", ["年假结转", "年假 结转", "年假怎么结转", "年假結轉", "结转"])
def test_chinese_is_found_by_its_words_in_either_script(company: Company, query: str) -> None:
    turn = answered(company.reader, "年假可以留到明年吗？", "未休的年假最多可以结转五天，到三月底为止。")
    answered(company.reader, "食堂几点开门？", "食堂中午开门。")
    (found,) = find_conversations(company.reader, query)
    assert found.turn_id == turn.turn_id
    assert "结转" in lit(found)


def test_a_word_that_the_dictionary_cuts_is_lit_whole(company: Company) -> None:
    answered(company.reader, "年假怎么算？", "年假分为法定年假、福利年假和司龄假，请假前须申请。")
    (found,) = find_conversations(company.reader, "司龄假")
    assert lit(found) == ["司龄假"]


def test_words_are_found_while_they_are_typed(company: Company) -> None:
    turn = answered(company.reader, "How do I report travel expenses?", "By the form.")
    for typed in ("tra", "travel exp", "EXPENSES", "expense reports"):
        assert [found.turn_id for found in find_conversations(company.reader, typed)] == [turn.turn_id], typed
    # Nothing but words that carry no content: as they stand.
    assert [found.turn_id for found in find_conversations(company.reader, "how do")] == [turn.turn_id]
    assert find_conversations(company.reader, "100%") == []


def test_a_query_without_a_word_finds_nothing(company: Company) -> None:
    answered(company.reader, "How many?", "28.")
    for typed in ("", "  ", "\0", "\0 \0"):
        assert find_conversations(company.reader, typed) == []


def test_a_long_answer_is_shown_around_the_word(company: Company) -> None:
    answered(
        company.reader, "Tell me all", "Rules. " * 200 + "The gargoyle stays outside. " + "Rules. " * 200
    )
    (found,) = find_conversations(company.reader, "gargoyle")
    assert found.excerpt is not None
    assert (found.excerpt.text[0], found.excerpt.text[-1]) == ("…", "…")
    assert len(found.excerpt.text) < 150
    assert lit(found) == ["gargoyle"]


def test_titles_are_found_and_lit(company: Company) -> None:
    turn = answered(company.reader, "How many days?", "28.")
    change_conversation(company.reader, turn.conversation_id, title="Holidays in Shanghai")
    (found,) = find_conversations(company.reader, "shanghai HOLIDAY")
    assert (found.turn_id, found.excerpt) == (None, None)
    title = found.row.title
    assert [title[mark.start : mark.end] for mark in found.title_marks] == ["Holidays", "Shanghai"]


def test_what_still_runs_and_what_was_answered_before_terms_were_kept_is_found_too(company: Company) -> None:
    running = ask(company.reader, "Where do bicycles stand?")
    assert [found.turn_id for found in find_conversations(company.reader, "bicycle")] == [running.turn_id]
    with viewing(company.reader):
        finish(running, "In the cellar of the 年假 office.")
        TurnTerms.objects.filter(turn=running.turn_id).delete()
    for query in ("cellar", "年假 cellar"):
        assert [found.turn_id for found in find_conversations(company.reader, query)] == [running.turn_id]
    # By another version of the analyser: its terms are not asked.
    with viewing(company.reader):
        TurnTerms.objects.create(turn_id=running.turn_id, analysed_by=0, terms=" nothing ")
    assert [found.turn_id for found in find_conversations(company.reader, "cellar")] == [running.turn_id]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("leave")
def test_the_end_of_an_answer_keeps_its_terms(company: Company) -> None:
    with answering():
        turn = ask(company.reader, "How many days of annual leave does everybody have?")
        check_stream(followed(company.reader, turn))
    with viewing(company.reader):
        kept = TurnTerms.objects.get(turn=turn.turn_id).terms
    assert " 28 " in kept
    assert " annual " in kept
    assert [found.turn_id for found in find_conversations(company.reader, "28 day")] == [turn.turn_id]


def test_nobody_finds_another_persons_conversations(company: Company) -> None:
    turn = answered(company.reader, "Where is the gargoyle?", "On the roof.")
    assert find_conversations(company.reader, "gargoyle")
    for stranger in (company.editor, company.admin):
        assert find_conversations(stranger, "gargoyle") == []
        assert find_conversations(stranger, "roof") == []
        with viewing(stranger):
            assert not TurnTerms.objects.exists()
        with pytest.raises(NotFound):
            change_conversation(stranger, turn.conversation_id, is_pinned=True)


def test_pinned_conversations_stand_first(company: Company) -> None:
    old, new = ask(company.reader, "Old?"), ask(company.reader, "New?")
    assert change_conversation(company.reader, old.conversation_id, is_pinned=True).is_pinned
    rows = list_conversations(company.reader)
    assert [(row.title, row.is_pinned) for row in rows] == [("Old?", True), ("New?", False)]
    change_conversation(company.reader, old.conversation_id, title="Older?")
    assert list_conversations(company.reader)[0].is_pinned
    change_conversation(company.reader, old.conversation_id, is_pinned=False)
    assert [row.id for row in list_conversations(company.reader)] == [
        new.conversation_id,
        old.conversation_id,
    ]


@pytest.mark.timeout(20)
def test_a_question_of_many_lines_is_found_at_once(company: Company) -> None:
    """Looking for list marks over line breaks took a second for each."""
    ask(company.reader, "vacation" + "\n" * 7900 + "x")
    answered(company.reader, "vacation" + "\n" * 7900 + "y", "- " * 3000 + "\n" * 100_000)
    assert len(find_conversations(company.reader, "vacation")) == 2

"""What is suggested next: only what was found, was not used, was not asked, and what a search leads back to."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from kbchat.answering.following_up import MOST_FOLLOW_UPS
from kbchat.answering.ports import Environment, PastTurn, Question
from kbchat.answering.strategies import Generating, Quoting
from kbchat.core.errors import Unavailable
from kbchat.core.viewer import Viewer
from kbchat.inference.scripted import ScriptedLanguageModel
from kbchat.retrieval.port import Passage, Pin, Retrieval
from tests.rules.answering_support import VIEWER, MemoryRetriever, environment, passage, run
from tests.rules.answering_turns import finished, sure

LEAVE = passage(
    "Full-time employees in Hamburg receive 30 working days of annual leave.",
    title="Leave policy",
    headings=("How much annual leave",),
    number=1,
)
CARRYING = passage(
    "When carrying over annual leave, up to 5 days of leave move to the next year.",
    title="Leave policy",
    headings=("Carrying over",),
    number=2,
    start=900,
)
SICKNESS = passage(
    "Days of sickness during annual leave do not use up days of leave.",
    title="Leave policy",
    headings=("Sickness during leave",),
    number=3,
    start=1900,
)
ZH = passage(
    "申请与审批：员工在系统中申请年假，由直属经理审批。", title="年假政策", headings=("申请与审批",), number=4
)
LIBRARY = [LEAVE, CARRYING, SICKNESS, ZH]
ASKED = "How many days of annual leave do employees in Hamburg receive?"
CARRYING_ON = "What does “Leave policy” say about carrying over?"
BEING_ILL = "What does “Leave policy” say about sickness during leave?"


async def suggested(given: Environment, question: Question | str = ASKED) -> list[str]:
    strategy = Generating() if given.model else Quoting()
    return finished(await run(strategy, question, given)).follow_ups


async def test_the_other_headings_of_what_was_found_are_suggested() -> None:
    follow_ups = await suggested(environment(MemoryRetriever([LEAVE, ZH])))
    assert follow_ups == [], "the only English passage is the answer"
    model = ScriptedLanguageModel("You have 30 working days of annual leave [1].", label_rule=sure())
    follow_ups = await suggested(environment(MemoryRetriever(LIBRARY), model))
    assert set(follow_ups) == {CARRYING_ON, BEING_ILL}


async def test_a_document_that_is_there_twice_is_asked_about_once() -> None:
    """The page knows suggestions by their words."""
    twin = replace(CARRYING, chunk_id=9, document_id=uuid4(), version_id=uuid4())
    model = ScriptedLanguageModel("You have 30 working days of annual leave [1].", label_rule=sure())
    follow_ups = await suggested(environment(MemoryRetriever([LEAVE, CARRYING, twin]), model))
    assert follow_ups == [CARRYING_ON]


async def test_in_the_language_of_the_question() -> None:
    other = passage(
        "年假天数：每年最多 18 天年假。", title="年假政策", headings=("年假天数",), number=5, start=700
    )
    assert await suggested(environment(MemoryRetriever([*LIBRARY, other])), "年假最多多少天？") == [
        "《年假政策》对“申请与审批”有什么规定？"
    ]


async def test_nothing_that_was_asked_already_is_suggested() -> None:
    model = ScriptedLanguageModel("You have 30 working days of annual leave [1].", label_rule=sure())
    again = Question(VIEWER, ASKED, (PastTurn(CARRYING_ON.upper(), "Five days."),), collections=1)
    assert await suggested(environment(MemoryRetriever(LIBRARY), model), again) == [BEING_ILL]


async def test_what_no_search_leads_back_to_is_not_suggested() -> None:
    class Losing(MemoryRetriever):
        def retrieve(self, viewer: Viewer, query: str, pin: Pin, **options: Any) -> Retrieval:
            if query.startswith("What does"):
                self.hidden = {passage.chunk_id for passage in LIBRARY}
            return super().retrieve(viewer, query, pin, **options)

    model = ScriptedLanguageModel("You have 30 working days of annual leave [1].", label_rule=sure())
    assert await suggested(environment(Losing(list(LIBRARY)), model)) == []


async def test_an_answer_stands_where_suggesting_fails() -> None:
    class Failing(MemoryRetriever):
        def retrieve(self, viewer: Viewer, query: str, pin: Pin, **options: Any) -> Retrieval:
            if query.startswith("What does"):
                raise Unavailable("search_timed_out")
            return super().retrieve(viewer, query, pin, **options)

    model = ScriptedLanguageModel("You have 30 working days of annual leave [1].", label_rule=sure())
    assert await suggested(environment(Failing(list(LIBRARY)), model)) == []


async def test_never_more_than_three_and_none_beside_a_refusal() -> None:
    def part(number: int) -> Passage:
        topic = f"Annual leave rule {chr(64 + number)}{chr(96 + number)}{chr(96 + number)}"
        return passage(
            f"{topic} of employees is told here.",
            title="Leave policy",
            headings=(topic,),
            number=number,
            start=number * 100,
        )

    many = MemoryRetriever([LEAVE, *(part(number) for number in range(2, 12))])
    model = ScriptedLanguageModel("You have 30 working days of annual leave [1].", label_rule=sure())
    assert len(await suggested(environment(many, model))) == MOST_FOLLOW_UPS
    refusing = ScriptedLanguageModel("NOT_FOUND", label_rule=sure())
    assert await suggested(environment(many, refusing)) == []

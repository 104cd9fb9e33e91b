"""A question in the other language: asked for where there are documents in it, and believed within limits."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest

from kbchat.analysis import Language, language_of
from kbchat.answering import translating
from kbchat.answering.advising import Advisor
from kbchat.answering.events import CitationAdded, QueriesRewritten, SourcesFound
from kbchat.answering.prompts import rendered
from kbchat.answering.strategies import Generating, Quoting
from kbchat.answering.translating import translated
from kbchat.core.deadline import Deadline
from kbchat.core.viewer import Viewer
from kbchat.inference.ports import LanguageModel, ModelUnavailable, Prompt
from kbchat.inference.scripted import ScriptedLanguageModel
from kbchat.retrieval.port import Retrieval
from tests.rules.answering_support import MemoryRetriever, environment, run
from tests.rules.answering_turns import CANTEEN, LIBRARY, ZH, finished, of, sure

ENGLISH = "How many days of annual leave at most in 2024?"
CHINESE = "2024 年年假最多多少天？"
BOTH: tuple[Language, ...] = ("en", "zh")


async def asked(
    queries: tuple[str, ...], reply: str, documents_in: Collection[Language] = BOTH
) -> tuple[tuple[str, ...], ScriptedLanguageModel]:
    model = ScriptedLanguageModel(reply)
    return await translated(queries, documents_in, Advisor(model, Deadline.after(30))), model


@pytest.mark.parametrize(("question", "other"), [(ENGLISH, CHINESE), (CHINESE, ENGLISH)])
async def test_a_question_is_translated_where_there_are_documents_in_the_other_language(
    question: str, other: str
) -> None:
    found, model = await asked((question,), f"1. {other}")
    assert found == (other,)
    assert question in model.prompts[0][-1].content


@pytest.mark.parametrize(
    ("queries", "documents_in"),
    [
        ((ENGLISH,), ("en",)),
        ((CHINESE,), ("zh", "other")),
        ((ENGLISH,), ()),
        (("年次有給休暇は何日ですか",), BOTH),
    ],
)
async def test_where_there_are_none_no_model_is_asked(
    queries: tuple[str, ...], documents_in: tuple[Language, ...]
) -> None:
    found, model = await asked(queries, CHINESE, documents_in)
    assert found == ()
    assert model.calls == []


@pytest.mark.parametrize(
    "reply",
    ["", "2024 leave", "I cannot translate this.", "2023 年年假最多多少天？", "年" * 400],
    ids=["nothing", "same language", "an excuse", "another number", "too long"],
)
async def test_what_is_no_translation_is_not_searched_for(reply: str) -> None:
    assert (await asked((ENGLISH,), reply))[0] == ()


async def test_parts_are_translated_line_by_line_and_never_become_more() -> None:
    found, _ = await asked(("How long is leave?", "Who approves it?"), "假期多长？\n谁批准？\n还有别的吗？")
    assert found == ("假期多长？", "谁批准？")


async def test_a_model_that_is_down_leaves_the_question_as_it_was() -> None:
    model: LanguageModel = ScriptedLanguageModel(failure=ModelUnavailable.Reason.UNREACHABLE)
    assert await translated((ENGLISH,), BOTH, Advisor(model, Deadline.after(30))) == ()


@pytest.mark.timed
async def test_a_slow_model_is_not_waited_for_and_not_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translating, "_SECONDS", 0.1)
    model = ScriptedLanguageModel(CHINESE * 20, label_rule=sure(), seconds_per_piece=0.05)
    advisor = Advisor(model, Deadline.after(30))
    assert await translated((ENGLISH,), BOTH, advisor) == ()
    assert await advisor.choose((), ("yes", "no")) is not None


def replies(prompt: Prompt) -> str:
    if "Translate each line" in prompt[0].content:
        return CHINESE
    return "At most 18 days in 2024 [1]."


async def test_what_stands_in_the_other_language_is_found_and_cited() -> None:
    async def languages() -> tuple[Language, ...]:
        return BOTH

    retriever = MemoryRetriever([CANTEEN, ZH])
    model = ScriptedLanguageModel(replies, label_rule=sure())
    given = replace(environment(retriever, model), languages=languages)
    events = await run(Generating(), ENGLISH, given)
    assert retriever.asked == [ENGLISH, CHINESE]
    assert of(events, QueriesRewritten)[0].queries == [ENGLISH, CHINESE]
    (cited,) = of(events, CitationAdded)
    assert cited.document_id == str(ZH.document_id)
    # The question itself counts no less for being asked twice, and its translation is no part of it.
    writing = next(
        prompt for prompt in model.prompts if prompt[-1].content.endswith(rendered("answer", "en"))
    )
    assert CHINESE not in writing[-1].content


async def test_a_translated_question_is_not_looked_for_by_names_alone() -> None:
    class ByNames(MemoryRetriever):
        def retrieve(self, viewer: Viewer, query: str, *args: Any, **named: Any) -> Retrieval:
            found = super().retrieve(viewer, query, *args, **named)
            other = "zh" if language_of(query) == "en" else "en"
            return replace(found, trace=replace(found.trace, by_names_alone=(other,)))

    async def languages() -> tuple[Language, ...]:
        return BOTH

    for known, said in ((languages, []), (None, ["zh"])):
        model = ScriptedLanguageModel(replies, label_rule=sure())
        given = replace(environment(ByNames([CANTEEN, ZH]), model), languages=known)
        assert of(await run(Generating(), ENGLISH, given), SourcesFound)[0].by_names_alone == said


async def test_quotes_are_looked_for_in_the_words_of_the_question_alone() -> None:
    async def languages() -> tuple[Language, ...]:
        raise AssertionError

    retriever = MemoryRetriever(LIBRARY)
    await run(Quoting(), ENGLISH, replace(environment(retriever), languages=languages))
    assert retriever.asked == [ENGLISH]


@pytest.mark.parametrize(("documents_in", "state"), [(BOTH, "done"), (("en",), "refused")])
async def test_a_passage_answers_in_its_own_language(documents_in: tuple[Language, ...], state: str) -> None:
    async def languages() -> tuple[Language, ...]:
        return documents_in

    able = replace(await ScriptedLanguageModel().capabilities(), label_probabilities=False)
    model = ScriptedLanguageModel(replies, capabilities=able)
    given = replace(environment(MemoryRetriever([CANTEEN, ZH]), model), languages=languages)
    assert finished(await run(Generating(), ENGLISH, given)).state == state

"""Passages grow into their sections: exact slices, no text twice, no token too many, and citations that stay true."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from hypothesis import given
from hypothesis import strategies as st

from kbchat.answering.events import CitationAdded, SentenceVerified
from kbchat.answering.ports import Budget, Question
from kbchat.answering.prompting import Material, PromptBudget
from kbchat.answering.strategies import Generating, Quoting
from kbchat.answering.tokens import count_tokens
from kbchat.answering.widening import widened
from kbchat.core.text import Span
from kbchat.inference.scripted import ScriptedLanguageModel
from kbchat.retrieval.port import Passage, Piece, Surroundings
from tests.rules.answering_support import VIEWER, MemoryRetriever, environment, passage, run
from tests.rules.answering_turns import check, finished, of, sure

BEFORE = 100
JOINT = "\n\n"
LEAVE = (
    "Leave is asked for in the portal.",
    "Full-time employees in Hamburg receive 30 working days of annual leave.",
    "The rule does not hold for trainees, who receive 25 working days.",
    "Unused days lapse in March.",
)


def section(
    texts: Sequence[str], *, title: str = "Leave"
) -> tuple[str, list[Passage], dict[int, Surroundings]]:
    """The version's text, its chunks, each on a page of its own, and what stands around each."""
    whole = "." * BEFORE + JOINT.join(texts)
    starts = [BEFORE, *accumulate((len(text) + len(JOINT) for text in texts), initial=BEFORE)][1:-1]
    chunks = [
        replace(passage(text, title=title, number=n, start=start), page=n)
        for n, (text, start) in enumerate(zip(texts, starts, strict=True), 1)
    ]
    around = Surroundings(BEFORE, whole[BEFORE:], tuple(Piece(chunk.span, chunk.page) for chunk in chunks))
    return whole, chunks, {chunk.chunk_id: around for chunk in chunks}


def test_a_passage_grows_by_what_follows_and_by_what_precedes() -> None:
    whole, chunks, around = section(LEAVE)
    after = count_tokens(JOINT + LEAVE[2])
    wider = widened({1: chunks[1]}, around, after)[1]
    assert wider.text == f"{LEAVE[1]}{JOINT}{LEAVE[2]}" == whole[wider.span.start : wider.span.end]
    both = widened({1: chunks[1]}, around, after + count_tokens(LEAVE[0] + JOINT))[1]
    assert both.text == JOINT.join(LEAVE[:3])
    assert both.found == Span(len(LEAVE[0]) + len(JOINT), len(LEAVE[0]) + len(JOINT) + len(LEAVE[1]))
    assert widened({1: chunks[1]}, around, 10_000)[1].text == JOINT.join(LEAVE)
    assert widened({1: chunks[1]}, around, 0) == {1: chunks[1]}
    assert widened({1: chunks[1]}, {}, 10_000) == {1: chunks[1]}


def test_what_stands_between_two_is_given_once_and_to_the_better() -> None:
    _, chunks, around = section([*LEAVE, "Days may be sold."])
    wider = widened({7: chunks[4], 3: chunks[1], 5: chunks[2]}, around, 10_000)
    assert wider[3].text == JOINT.join(LEAVE[:2])
    assert wider[5].text == JOINT.join(LEAVE[2:])
    assert wider[7] == chunks[4]


def test_a_place_knows_its_page() -> None:
    _, chunks, around = section(LEAVE)
    wider = widened({1: chunks[1]}, around, 10_000)[1]
    assert [wider.page_at(wider.text.index(text)) for text in LEAVE] == [1, 2, 3, 4]
    assert chunks[1].page_at(20) == 2


WORDS = st.text("ab年假 \n", min_size=1, max_size=30)


@given(st.data(), st.lists(WORDS, min_size=1, max_size=12), st.integers(0, 200))
def test_whatever_was_found_nothing_is_moved_doubled_or_too_much(
    data: st.DataObject, texts: list[str], tokens: int
) -> None:
    whole, chunks, around = section(texts)
    found = data.draw(st.lists(st.sampled_from(chunks), unique_by=lambda chunk: chunk.chunk_id, min_size=1))
    passages = dict(enumerate(found, 1))
    wider = widened(passages, around, tokens)
    assert list(wider) == list(passages)
    for number, each in wider.items():
        assert each.text == whole[each.span.start : each.span.end]
        hit = each.found or Span(0, len(each.text))
        assert each.text[hit.start : hit.end] == passages[number].text
        was = passages[number].span
        assert each.span.start <= was.start <= was.end <= each.span.end
    spans = sorted(each.span for each in wider.values())
    assert not any(one.overlaps(other) for one, other in pairwise(spans))
    more = sum(count_tokens(wider[n].text) - count_tokens(passages[n].text) for n in passages)
    assert more <= tokens


@given(st.integers(900, 5000), st.integers(1, 12), st.integers(0, 1500))
def test_a_wider_prompt_leaves_room_for_its_answer(context: int, found: int, neighbours: int) -> None:
    _, chunks, around = section(["年假" * 40 + "leave " * 30] * 30)
    offered = {number: chunks[2 * number] for number in range(1, found + 1)}
    question = Question(VIEWER, "How long is leave?")
    budget = PromptBudget(context, context // 3, 1500, neighbours)
    held = Material(question, (question.text,), "en", offered, "f3nce", budget)
    wide = held.widened(around)
    assert list(wide.shown()) == list(held.shown()), "none is left out for another's neighbours"
    used = sum(count_tokens(message.content) for message in wide.answering())
    assert used + budget.answer <= context or len(wide.shown()) == 1
    more = used - sum(count_tokens(message.content) for message in held.answering())
    assert 0 <= more <= neighbours


async def test_what_stands_beside_a_passage_is_read_and_cited_where_it_stands() -> None:
    whole, chunks, around = section(LEAVE)
    retriever = MemoryRetriever([chunks[1]], surroundings=around)
    model = ScriptedLanguageModel("Trainees receive 25 working days [1]. It is so [1].", label_rule=sure())
    events = await run(Generating(), "How many days of leave in Hamburg?", environment(retriever, model))
    check(events, whole)
    assert all(LEAVE[2] in str(prompt) for prompt in model.prompts[1:]), (
        "the judge reads what the writer reads"
    )
    trainees, other = of(events, CitationAdded)
    assert (trainees.source, trainees.quote, trainees.page) == (1, LEAVE[2], 3)
    assert of(events, SentenceVerified)[0].state == "supported"
    assert (other.quote, other.page) == (LEAVE[1], 2), "what was found, where no sentence stands out"


async def test_without_tokens_for_them_or_without_a_model_neighbours_are_not_read() -> None:
    _, chunks, around = section(LEAVE)
    for model, budget in (
        (ScriptedLanguageModel("30 working days [1].", label_rule=sure()), Budget(neighbour_tokens=0)),
        (None, Budget()),
    ):
        retriever = MemoryRetriever([chunks[1]], surroundings=around)
        strategy = Generating() if model else Quoting()
        asked = "How many working days of annual leave do full-time employees in Hamburg receive?"
        events = await run(strategy, asked, environment(retriever, model, budget=budget))
        check(events)
        assert finished(events).state == "done"
        assert "trainees" not in str(events)
        assert "trainees" not in (str(model.prompts) if model else "")


async def test_what_is_hidden_since_it_was_found_is_not_widened() -> None:
    class Revoking(MemoryRetriever):
        def around(self, viewer: object, chunk_ids: Sequence[int]) -> dict[int, Surroundings]:
            self.hidden.update(chunk_ids)
            return super().around(viewer, chunk_ids)  # type: ignore[arg-type]

    _, chunks, around = section(LEAVE)
    model = ScriptedLanguageModel("30 working days [1].", label_rule=sure())
    retriever = Revoking([chunks[1]], surroundings=around)
    await run(Generating(), "How many days of leave in Hamburg?", environment(retriever, model))
    assert LEAVE[1] in str(model.prompts)
    assert "trainees" not in str(model.prompts)

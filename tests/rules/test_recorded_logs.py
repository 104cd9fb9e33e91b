"""Event logs that the page's reducer is tested with, too (frontend/tests/logs): here those that begin with `said` are
said by the real strategies, and of each this side tells what the page is to make of it.

After a change of the events KBCHAT_RECORD_LOGS=1 writes anew what is said and told; the page's tests then read that.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from kbchat.answering.events import AnswerEvent, TokenUsage, TurnFinished
from kbchat.answering.ports import AnswerStrategy, Budget
from kbchat.answering.strategies import Generating, Quoting
from kbchat.chat.record import (
    answer_of,
    citations_of,
    cited_titles,
    from_stored,
    numbered,
    revocation,
    sources_of,
    text_length,
    to_stored,
)
from kbchat.inference.ports import ModelUnavailable, Prompt
from kbchat.inference.scripted import ScriptedLanguageModel
from tests.rules.answering_support import MemoryRetriever, environment, run
from tests.rules.answering_turns import ANSWER, ASKED, CANTEEN, LIBRARY, ZH, sure

FOLDER: Final = Path(__file__).parents[2] / "frontend" / "tests" / "logs"
RECORDS: Final = os.environ.get("KBCHAT_RECORD_LOGS") == "1"


def seen_only_with_the_canteen(prompt: Prompt, labels: Sequence[str]) -> dict[str, float]:
    enough = 0.9 if "11:30" in prompt[-1].content else 0.0
    return {"yes": enough, "no": 0.95 - enough} if "yes" in labels else {"A": 0.9}


def searching_on(prompt: Prompt) -> str:
    return (
        "canteen open"
        if "search query" in prompt[-1].content
        else "It opens at 11:30 [2]. See [9] 🍲 too [2]."
    )


@dataclass(frozen=True)
class Case:
    question: str = ASKED
    strategy: AnswerStrategy = field(default_factory=Generating)
    model: ScriptedLanguageModel | None = None
    budget: Budget = field(default_factory=Budget)
    is_revoked: bool = False


CHINESE: Final = "2024年公司的年假最多多少天？"
SAID: Final[Mapping[str, Case]] = {
    "said-quoting-en": Case(strategy=Quoting()),
    "said-quoting-zh": Case(CHINESE, Quoting()),
    "said-quoting-refused-en": Case("Who won the chess championship in Oslo?", Quoting()),
    "said-generating-en": Case(model=ScriptedLanguageModel(ANSWER, label_rule=sure())),
    "said-generating-zh": Case(
        CHINESE,
        model=ScriptedLanguageModel("全年年假合计最多18天【1】。福利年假可以结转[1]。", label_rule=sure()),
    ),
    "said-two-rounds-en": Case(
        model=ScriptedLanguageModel(searching_on, label_rule=seen_only_with_the_canteen),
        budget=Budget(passages=1),
    ),
    "said-broken-off-en": Case(
        model=ScriptedLanguageModel(
            ANSWER, label_rule=sure(), failure=ModelUnavailable.Reason.BROKEN_STREAM, failure_after=12
        )
    ),
    "said-revoked-en": Case(model=ScriptedLanguageModel(ANSWER, label_rule=sure()), is_revoked=True),
}
NAMES: Final = sorted({*SAID, *(file.stem for file in FOLDER.glob("*.json"))})


def settled(event: AnswerEvent) -> AnswerEvent:
    """Without what changes with every word of a prompt."""
    if isinstance(event, TurnFinished):
        return event.model_copy(update={"usage": TokenUsage()})
    return event.model_copy(update={"prompts": None}) if event.type == "turn_started" else event


async def said(case: Case) -> list[dict[str, Any]]:
    library = [*LIBRARY] if case.budget.passages > 1 else [ZH, CANTEEN, *LIBRARY]
    given = environment(MemoryRetriever(library), case.model, budget=case.budget)
    events = [settled(event) for event in await run(case.strategy, case.question, given)]
    if case.is_revoked:
        # As the process that answers ends it.
        events = [*events[:-1], *revocation(text_length(numbered(events)))]
    return to_stored(numbered(events))


def told(events: list[dict[str, Any]]) -> dict[str, Any]:
    """What this side makes of a log."""
    read = from_stored(events)
    end = read[-1].event
    assert isinstance(end, TurnFinished)
    return {
        "state": end.state,
        "answer": answer_of(read),
        "numbers": [cited.number for cited in citations_of(read)],
        "titles": list(cited_titles(read)),
        "sources": sorted({source.number for source in sources_of(read)}),
    }


@pytest.mark.parametrize("name", NAMES)
async def test_both_sides_have_the_same_log_and_tell_the_same_of_it(name: str) -> None:
    file = FOLDER / f"{name}.json"
    log = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if case := SAID.get(name):
        events = await said(case)
        question = case.question
    else:
        events, question = log["events"], log["question"]
    now = {"name": name, "question": question, "told": told(events), "events": events}
    if RECORDS:
        file.write_text(json.dumps(now, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    else:
        assert log == now, "the page's tests read another log: KBCHAT_RECORD_LOGS=1 writes it anew"

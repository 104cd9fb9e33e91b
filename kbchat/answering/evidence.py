"""Is what was found enough to answer, and if not, what is missing?

The probability that the passages answer comes from kbchat.answering.weighing; a model that can give label
probabilities is asked too, and what both think is taken together. What is not enough after the last round ends
in a refusal, whose words never tell whether the answer is missing or hidden.
"""

from dataclasses import dataclass
from typing import Final

from kbchat.analysis import language_of
from kbchat.answering.advising import Advisor
from kbchat.answering.events import StrategyName
from kbchat.answering.prompting import Material
from kbchat.answering.weighing import Weighing
from kbchat.retrieval.port import Pin

# A wrong quote is still a true sentence with its source, so a needless refusal costs a little more. A writer
# can say "not found" by itself, so it gets to see weaker evidence.
# Where nothing was fitted (`manage.py tune_abstention`), in every language.
ANSWER_FROM: Final = {"quoting": 0.45, "generating": 0.25}
# Neither counts as surer than this. A model that reads and is sure outweighs words and vectors, whatever they say.
_SUREST: Final = 0.95
_SUREST_JUDGE: Final = 0.99
_MISSING_TOKENS: Final = 48
_LONGEST_MISSING: Final = 200


@dataclass(frozen=True, slots=True)
class Verdict:
    """`missing` is a query for what was not found, where somebody could say it; `judge` how probable a model thought it
    that the passages answer, where one was asked."""

    enough: bool
    missing: str | None = None
    judge: float | None = None


def answer_from(strategy: StrategyName, question: str, pin: Pin) -> float:
    """The probability from which on it answers: as fitted for the index that was pinned, else by default."""
    return pin.answer_from.get(strategy, {}).get(language_of(question), ANSWER_FROM[strategy])


def judge_for_quoting(weighing: Weighing, least: float) -> Verdict:
    """`least`: as `answer_from` says."""
    return Verdict(weighing.probability >= least)


async def judge_for_writing(
    weighing: Weighing, material: Material, advisor: Advisor, least: float, *, may_search_again: bool
) -> Verdict:
    """The model's judgement on the passages that it would be shown together with the probability, else this alone."""
    if not material.offered:
        return Verdict(enough=False)
    p = await advisor.choose(material.judging(), ("yes", "no"), salt=material.salt)
    if p is None:
        return Verdict(weighing.probability >= least)
    if together(weighing.probability, p["yes"]) >= least:
        return Verdict(enough=True, judge=p["yes"])
    written = (
        await advisor.write(material.asking_for_more(), max_tokens=_MISSING_TOKENS, salt=material.salt)
        if may_search_again
        else None
    )
    return Verdict(enough=False, missing=_one_query(written or ""), judge=p["yes"])


def together(probability: float, judge: float) -> float:
    """The probability by two witnesses: their odds multiplied (naive Bayes with even odds before). A judge at .5 says
    nothing, so a small model that hardly leaves the middle moves little, and a large one decides."""
    odds = _odds(probability, _SUREST) * _odds(judge, _SUREST_JUDGE)
    return odds / (1 + odds)


def _odds(p: float, surest: float) -> float:
    kept = min(max(p, 1 - surest), surest)
    return kept / (1 - kept)


def _one_query(written: str) -> str | None:
    first = written.strip().splitlines()[0].strip("\"'“”`- ") if written.strip() else ""
    return first if 0 < len(first) <= _LONGEST_MISSING else None

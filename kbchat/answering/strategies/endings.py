"""How a turn ends when it does not end with an answer: a courtesy, a refusal, a failure."""

from collections.abc import Iterator, Sequence

from kbchat.answering.events import AnswerEvent, OwnersNamed, TextAdded, TokenUsage, TurnFinished
from kbchat.answering.wording import Language, Phrase, wording
from kbchat.inference.ports import ModelUnavailable

NOTHING_USED = TokenUsage()


def said(phrase: Phrase, language: Language, usage: TokenUsage = NOTHING_USED) -> Iterator[AnswerEvent]:
    """The product's own sentence instead of an answer."""
    yield TextAdded(text=wording(phrase, language))
    yield TurnFinished(state="done", usage=usage)


def refused(
    language: Language,
    phrase: Phrase = Phrase.NOT_FOUND,
    *,
    has_sources: bool,
    is_continued: bool = False,
    owners: Sequence[OwnersNamed] = (),
    usage: TokenUsage = NOTHING_USED,
) -> Iterator[AnswerEvent]:
    """The honest "not found". It depends on what the asker can see and on nothing else.
    `is_continued`: it stands behind what a model wrote before it gave up."""
    if phrase is Phrase.NOT_FOUND and has_sources:
        phrase = Phrase.NOT_FOUND_NEAREST
    yield TextAdded(text=("\n\n" if is_continued else "") + wording(phrase, language))
    yield from owners
    yield TurnFinished(state="refused", reason="not_found", usage=usage)


def model_failed(reason: ModelUnavailable.Reason, usage: TokenUsage = NOTHING_USED) -> TurnFinished:
    return TurnFinished(state="failed", reason=f"model_{reason.value}", usage=usage)

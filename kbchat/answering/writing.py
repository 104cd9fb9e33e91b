"""A model's stream turned into the answer's events: text without markers, citations, verified sentences.

The text is what was emitted, so every offset is certain when it is sent. A sentence is verified once the
next one has begun, because its citation may stand behind its full stop. One for which the model names no
source, as small models often do not, gets the citation of the passage that supports it, where one does.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from kbchat.analysis import analyse, content_words, sentences
from kbchat.answering.citing import MarkerParser, Marks, Piece
from kbchat.answering.claims.claim import Fact, has_fact
from kbchat.answering.claims.verifying import Verifier
from kbchat.answering.events import (
    AnswerEvent,
    CitationAdded,
    SentenceVerified,
    Support,
    TextAdded,
    TextRange,
)
from kbchat.answering.facts import facts_of
from kbchat.answering.prompting import visible
from kbchat.answering.showing import citation
from kbchat.answering.statements import statements_of
from kbchat.core.text import Span
from kbchat.retrieval.port import Passage

# A source sentence is pointed at when it has this share of the claim's words; else the whole passage is.
_NARROW_FROM: Final = 0.2
# What its numbers and dates add to that: of sentences in like words, the one that has them is meant.
_FACTS: Final = 0.5
_FENCES: Final = ("```", "~~~")
# Where a marker stands before its sentence, or alone.
_OPENS_LINE: Final = re.compile(r"(?:\A|\n)[ \t]*(?:(?:[-*+•]|\d{1,3}[.)、])[ \t]*)?\Z")
# Headings and rows of tables are no place for a citation that nobody wrote.
_NO_SENTENCE: Final = re.compile(r"\s*(?:#{1,6}\s|\|)")


class AnswerWriter:
    """`shown`: the passages in the prompt by number; nothing else can be cited. `question` may be quoted
    freely.

    Without passages (an answer from the conversation) nothing is verified."""

    def __init__(self, shown: Mapping[int, Passage], question: str) -> None:
        self.text = ""
        self._shown = shown
        self._verifier = Verifier(shown, question)
        self._parser = MarkerParser(shown.keys())
        self._numbers: dict[int, int] = {}
        self._unclaimed: list[CitationAdded] = []
        self._held: list[tuple[int, int]] = []
        self._verified_to = 0
        self._in_code = False

    @property
    def cited(self) -> list[int]:
        """The passages cited so far, in order of first use, and those whose sentence is not yet known."""
        return list(dict.fromkeys([*self._numbers, *(source for _, source in self._held)]))

    def would_cite(self, text: str) -> bool:
        """Whether something in `text` is a citation."""
        parser = MarkerParser(self._shown.keys())
        return any(isinstance(piece, Marks) for piece in [*parser.feed(visible(text)), *parser.finish()])

    def add(self, delta: str) -> Iterator[AnswerEvent]:
        """Events of what is certain after `delta`."""
        yield from self._write(self._parser.feed(visible(delta)))
        yield from self._verify(ended=False)

    def close(self) -> Iterator[AnswerEvent]:
        """Events of what was held back. To be called once, also when the stream broke."""
        yield from self._write(self._parser.finish())
        yield from self._verify(ended=True)

    def _write(self, pieces: list[Piece]) -> Iterator[AnswerEvent]:
        added = ""
        for piece in pieces:
            if isinstance(piece, Marks):
                if added:
                    yield TextAdded(text=added)
                    added = ""
                # What stands before the sentence of these marks is numbered before them.
                yield from self._verify(ended=False)
                yield from self._cite(piece)
                continue
            # The answer begins with its first word.
            text = piece.text if self.text else piece.text.lstrip()
            if self._held and text.startswith("\n"):
                self._hold_for_what_was_said()
            self.text += text
            added += text
        if added:
            yield TextAdded(text=added)

    def _cite(self, marks: Marks) -> Iterator[CitationAdded]:
        if _OPENS_LINE.search(self.text):
            # Before its sentence, as small models write it, or alone on its line: told when the sentence is.
            self._held += [(len(self.text), source) for source in marks.numbers]
            return
        claim = self._claim()
        for source in marks.numbers:
            if any(other.at == len(self.text) and other.source == source for other in self._unclaimed):
                continue
            cited = self._citation(source, len(self.text), claim)
            self._unclaimed.append(cited)
            yield cited

    def _hold_for_what_was_said(self) -> None:
        """Markers that stand alone on the line that ends here belong to the sentence before it."""
        before = len(self.text.rstrip())
        self._held = [(before if at == len(self.text) else at, source) for at, source in self._held]

    def _released(self, upto: int, sentence: str, end: int) -> Iterator[CitationAdded]:
        """The citations held for the `sentence` that ends at `end`."""
        mine = [source for at, source in self._held if at <= upto]
        self._held = [(at, source) for at, source in self._held if at > upto]
        known = {cited.source for cited in self._unclaimed if cited.at <= upto}
        for source in dict.fromkeys(mine):
            if source not in known:
                self._unclaimed.append(self._citation(source, end, sentence))
                yield self._unclaimed[-1]

    def _citation(self, source: int, at: int, claim: str) -> CitationAdded:
        passage = self._shown[source]
        number = self._numbers.setdefault(source, len(self._numbers) + 1)
        return citation(number, source, at, passage, narrowed(claim, passage))

    def _claim(self) -> str:
        """The sentence that a marker at the end of the text stands behind."""
        found = sentences(self.text[self._verified_to :])
        return self.text[self._verified_to :][found[-1].start : found[-1].end] if found else ""

    def _verify(self, *, ended: bool) -> Iterator[CitationAdded | SentenceVerified]:
        start = self._verified_to
        found = sentences(self.text[start:])
        for span in found if ended else found[:-1]:
            begin, end = start + span.start, start + span.end
            self._verified_to = end
            sentence = self.text[begin:end]
            if sentence.lstrip().startswith(_FENCES):
                self._in_code = not self._in_code
            elif self._shown and not self._in_code:
                upto = len(self.text) if ended and span is found[-1] else end
                yield from self._released(upto, sentence, end)
                # Beside a citation that does not say it no other is put: what is marked would too often be taken for
                # supported.
                cited = self._cited(upto)
                state, source = self._judged(sentence, cited)
                if source is not None:
                    attributed = self._citation(source, end, sentence)
                    yield attributed.model_copy(update={"is_attributed": True})
                yield SentenceVerified(range=TextRange(start=begin, end=end), state=state)

    def _judged(self, sentence: str, cited: Collection[int]) -> tuple[Support, int | None]:
        """How far it is supported, and the passage to cite for it where it cites none."""
        if cited:
            return self._verifier.state(sentence, cited), None
        state, source = self._verifier.attributed(sentence)
        if source is None or _NO_SENTENCE.match(sentence):
            return state, None
        return "supported", source

    def _cited(self, end: int) -> tuple[int, ...]:
        """What the sentence that ends at `end` cites: the markers up to there that none before it had."""
        mine = [cited.source for cited in self._unclaimed if cited.at <= end]
        self._unclaimed = [cited for cited in self._unclaimed if cited.at > end]
        return tuple(dict.fromkeys(mine))


def narrowed(claim: str, passage: Passage) -> Span:
    """The statement of the passage that supports `claim` best; where none stands out, all of what was found."""
    whole = passage.found or Span(0, len(passage.text))
    words = set(content_words(claim))
    if not words:
        return whole
    said = facts_of(claim)
    facts: list[Fact] = [*said.dates, *(each for each in said.quantities if each.unit != "rate")]
    best, most = whole, 0.0
    for statement in statements_of([passage]):
        terms, known = set(analyse(statement.text)), facts_of(statement.text)
        held = sum(word in terms for word in words) / len(words)
        told = held + _FACTS * sum(has_fact(known, fact) for fact in facts) / max(1, len(facts))
        if held >= _NARROW_FROM and told > most:
            best, most = statement.span, told
    return best

"""Finding among one's own conversations, by the words of their titles, questions and answers, English and Chinese.

The database tells which turns have the terms; here it is asked again of the text that their reader may still be sent,
so that what a mask hides is not found either.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from django.db.models import Q

from kbchat.access.viewing import viewing
from kbchat.analysis import ANALYSER_VERSION, analyse, places_of_words, sought_words, terms_of_word
from kbchat.chat.conversations import ConversationRow, row_of
from kbchat.chat.masking import masked_turns
from kbchat.chat.models import Conversation, Turn, TurnTerms
from kbchat.chat.turns import UNFINISHED
from kbchat.core.text import Span
from kbchat.core.typed_text import storable
from kbchat.core.viewer import Viewer

_MOST_FOUND = 100
_MOST_TURNS = 2000
_AT_ONCE = 100
_EXCERPT_CHARACTERS = 140
_BEFORE_THE_WORD = 40
_SOUGHT_IN = ("conversation_id", "question", "answer", "created_at")
# What an answer's Markdown is written with; an excerpt is plain text.
_MARKUP = re.compile(r"[*`#|>~]+|^\s*[-+] ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Lit:
    """`marks`: the found words, in code points of `text`, in order and apart from each other."""

    text: str
    marks: list[Span]


@dataclass(frozen=True, slots=True)
class FoundConversation:
    """`title_marks`: as in `Lit`. `turn_id`: the newest turn that has the words, with an `excerpt` of its question or
    its answer; both None where only the title has them."""

    row: ConversationRow
    title_marks: list[Span]
    turn_id: UUID | None = None
    excerpt: Lit | None = None


@dataclass(frozen=True, slots=True)
class Sought:
    """`pieces`: what was typed between blanks; `words`: the words of it that carry its content, as their terms."""

    pieces: tuple[str, ...]
    words: tuple[str, ...]

    @classmethod
    def of(cls, query: str) -> Self:
        return cls(tuple(query.split()), tuple(dict.fromkeys(sought_words(query))))

    def in_turns(self) -> Q:
        """What may have all of it: whatever has the terms, and whatever has not ended, whose terms nobody kept."""
        found = Q()
        for word in self.words:
            for term in terms_of_word(word):
                found &= Q(terms__terms__contains=f" {term}")
        if not self.words:
            found = _has_all(self.pieces, "question") | _has_all(self.pieces, "answer")
        return found | Q(state__in=UNFINISHED)

    def in_titles(self) -> Q:
        return _has_all(self.pieces, "title")

    def places_in(self, text: str) -> list[list[Span]]:
        """Where each word stands in `text`; without words, each piece as it was typed."""
        if self.words:
            return places_of_words(text, self.words)
        return [
            [Span(*at.span()) for at in re.finditer(re.escape(piece), text, re.IGNORECASE)]
            for piece in self.pieces
        ]


def find_conversations(viewer: Viewer, query: str) -> list[FoundConversation]:
    """Those whose title, or one of whose turns, has all words of `query`; newest first, at most 100."""
    sought = Sought.of(storable(query))
    with viewing(viewer):
        _keep_terms()
        turns = _newest_turns(viewer, sought)
        found = Conversation.objects.filter(Q(pk__in=list(turns)) | sought.in_titles()).order_by(
            "-updated_at"
        )
        return [_found(sought, one, turns.get(one.pk)) for one in found[:_MOST_FOUND]]


def _newest_turns(viewer: Viewer, sought: Sought) -> dict[UUID, tuple[UUID, Lit]]:
    """By conversation."""
    found: dict[UUID, tuple[UUID, Lit]] = {}
    turns = Turn.objects.filter(sought.in_turns()).order_by("-created_at")
    candidates = list(turns.values_list("pk", "conversation_id")[:_MOST_TURNS])
    for start in range(0, len(candidates), _AT_ONCE):
        some = [pk for pk, conversation in candidates[start : start + _AT_ONCE] if conversation not in found]
        masked = masked_turns(viewer, some)
        for turn in Turn.objects.filter(pk__in=some).order_by("-created_at").only(*_SOUGHT_IN):
            excerpt = _excerpt(sought, turn.question, "" if turn.pk in masked else turn.answer)
            if excerpt is not None:
                found.setdefault(turn.conversation_id, (turn.pk, excerpt))
        if len(found) >= _MOST_FOUND:
            break
    return found


def _excerpt(sought: Sought, question: str, answer: str) -> Lit | None:
    """Of the one of the two that has more of the words; None where one word is in neither."""
    texts = [_plain(question), _plain(answer)]
    places = [sought.places_in(text) for text in texts]
    if not all(map(any, zip(*places, strict=True))):
        return None
    best = max((0, 1), key=lambda at: sum(map(bool, places[at])))
    return _cut(texts[best], _marks(texts[best], places[best]))


def _cut(text: str, marks: list[Span]) -> Lit:
    """Some words around the first mark."""
    start = max(0, marks[0].start - _BEFORE_THE_WORD)
    end = start + _EXCERPT_CHARACTERS
    opening, closing = ("…" if start else ""), ("…" if end < len(text) else "")
    shift = len(opening) - start
    inside = [Span(mark.start + shift, min(mark.end, end) + shift) for mark in marks if mark.start < end]
    return Lit(opening + text[start:end] + closing, inside)


def _marks(text: str, places: Iterable[list[Span]]) -> list[Span]:
    """Neighbouring words are lit as one, and where some are longer than a character, no single characters: 司龄假 is
    cut into 司龄 and 假."""
    marks: list[Span] = []
    for span in sorted(span for spans in places for span in spans):
        if marks and not text[marks[-1].end : span.start].strip():
            marks[-1] = Span(marks[-1].start, max(marks[-1].end, span.end))
        else:
            marks.append(span)
    return [mark for mark in marks if mark.length > 1] or marks


def _found(sought: Sought, conversation: Conversation, turn: tuple[UUID, Lit] | None) -> FoundConversation:
    title_marks = _marks(conversation.title, sought.places_in(conversation.title))
    return FoundConversation(row_of(conversation), title_marks, *(turn or ()))


def _keep_terms() -> None:
    """Of the viewer's turns that have ended since he last searched: whoever never searches pays for nothing."""
    fresh = (
        Turn.objects.exclude(state__in=UNFINISHED)
        .exclude(terms__analysed_by=ANALYSER_VERSION)
        .values_list("pk", "question", "answer")
    )
    while some := list(fresh[:_AT_ONCE]):
        TurnTerms.objects.bulk_create(
            (
                TurnTerms(turn_id=pk, analysed_by=ANALYSER_VERSION, terms=_terms(f"{question}\n{answer}"))
                for pk, question, answer in some
            ),
            update_conflicts=True,
            unique_fields=["turn"],
            update_fields=["analysed_by", "terms"],
        )


def _terms(text: str) -> str:
    return f" {' '.join(sorted(set(analyse(text))))} "


def _has_all(pieces: Iterable[str], name: str) -> Q:
    found = Q()
    for piece in pieces:
        found &= Q(**{f"{name}__icontains": piece})
    return found


def _plain(text: str) -> str:
    return " ".join(_MARKUP.sub(" ", text).split())

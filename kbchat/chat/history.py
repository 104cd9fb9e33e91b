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
from kbchat.analysis import places_of_words, sought_words
from kbchat.chat.conversations import ConversationRow, row_of
from kbchat.chat.masking import masked_turns
from kbchat.chat.models import Conversation, Turn
from kbchat.chat.turn_terms import has_terms_of, lacks_terms
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
_MARKUP = re.compile(r"[*`#|>~]+|^[^\S\n]*[-+] ", re.MULTILINE)


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
        """What may have all of it: by the terms, and where there are none by the letters."""
        as_typed = _says(self.pieces)
        if not self.words:
            return as_typed
        return has_terms_of(self.words) | (lacks_terms() & (as_typed | _says(self.words)))

    def in_titles(self) -> Q:
        found = Q()
        for piece in self.pieces:
            found &= Q(title__icontains=piece)
        return found

    def places_in(self, text: str) -> list[list[Span]]:
        """Where each word stands in `text`; without words, each piece as it was typed."""
        if self.words:
            return places_of_words(text, self.words)
        return [
            [Span(*at.span()) for at in re.finditer(re.escape(piece), text, re.IGNORECASE)]
            for piece in self.pieces
        ]


def find_conversations(viewer: Viewer, query: str) -> list[FoundConversation]:
    """Those whose title, or one of whose turns, has all words of `query`; newest first, at most 100. None without a
    word, where each would have all of them."""
    sought = Sought.of(storable(query))
    if not sought.pieces:
        return []
    with viewing(viewer):
        turns = _newest_turns(viewer, sought)
        kept = Conversation.objects.filter(is_temporary=False)
        found = kept.filter(Q(pk__in=list(turns)) | sought.in_titles()).order_by("-updated_at")
        return [_found(sought, one, turns.get(one.pk)) for one in found[:_MOST_FOUND]]


def _newest_turns(viewer: Viewer, sought: Sought) -> dict[UUID, tuple[UUID, Lit]]:
    """By conversation."""
    found: dict[UUID, tuple[UUID, Lit]] = {}
    kept = Turn.objects.filter(conversation__is_temporary=False)
    turns = kept.filter(sought.in_turns()).order_by("-created_at")
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
    """Some words around the first mark, from the beginning of one where there is a blank near."""
    start = max(0, marks[0].start - _BEFORE_THE_WORD)
    blank = text.find(" ", start, start + _BEFORE_THE_WORD // 2) if start else -1
    start = max(start, blank + 1)
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


def _says(words: Iterable[str]) -> Q:
    """All of them, each in the question or in the answer."""
    found = Q()
    for word in words:
        found &= Q(question__icontains=word) | Q(answer__icontains=word)
    return found


def _plain(text: str) -> str:
    return " ".join(_MARKUP.sub(" ", text).split())

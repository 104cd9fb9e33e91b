"""Whether the library answers a gap's question by now, for whoever asks again, under his rights and for nobody else.

It is asked of what its askers asked it of: somebody who narrowed his question to a document does so again when he is
told that there is an answer. Where they asked it of different things, it is answered when each of these answers it.

Judged as an answer without a model is, so that it costs nothing and gives the same twice. What he finds is not kept:
that there is a passage for him, nobody else is to learn.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.answering.events import Source
from kbchat.answering.offering import source_of
from kbchat.chat.auditing import record_passages
from kbchat.core.errors import Unavailable
from kbchat.core.viewer import Viewer
from kbchat.evaluation.asking import SEARCHED, Searching, quoted
from kbchat.insights.board import HandedQuestion, handed_questions
from kbchat.insights.models import AskedAgain
from kbchat.retrieval.port import Pin, Scope

MOST_SHOWN = 5
MOST_SCOPES: Final = 4
"""Each is a search; those that most askers chose."""


@dataclass(frozen=True, slots=True)
class FoundAgain:
    """`scopes`: of how many different things it was asked again; `answered`: how many of them answer it, and what he
    sees nothing of does not. `passages`: the nearest, best first, of the first that answers, else of the first."""

    scopes: int
    answered: int
    passages: list[Source]

    @property
    def is_answered(self) -> bool:
        return self.scopes == self.answered


def ask_again(viewer: Viewer, gap_id: UUID, searching: Searching) -> FoundAgain:
    """Blocking. Raises NotFound; Unavailable where the encoder does not answer."""
    with viewing(viewer):
        _, handed = handed_questions(viewer, gap_id)
    # What becomes searchable meanwhile is news to him.
    asked_at = timezone.now()
    pin = searching.retriever.pin()
    asked = _asked(handed)
    found = [_answered(viewer, question, scope, pin, searching) for scope, question in asked]
    answering = [sources for is_answered, sources in found if is_answered]
    shown = [*answering, *(sources for _, sources in found)][0]
    with viewing(viewer):
        gap, _ = handed_questions(viewer, gap_id)
        AskedAgain.objects.update_or_create(gap=gap, person_id=viewer.user_id, defaults={"at": asked_at})
        record_passages(viewer, handed[0].question, shown)
    return FoundAgain(len(found), len(answering), shown)


def _asked(handed: Sequence[HandedQuestion]) -> list[tuple[Scope | None, str]]:
    """Each scope once, what most chose first, with the words of who chose it first."""
    chosen = Counter(one.scope for one in handed).most_common(MOST_SCOPES)
    return [(scope, next(one.question for one in handed if one.scope == scope)) for scope, _ in chosen]


def _answered(
    viewer: Viewer, question: str, scope: Scope | None, pin: Pin, searching: Searching
) -> tuple[bool, list[Source]]:
    if scope is None:
        return False, []
    found = searching.retriever.retrieve(viewer, question, pin, limit=SEARCHED, scope=scope)
    if found.trace.by_words_alone:
        raise Unavailable("search_model_unavailable")
    words = quoted(question, found, pin, searching.encoders.of(pin.generation_id))
    shown = found.passages[:MOST_SHOWN]
    return bool(words), [source_of(number, passage) for number, passage in enumerate(shown, 1)]

"""Whether the library answers a gap's question by now, for whoever asks again, under his rights and for nobody else.

Judged as an answer without a model is, so that it costs nothing and gives the same twice. What he finds is not kept:
that there is a passage for him, nobody else is to learn.
"""

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from kbchat.access.gate import visible_collections
from kbchat.access.viewing import viewing
from kbchat.answering.events import Source
from kbchat.answering.offering import source_of
from kbchat.chat.auditing import record_passages
from kbchat.core.errors import Unavailable
from kbchat.core.viewer import Viewer
from kbchat.evaluation.asking import SEARCHED, Searching, quoted
from kbchat.insights.board import first_question
from kbchat.insights.models import AskedAgain
from kbchat.retrieval.port import Scope

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class FoundAgain:
    """`passages`: the nearest, best first."""

    is_answered: bool
    passages: list[Source]


def ask_again(viewer: Viewer, gap_id: UUID, searching: Searching) -> FoundAgain:
    """Blocking. Raises NotFound; Unavailable where the encoder does not answer."""
    with viewing(viewer):
        gap, question = first_question(gap_id)
        seen = visible_collections(viewer).filter(pk__in=gap.collections)
        collections = tuple(seen.values_list("pk", flat=True))
    if gap.collections and not collections:
        return FoundAgain(is_answered=False, passages=[])
    # What becomes searchable meanwhile is news to him.
    asked_at = timezone.now()
    pin = searching.retriever.pin()
    found = searching.retriever.retrieve(viewer, question, pin, limit=SEARCHED, scope=Scope(collections))
    if found.trace.by_words_alone:
        raise Unavailable("search_model_unavailable")
    words = quoted(question, found, pin, searching.encoders.of(pin.generation_id))
    sources = [source_of(number, passage) for number, passage in enumerate(found.passages[:MOST_SHOWN], 1)]
    with viewing(viewer):
        gap, _ = first_question(gap_id)
        AskedAgain.objects.update_or_create(gap=gap, person_id=viewer.user_id, defaults={"at": asked_at})
        record_passages(viewer, question, sources)
    return FoundAgain(bool(words), sources)

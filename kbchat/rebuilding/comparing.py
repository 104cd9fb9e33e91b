"""What one generation finds and another does not: golden questions that a person keeps, by what each was last found to
find, and sentences of the library."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from kbchat.access.viewing import viewing
from kbchat.accounts.managing import administrator
from kbchat.core.viewer import Viewer
from kbchat.documents.models import VersionContent
from kbchat.evaluation.runs import paired_figures
from kbchat.indexing.known_items import MOST_LOST, interval
from kbchat.rebuilding.models import Build, BuildState

NOT_ASKED: Final = "golden_questions_not_asked"
WORSE: Final = "golden_questions_lost"


@dataclass(frozen=True, slots=True)
class LostQuestion:
    """`found_before`: the rank at which the generation that answers has it."""

    question_id: UUID
    text: str
    found_before: int


@dataclass(frozen=True, slots=True)
class GoldenComparison:
    """Mean recall of the questions that both were asked since the new one was built, over those that expect a place;
    `low`, `high`: of the mean difference, 95 %. `kept`: golden questions that he may see, and that need not be marked
    anew; `asked`: of those, by both."""

    kept: int
    asked: int
    before: float = 0.0
    now: float = 0.0
    low: float = 0.0
    high: float = 0.0
    lost: tuple[LostQuestion, ...] = ()

    @property
    def problems(self) -> list[str]:
        """What speaks against the new one. Where no question is kept, nothing does."""
        if self.asked < self.kept:
            return [NOT_ASKED]
        return [WORSE] if self.now < self.before - MOST_LOST else []


@dataclass(frozen=True, slots=True)
class LostSentence:
    """Of the library: the one that answered found its passage by vectors alone, the new one does not. `title`: of its
    document."""

    document_id: UUID
    title: str
    text: str


def lost_sentences(viewer: Viewer, generation_id: int) -> list[LostSentence]:
    """By which the generation was found to find less, as far as the viewer may read them. Raises NotFound for whoever
    is no administrator."""
    administrator(viewer)
    made = Build.objects.filter(generation=generation_id, is_new=True, state=BuildState.BUILT).first()
    places = ((made.checks if made else {}).get("known_items") or {}).get("lost", [])
    with viewing(viewer):
        texts = (
            VersionContent.objects.filter(version__document__deleted_at=None)
            .select_related("version__document")
            .in_bulk({place["version"] for place in places})
        )
    found = [(texts.get(UUID(place["version"])), place) for place in places]
    return [
        LostSentence(
            content.version.document_id,
            content.version.document.title,
            content.text[place["start"] : place["end"]].strip(),
        )
        for content, place in found
        if content
    ]


def compare_golden(viewer: Viewer, before: int, now: int) -> GoldenComparison:
    """What each found of the questions that the viewer may see. Raises NotFound for whoever is no administrator."""
    administrator(viewer)
    made = Build.objects.filter(generation=now, is_new=True, state=BuildState.BUILT)
    kept, pairs = paired_figures(viewer, before, now, made.values_list("finished_at", flat=True).first())
    placed = [(was, is_now) for was, is_now in pairs if was.recall is not None and is_now.recall is not None]
    gained = [(is_now.recall or 0.0) - (was.recall or 0.0) for was, is_now in placed]
    low, high = interval(gained)
    lost = [
        LostQuestion(was.question_id, was.question.text, was.found_at)
        for was, is_now in placed
        if was.found_at is not None and was.recall and not is_now.recall
    ]
    count = max(len(placed), 1)
    return GoldenComparison(
        kept=kept,
        asked=len(pairs),
        before=sum(was.recall or 0.0 for was, _ in placed) / count,
        now=sum(is_now.recall or 0.0 for _, is_now in placed) / count,
        low=low,
        high=high,
        lost=tuple(lost),
    )

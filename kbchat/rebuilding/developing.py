"""Two generations beside each other on *development questions*: a judged set in BEIR's layout, as weights are fitted on
elsewhere, whose documents stand in the library, known by their ids or their titles.
"""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from kbchat.access.gate import visible_documents
from kbchat.access.viewing import viewing
from kbchat.accounts.managing import administrator
from kbchat.core.viewer import Viewer
from kbchat.evaluation.beir import BeirSet
from kbchat.evaluation.legs import Searched, deep_search
from kbchat.evaluation.metrics import ndcg
from kbchat.indexing.known_items import interval
from kbchat.retrieval.port import Retriever, Scope

_COUNTED = 10


@dataclass(frozen=True, slots=True)
class DevelopmentComparison:
    """Mean nDCG@10 of both; `low`, `high`: of the mean difference, 95 %. `left_out`: questions of which a judged
    document is not in the library, as far as the viewer may read it. `lost`: those of which the first ten held a judged
    document before, and hold none now."""

    name: str
    asked: int
    left_out: int
    before: float
    now: float
    low: float
    high: float
    lost: tuple[str, ...]


def compare_development(
    viewer: Viewer,
    found: BeirSet,
    retriever: Retriever,
    before: int,
    now: int,
) -> DevelopmentComparison:
    """Of each question both at once, so that none has the newer library. Blocking. Raises NotFound for whoever is no
    administrator, and Unavailable."""
    administrator(viewer)
    names = _names(viewer, found)
    searched = Searched(viewer, Scope(), retriever, retriever, names)
    known = set(names.values())
    questions = [each for each in found.questions if each.judged.keys() <= known]
    pins = [retriever.pin(before), retriever.pin(now)]
    worth = []
    for question in questions:
        ranked = [searched.ranked(deep_search(searched, question.text, pin)) for pin in pins]
        worth.append([ndcg(each, question.judged, _COUNTED) for each in ranked])
    low, high = interval([is_now - was for was, is_now in worth])
    count = max(len(worth), 1)
    return DevelopmentComparison(
        name=found.name,
        asked=len(questions),
        left_out=len(found.questions) - len(questions),
        before=sum(was for was, _ in worth) / count,
        now=sum(is_now for _, is_now in worth) / count,
        low=low,
        high=high,
        lost=tuple(
            question.text
            for question, (was, is_now) in zip(questions, worth, strict=True)
            if was and not is_now
        ),
    )


def _names(viewer: Viewer, found: BeirSet) -> dict[UUID, str]:
    """What the set calls each document of the library; its own id where the set does not know it. A title that two have
    tells neither apart."""
    with viewing(viewer):
        titles = dict(visible_documents(viewer).values_list("pk", "title"))
    held, named = Counter(titles.values()), Counter(document.title for document in found.documents)
    by_title = {
        document.title: document.id
        for document in found.documents
        if document.title and named[document.title] == 1
    }
    by_id = {document.id for document in found.documents}
    return {
        ours: str(ours) if str(ours) in by_id or held[title] > 1 else by_title.get(title, str(ours))
        for ours, title in titles.items()
    }

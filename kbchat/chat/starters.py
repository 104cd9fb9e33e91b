"""Questions to begin with: about documents that a person may read, in his language where he reads any.

Each was searched for as he would search and led back to its document: what is suggested is answered. It is searched for
again as soon as anything that he may read is another than it was then.
"""

from collections.abc import Iterator
from typing import Final

from kbchat.answering.leading_back import FIRST, Suggestion, leading_back
from kbchat.answering.remembered_verdicts import RememberedVerdicts
from kbchat.answering.suggesting import questions_about
from kbchat.answering.wording import Language
from kbchat.core.deadline import Deadline
from kbchat.core.errors import KbchatError
from kbchat.core.viewer import Viewer
from kbchat.retrieval.outlines import outlines
from kbchat.retrieval.port import Pin, Retrieval, TellingRetriever

_MOST: Final = 4
_MOST_TRIED: Final = 8
_DOCUMENTS_LOOKED_AT: Final = 20
_SECONDS: Final = 3.0
"""For searching. The page shows them when they come; what was not searched for by then is not suggested."""


def starters(viewer: Viewer, retriever: TellingRetriever, verdicts: RememberedVerdicts) -> list[str]:
    """At most four questions, each from another document, the newest first; [] where he can read nothing, and where
    nothing can be searched now. Blocking."""
    spoken: Language = "zh" if viewer.language.startswith("zh") else "en"
    other: Language = "en" if spoken == "zh" else "zh"
    try:
        pin = retriever.pin()
        for language in (spoken, other):
            tried = list(_suggestions(viewer, language))[:_MOST_TRIED]
            if tried and (answered := _answered(viewer, tried, pin, retriever, verdicts)):
                return answered
    except KbchatError:
        pass
    return []


def _answered(
    viewer: Viewer,
    tried: list[Suggestion],
    pin: Pin,
    retriever: TellingRetriever,
    verdicts: RememberedVerdicts,
) -> list[str]:
    deadline = Deadline.after(_SECONDS)
    basis = retriever.basis(viewer, pin)

    def search(question: str) -> Retrieval:
        return retriever.retrieve(viewer, question, pin, limit=FIRST, deadline=deadline)

    def is_answered(suggestion: Suggestion) -> bool:
        return verdicts.verdict(suggestion, pin, basis, search)

    return leading_back(tried, is_answered, most=_MOST, deadline=deadline)


def _suggestions(viewer: Viewer, language: Language) -> Iterator[Suggestion]:
    """Of two documents with the same title, one."""
    titles: set[str] = set()
    for outline in outlines(viewer, language, most=_DOCUMENTS_LOOKED_AT):
        questions = questions_about(outline, language)
        if questions and outline.title.strip() not in titles:
            titles.add(outline.title.strip())
            yield questions[0], outline.document_id

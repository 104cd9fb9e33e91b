"""What could be asked next: of the passages that a turn found and did not use, what a search leads back to.

Nothing is suggested that the turn has not shown, so a suggestion tells no more than its sources, and is masked with
them. No model is asked: what it made up would have to be searched for in the same way, at the price of another
call.
"""

from collections.abc import Collection, Iterator
from typing import Final
from uuid import UUID

from kbchat.answering.gathering import Gathering
from kbchat.answering.leading_back import FIRST, Suggestion, leading_back, leads_back
from kbchat.answering.ports import Environment, Question
from kbchat.answering.suggesting import questions_about
from kbchat.answering.wording import language_for
from kbchat.retrieval.port import Outline, Part, Passage

MOST_FOLLOW_UPS: Final = 3
_MOST_TRIED: Final = 6
_NEAREST: Final = 10
"""Of what was found; the rest has little to do with the question."""
_SECONDS: Final = 1.0


def follow_ups(
    question: Question, environment: Environment, gathering: Gathering, used: Collection[Passage]
) -> list[str]:
    """At most MOST_FOLLOW_UPS questions about what was found beside the passages `used`. Blocking."""
    said = {text.casefold() for text in question.said}
    deadline = environment.deadline.within(_SECONDS)
    tried = [one for one in _suggestions(question, gathering, used) if one[0].casefold() not in said]

    def is_answered(suggestion: Suggestion) -> bool:
        retrieval = environment.retriever.retrieve(
            question.viewer,
            suggestion[0],
            environment.pin,
            limit=FIRST,
            scope=question.scope,
            as_of=question.as_of,
            deadline=deadline,
        )
        return leads_back(retrieval, suggestion)

    return leading_back(tried[:_MOST_TRIED], is_answered, most=MOST_FOLLOW_UPS, deadline=deadline)


def _suggestions(question: Question, gathering: Gathering, used: Collection[Passage]) -> Iterator[Suggestion]:
    """With their documents: those of the answer first, then as they were found; each tells one thing, then the next."""
    language = language_for(*question.said)
    answered = {(passage.version_id, passage.heading_path) for passage in used}
    mine = {passage.version_id for passage in used}
    documents: dict[UUID, list[Passage]] = {}
    found = [gathering.offered[number] for number in sorted(gathering.offered)][:_NEAREST]
    for passage in sorted(found, key=lambda passage: passage.version_id not in mine):
        if passage.language == language and (passage.version_id, passage.heading_path) not in answered:
            documents.setdefault(passage.version_id, []).append(passage)
    outlines = [
        Outline(of[0].document_id, of[0].title, [Part(passage.heading_path, passage.text) for passage in of])
        for of in documents.values()
    ]
    told = [(outline, questions_about(outline, language)) for outline in outlines]
    for place in range(max((len(questions) for _, questions in told), default=0)):
        yield from (
            (questions[place], outline.document_id) for outline, questions in told if place < len(questions)
        )

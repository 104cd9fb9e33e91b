"""Whether a question that a document suggests is answered by it: whether a search for it leads back there, for this
viewer and with what ranks now."""

from collections.abc import Callable, Iterable
from typing import Final
from uuid import UUID

from kbchat.core.deadline import Deadline
from kbchat.core.errors import KbchatError
from kbchat.retrieval.port import Retrieval

FIRST: Final = 3
"""Search has to bring what is asked about among so many passages."""

Suggestion = tuple[str, UUID]
"""A question, and the document that it was made of."""


def leads_back(retrieval: Retrieval, suggestion: Suggestion) -> bool:
    """`retrieval`: of FIRST passages, for the suggestion's question."""
    return any(passage.document_id == suggestion[1] for passage in retrieval.passages)


def leading_back(
    suggestions: Iterable[Suggestion],
    is_answered: Callable[[Suggestion], bool],
    *,
    most: int,
    deadline: Deadline,
) -> list[str]:
    """The questions of the first `most` suggestions that lead back; fewer where the time is over or a search fails.
    Blocking."""
    found: list[str] = []
    for suggestion in suggestions:
        question, _ = suggestion
        if question in found:
            continue  # the library has this document twice
        try:
            verdict = is_answered(suggestion)
        except KbchatError:
            break
        if verdict:
            found.append(question)
        if len(found) == most or deadline.has_passed:
            break
    return found

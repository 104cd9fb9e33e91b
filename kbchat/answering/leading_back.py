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


def leading_back(
    suggestions: Iterable[tuple[str, UUID]],
    search: Callable[[str], Retrieval],
    *,
    most: int,
    deadline: Deadline,
) -> list[str]:
    """The first `most` of the suggestions, each with its document, that lead back; fewer where the time is over or a
    search fails. `search`: brings FIRST passages. Blocking."""
    found: list[str] = []
    for suggestion, document in suggestions:
        if suggestion in found:
            continue  # the library has this document twice
        try:
            retrieval = search(suggestion)
        except KbchatError:
            break
        if any(passage.document_id == document for passage in retrieval.passages):
            found.append(suggestion)
        if len(found) == most or deadline.has_passed:
            break
    return found

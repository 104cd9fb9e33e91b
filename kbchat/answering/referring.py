"""Whom a refusal sends the asker to: the owners of the collections whose passages were nearest.

It knows what was shown to him, and the scope that he chose, and nothing else: whether an answer is missing or hidden
makes no difference.
"""

from collections.abc import Mapping
from typing import Final

from kbchat.answering.events import OwnersNamed
from kbchat.answering.ports import Environment, Question
from kbchat.retrieval.port import Passage

_MOST_COLLECTIONS: Final = 2
_MOST_OWNERS: Final = 3


async def owners_to_ask(
    question: Question, environment: Environment, offered: Mapping[int, Passage]
) -> list[OwnersNamed]:
    """One event for each collection, nearest first; [] where nobody is known."""
    if environment.owners is None:
        return []
    nearest = [offered[number].collection_id for number in sorted(offered)]
    collections = list(dict.fromkeys(nearest or question.scope.collection_ids))[:_MOST_COLLECTIONS]
    return [
        OwnersNamed(collection_name=name, owners=list(owners[:_MOST_OWNERS]))
        for name, owners in (await environment.owners(collections) if collections else ())
    ]

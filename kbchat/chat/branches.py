"""One line of questions through a conversation's tree. Inside `viewing`: his own."""

from uuid import UUID

from kbchat.chat.models import Conversation, Turn
from kbchat.core.errors import NotFound


def turns_above(turn: Turn, *, most: int | None = None) -> list[Turn]:
    """The turns that this one follows, oldest first; the nearest `most`."""
    parents = dict(Turn.objects.filter(conversation=turn.conversation_id).values_list("pk", "parent_id"))
    chain: list[UUID] = []
    above = turn.parent_id
    while above is not None and (most is None or len(chain) < most):
        chain.append(above)
        above = parents[above]
    found = Turn.objects.in_bulk(chain)
    return [found[pk] for pk in reversed(chain)]


def branch_to(conversation: Conversation, turn_id: UUID | None) -> list[Turn]:
    """From the first question to this one (None: to the newest), oldest first. Raises NotFound."""
    turns = Turn.objects.filter(conversation=conversation)
    last = turns.order_by("-created_at").first() if turn_id is None else turns.filter(pk=turn_id).first()
    if last is None:
        if turn_id is None:
            return []
        raise NotFound
    return [*turns_above(last), last]

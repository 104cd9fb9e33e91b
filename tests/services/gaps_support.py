"""Refused questions, and what is reported of them, for tests of the board."""

from uuid import UUID, uuid4

from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.chat.models import Conversation, Turn, TurnState
from kbchat.core.viewer import Viewer
from kbchat.evaluation.asking import Searching
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.insights.board import GapRow, list_gaps
from kbchat.insights.reporting import OwnReport, Wish, report_gap
from kbchat.retrieval.port import EVERYTHING, Scope
from kbchat.retrieval.retriever import PostgresRetriever
from kbchat.retrieval.scopes import to_stored

ENCODERS = only(HashEmbedder())
SEARCHING = Searching(PostgresRetriever(ENCODERS), ENCODERS)
PIER = "Which pier does the ferry to Oslo leave from?"


def refused(
    viewer: Viewer, question: str = PIER, *, scope: Scope = EVERYTHING, state: str = TurnState.REFUSED
) -> tuple[UUID, UUID]:
    """A conversation of his, and its turn."""
    with viewing(viewer):
        opened = Conversation.objects.create(owner_id=viewer.user_id, title=question)
        turn = Turn.objects.create(
            conversation=opened,
            owner_id=viewer.user_id,
            client_message_id=uuid4(),
            question=question,
            scope=to_stored(scope),
            state=state,
            finished_at=timezone.now(),
        )
    return opened.pk, turn.pk


def report(viewer: Viewer, place: tuple[UUID, UUID], wish: Wish | None = None) -> OwnReport:
    return report_gap(viewer, *place, wish or Wish(), retriever=SEARCHING.retriever, encoders=ENCODERS)


def reported(
    viewer: Viewer, question: str = PIER, *, scope: Scope = EVERYTHING, wish: Wish | None = None
) -> tuple[UUID, UUID]:
    place = refused(viewer, question, scope=scope)
    report(viewer, place, wish)
    return place


def questions_of(viewer: Viewer) -> list[list[str]]:
    """Of each gap that he sees."""
    return [[one.question for one in row.reports] for row in list_gaps(viewer)]


def the_gap(viewer: Viewer) -> GapRow:
    [row] = list_gaps(viewer)
    return row

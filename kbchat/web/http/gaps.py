"""Knowledge gaps: reported by those whose question was refused, and the board on which they are settled."""

from typing import Annotated
from uuid import UUID

from ninja import Router, Status
from pydantic import Field

from kbchat.composition import encoders, retriever
from kbchat.core.errors import Unavailable
from kbchat.evaluation.asking import Searching
from kbchat.insights import asking_again, board, reporting
from kbchat.insights.models import GapState
from kbchat.web import gap_shapes, shapes
from kbchat.web.http.credentials import ViewerRequest
from kbchat.web.warming import is_warming_up

router = Router()


class ReportWish(shapes.Body):
    """`may_be_named`: whoever reads the report is told the caller's name."""

    comment: Annotated[str, Field(max_length=100_000)] = ""
    may_be_named: bool = False


class GapWish(shapes.Body):
    """`assignee_id`: of "assigned". `document_id`: of "answered"."""

    state: gap_shapes.State
    assignee_id: UUID | None = None
    document_id: UUID | None = None


@router.get("/gap-reports", response=list[gap_shapes.GapReport])
def read_gap_reports(request: ViewerRequest) -> list[reporting.OwnReport]:
    """The caller's own."""
    return reporting.own_reports(request.auth)


@router.post(
    "/conversations/{uuid:conversation_id}/turns/{uuid:turn_id}/gap-report", response=gap_shapes.GapReport
)
def report_gap(
    request: ViewerRequest, conversation_id: UUID, turn_id: UUID, wish: ReportWish
) -> reporting.OwnReport:
    """Hands a question over that was refused, in place of what was said of it before: to administrators and to owners
    of the collections in which it was asked."""
    return reporting.report_gap(
        request.auth,
        conversation_id,
        turn_id,
        reporting.Wish(wish.comment, wish.may_be_named),
        retriever=retriever(),
        encoders=None if is_warming_up() else encoders(),
    )


@router.delete("/conversations/{uuid:conversation_id}/turns/{uuid:turn_id}/gap-report", response={204: None})
def withdraw_gap_report(request: ViewerRequest, conversation_id: UUID, turn_id: UUID) -> Status[None]:
    reporting.withdraw_gap(request.auth, conversation_id, turn_id)
    return Status(204, None)


@router.get("/gaps", response=list[gap_shapes.Gap])
def read_gaps(request: ViewerRequest) -> list[board.GapRow]:
    """For administrators, owners of the collections in which it was asked, and whoever it is given to: what askers
    handed over, those still to be settled first. That it was read is recorded."""
    return board.list_gaps(request.auth)


@router.patch("/gaps/{uuid:gap_id}", response=gap_shapes.Gap)
def change_gap(request: ViewerRequest, gap_id: UUID, wish: GapWish) -> board.GapRow:
    """Give it to somebody, settle it by a document that answers or without one, or open it again."""
    change = board.GapChange(GapState(wish.state), wish.assignee_id, wish.document_id)
    return board.change_gap(request.auth, gap_id, change)


@router.get("/gaps/{uuid:gap_id}/answerers", response=list[gap_shapes.Answerer])
def read_answerers(request: ViewerRequest, gap_id: UUID) -> list[board.Answerer]:
    """Who may add a document where it was asked."""
    return board.list_answerers(request.auth, gap_id)


@router.post("/gaps/{uuid:gap_id}/search", response=gap_shapes.FoundAgain)
def ask_gap_again(request: ViewerRequest, gap_id: UUID) -> asking_again.FoundAgain:
    """Whether the library answers the question by now, under the caller's own rights."""
    if is_warming_up():
        raise Unavailable("search_model_unavailable")
    return asking_again.ask_again(request.auth, gap_id, Searching(retriever(), encoders()))

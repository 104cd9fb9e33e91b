"""What people say of their answers, and what administrators are told of it."""

from typing import Annotated
from uuid import UUID

from ninja import Router, Status
from pydantic import Field

from kbchat.chat import feedback
from kbchat.chat.models import Feedback
from kbchat.web import feedback_shapes, shapes
from kbchat.web.http.credentials import ViewerRequest

router = Router()


class OpinionWish(shapes.Body):
    """`reasons`: of an answer that did not help. `is_handed_over`: administrators may read question and comment."""

    is_helpful: bool
    reasons: Annotated[list[feedback_shapes.Reason], Field(max_length=10)] = Field(default_factory=list)
    comment: Annotated[str, Field(max_length=100_000)] = ""
    is_handed_over: bool = False


@router.post(
    "/conversations/{uuid:conversation_id}/turns/{uuid:turn_id}/feedback", response=feedback_shapes.Feedback
)
def give_feedback(
    request: ViewerRequest, conversation_id: UUID, turn_id: UUID, wish: OpinionWish
) -> Feedback:
    """On an answer of the caller's, in place of what he said before."""
    opinion = feedback.Opinion(wish.is_helpful, wish.reasons, wish.comment, wish.is_handed_over)
    return feedback.give_feedback(request.auth, conversation_id, turn_id, opinion)


@router.delete("/conversations/{uuid:conversation_id}/turns/{uuid:turn_id}/feedback", response={204: None})
def take_feedback_back(request: ViewerRequest, conversation_id: UUID, turn_id: UUID) -> Status[None]:
    feedback.take_feedback_back(request.auth, conversation_id, turn_id)
    return Status(204, None)


@router.get("/feedback", response=feedback_shapes.FeedbackReport)
def read_feedback(request: ViewerRequest) -> feedback.FeedbackReport:
    """For administrators: counts of all, and what their authors hand over. That it was read is recorded."""
    return feedback.read_feedback(request.auth)

"""What goes over the wire of feedback on answers."""

from datetime import datetime
from typing import Literal

from kbchat.web.shapes import Shape

Reason = Literal["wrong", "incomplete", "outdated", "not_found", "other"]


class Feedback(Shape):
    """The reader's own, on an answer of his. `is_handed_over`: administrators may read the question and the comment."""

    is_helpful: bool
    reasons: list[Reason]
    comment: str
    is_handed_over: bool


class HandedFeedback(Shape):
    """Whose it is, nobody is told."""

    changed_at: datetime
    is_helpful: bool
    reasons: list[Reason]
    question: str
    comment: str


class FeedbackReport(Shape):
    """For administrators. `helpful`, `unhelpful` and `reasons` count all of it; `handed_over`: what their authors let
    be read, newest first."""

    helpful: int
    unhelpful: int
    reasons: dict[Reason, int]
    handed_over: list[HandedFeedback]

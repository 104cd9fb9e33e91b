"""What the caller is to be told inside the program."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Router, Status

from kbchat.accounts import notices
from kbchat.accounts.models import NoticeKind
from kbchat.insights.reporting import asked_questions
from kbchat.web.conversation_shapes import Scope
from kbchat.web.http.credentials import ViewerRequest
from kbchat.web.shapes import Shape

router = Router()


class AskedQuestion(Shape):
    """The caller's own, to be asked again. `scope`: of what he asked it, as far as he still sees it."""

    question: str
    scope: Scope


class Notice(Shape):
    """`person`: the name of whom it is about. Where it is about somebody else, `email` is his. `asked`: what a document
    answers by now."""

    id: UUID
    kind: NoticeKind
    person: str
    email: str
    at: datetime
    asked: AskedQuestion | None


@router.get("/notices", response=list[Notice])
def read_notices(request: ViewerRequest) -> list[dict[str, Any]]:
    """Of a question that is gone meanwhile, nothing is told."""
    told = notices.list_notices(request.auth)
    answered = {each.about for each in told if each.kind == NoticeKind.GAP_ANSWERED and each.about}
    asked = asked_questions(request.auth, answered)
    return [
        {
            "id": each.pk,
            "kind": each.kind,
            "person": each.person.name,
            "email": each.person.email,
            "at": each.at,
            "asked": asked.get(each.about) if each.about else None,
        }
        for each in told
        if each.kind != NoticeKind.GAP_ANSWERED or each.about in asked
    ]


@router.delete("/notices/{uuid:notice_id}", response={204: None})
def dismiss_notice(request: ViewerRequest, notice_id: UUID) -> Status[None]:
    notices.dismiss(request.auth, notice_id)
    return Status(204, None)

"""What the caller is to be told inside the program."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Router, Status

from kbchat.accounts import notices
from kbchat.accounts.models import NoticeKind
from kbchat.web.http.credentials import ViewerRequest
from kbchat.web.shapes import Shape

router = Router()


class Notice(Shape):
    """`person`: the name of whom it is about. Where it is about somebody else, `email` is his."""

    id: UUID
    kind: NoticeKind
    person: str
    email: str
    at: datetime


@router.get("/notices", response=list[Notice])
def read_notices(request: ViewerRequest) -> list[dict[str, Any]]:
    return [
        {
            "id": each.pk,
            "kind": each.kind,
            "person": each.person.name,
            "email": each.person.email,
            "at": each.at,
        }
        for each in notices.list_notices(request.auth)
    ]


@router.delete("/notices/{uuid:notice_id}", response={204: None})
def dismiss_notice(request: ViewerRequest, notice_id: UUID) -> Status[None]:
    notices.dismiss(request.auth, notice_id)
    return Status(204, None)

"""Where the reader is signed in, and signing out from afar. Only a session manages sessions."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ninja import Router, Status

from kbchat.accounts.models import OpenSession, User
from kbchat.accounts.open_sessions import end_all_sessions, end_session, list_open_sessions
from kbchat.web import shapes
from kbchat.web.authentication import close_session
from kbchat.web.devices import browser_of, system_of
from kbchat.web.http.credentials import ViewerRequest, require_session
from kbchat.web.ws.ending import announce_end

router = Router()


@dataclass(frozen=True, slots=True)
class SessionRow:
    id: UUID
    browser: str
    system: str
    opened_at: datetime
    last_seen_at: datetime
    is_this: bool


@router.get("/sessions", response=list[shapes.OpenSession])
def list_sessions(request: ViewerRequest) -> list[SessionRow]:
    """The one that was used last comes first."""
    this = request.session.session_key
    return [_row(opened, this) for opened in list_open_sessions(require_session(request))]


@router.delete("/sessions", response={204: None})
def end_sessions(request: ViewerRequest) -> Status[None]:
    """Signs the reader out everywhere, here too. API keys stay."""
    person = require_session(request)
    end_all_sessions(person)
    close_session(request)
    announce_end(person.pk)
    return Status(204, None)


@router.delete("/sessions/{uuid:session_id}", response={204: None})
def end_one_session(request: ViewerRequest, session_id: UUID) -> Status[None]:
    person: User = require_session(request)
    end_session(person, session_id)
    announce_end(person.pk)
    return Status(204, None)


def _row(opened: OpenSession, this: str | None) -> SessionRow:
    return SessionRow(
        id=opened.pk,
        browser=browser_of(opened.device),
        system=system_of(opened.device),
        opened_at=opened.opened_at,
        last_seen_at=opened.last_seen_at,
        is_this=opened.session_id == this,
    )

"""Choosing a password by a link, and asking for one. For people who cannot sign in."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from kbchat.accounts.choosing_password import choose_password
from kbchat.web import people_shapes, shapes
from kbchat.web.attempts import count_reset
from kbchat.web.http.credentials import require_csrf_token
from kbchat.web.mailing import send_reset, sends_mail
from kbchat.web.ws.ending import announce_end

router = Router()


class LostPassword(shapes.Body):
    email: Annotated[str, Field(max_length=254)]


class ChosenPassword(shapes.Body):
    """`token`: what stands behind the "#" of the link."""

    token: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=1000)]


@router.post("/password-resets", auth=None, response={202: people_shapes.ResetAnswer})
def ask_for_link(request: HttpRequest, lost: LostPassword) -> Status[dict[str, bool]]:
    """If somebody has this address, a link is on its way to it. The answer is the same if not, and takes as long."""
    require_csrf_token(request)
    count_reset(lost.email, request.META.get("REMOTE_ADDR", ""))
    send_reset(lost.email)
    return Status(202, {"is_mailed": sends_mail()})


@router.post("/passwords", auth=None, response={204: None})
def set_password(request: HttpRequest, chosen: ChosenPassword) -> Status[None]:
    """Everybody who was signed in as this person is signed out; he signs in with the new one."""
    require_csrf_token(request)
    person = choose_password(chosen.token, chosen.password)
    announce_end(person.pk)
    return Status(204, None)

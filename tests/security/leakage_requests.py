"""Requests of the people of the leakage world, each sent from his own browser, and everything that comes back."""

from typing import Any

from asgiref.sync import async_to_sync
from django.test import Client

from tests.security.filling import Ids, Request, uploaded
from tests.security.leakage_world import Person, email_of, put_back

# One for all: making one loads every middleware.
BROWSER = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})


def send(person: Person, request: Request) -> bytes:
    """Everything that comes back to a browser of his as it was when he signed in; what it changes is undone."""
    with put_back():
        return send_for_good(person, request)


def send_for_good(person: Person, request: Request) -> bytes:
    BROWSER.cookies.clear()
    BROWSER.cookies.load(person.cookies)
    reply = _reply(request, {"x-csrftoken": person.cookies["kbchat_csrf"]})
    body = async_to_sync(_streamed)(reply) if reply.streaming else reply.content
    for cookie in reply.cookies.values():
        cookie["expires"] = ""  # Max-Age says the same, and not by the clock.
    head = f"{reply.status_code} {reply.reason_phrase}\n{reply.headers}\n{reply.cookies.output()}\n"
    return head.encode() + body


def _reply(request: Request, headers: dict[str, str]) -> Any:
    if request.files:
        return BROWSER.post(request.path, uploaded(request.files), headers=headers)
    content = {} if request.body is None else {"data": request.body, "content_type": "application/json"}
    return getattr(BROWSER, request.method)(request.path, headers=headers, **content)


async def _streamed(reply: Any) -> bytes:
    return b"".join([piece async for piece in reply.streaming_content])


def known(person: Person, ids: Ids) -> Ids:
    return {**ids, "email": email_of(person.name), "person": email_of("reader")}

"""Whether time tells what is hidden from what does not exist (T4), in the library of 100,000 passages.

    python -m bench.existence FOLDER

FOLDER keeps the library, as for bench.permissions. The routes are read from the API's own document: every one that
takes an id is asked as somebody who may read 1 %, with ids of what is hidden from him and of nothing, in turns.
Requests go through the whole program in this process, so that no network hides a difference.

A difference tells something where it is significant (Mann-Whitney, p <= 0.01) and the medians are 5 ms apart or more.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from bench.passages import real_passages
from bench.permissions import APPLICATION, PROJECT, QUESTIONS, library
from bench.ranks import mann_whitney
from bench.servers import acting_as

READER: Final = "one"
SIGNIFICANT: Final = 0.01
MOST_SECONDS: Final = 0.005
_NOT_FOUND = 404
# Such as a client makes for itself, and whom a request may name.
_MADE: Final = {
    "client_message_id": str(uuid4()),
    "email": f"{READER}@example.com",
    "person": "ten@example.com",
}

Ids = dict[str, str]


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds, sample by sample."""

    route: str
    hidden: list[float]
    absent: list[float]

    @property
    def apart(self) -> float:
        return statistics.median(self.hidden) - statistics.median(self.absent)

    @property
    def tells(self) -> bool:
        return mann_whitney(self.hidden, self.absent) <= SIGNIFICANT and abs(self.apart) >= MOST_SECONDS

    def __str__(self) -> str:
        medians = " | ".join(f"{statistics.median(each) * 1000:.2f}" for each in (self.hidden, self.absent))
        chance = mann_whitney(self.hidden, self.absent)
        verdict = "**tells**" if self.tells else "no"
        return f"| {self.route} | {medians} | {self.apart * 1000:+.2f} | {chance:.3f} | {verdict} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="keeps the library for the next time")
    parser.add_argument("--samples", type=int, default=200, help="of each kind, for each route")
    arguments = parser.parse_args()
    shared = Path(os.environ.get("KBCHAT_SHARED_DATA", PROJECT.parent / "shared" / "data"))
    real = real_passages(shared / "handbooks" / "18f" / "pages", QUESTIONS, arguments.folder / "real")
    with library(arguments.folder, real):
        measured = measure(arguments.samples)
    sys.exit(1 if any(each.tells for each in measured) else 0)


def measure(samples: int) -> list[Measured]:
    """Everything that is made for it is undone."""
    from django.db import transaction

    print("| route | hidden, ms | absent, ms | apart, ms | p | by time |\n|---|---|---|---|---|---|")
    found = []
    with transaction.atomic():
        several = _hidden(samples)
        with acting_as(APPLICATION):
            for each in _each_route(_signed_in(), several):
                print(each, flush=True)
                found.append(each)
        transaction.set_rollback(True)
    return found


def _each_route(client: Any, several: list[Ids]) -> Iterator[Measured]:
    """Where what is hidden is asked for otherwise than what is absent, and is not found."""
    from tests.security.filling import routes

    for route in routes():
        for kind, told in enumerate((str(route), f"{route} with everything")):
            one, other = _pair(route, several[0], kind)
            is_told = kind and one == _pair(route, several[0], 0)[0]
            if route.method != "head" and one != other and not is_told and _status(client, one) == _NOT_FOUND:
                yield _measured(client, told, [_pair(route, ids, kind) for ids in several])


def _pair(route: Any, ids: Ids, kind: int) -> tuple[Any, Any]:
    """The request for what is hidden, and the same for nothing."""
    others = {name: str(uuid4()) for name in ids}
    one, other = ([*route.requests(each | _MADE)] for each in (ids, others))
    return one[kind], other[kind]


def _measured(client: Any, told: str, pairs: list[tuple[Any, Any]]) -> Measured:
    """In turns, and each first in every other turn."""
    hidden, absent = [], []
    for number, (one, other) in enumerate(pairs):
        if number % 2:
            hidden.append(_seconds(client, one))
        absent.append(_seconds(client, other))
        if not number % 2:
            hidden.append(_seconds(client, one))
    return Measured(told, hidden, absent)


def _hidden(count: int) -> list[Ids]:
    """Ids of what the reader may not read: documents, one after another, and what the owner has for himself."""
    from django.utils import timezone

    from kbchat.access.models import Grant
    from kbchat.access.viewers import viewer_of
    from kbchat.accounts.api_keys import create_api_key
    from kbchat.accounts.models import Group, OpenSession, User
    from kbchat.chat.models import Turn
    from kbchat.chat.sharing import share_conversation
    from kbchat.chat.turns import Ask, open_turn
    from kbchat.documents.models import DocumentVersion, Section

    person = User.objects.get(email="owner@example.com")
    owner = viewer_of(person)
    _browser(person)
    key, _ = create_api_key(person, "Script")
    asked = open_turn(owner, Ask(client_message_id=uuid4(), question="What is there?"))
    Turn.objects.filter(pk=asked.turn_id).update(state="done", finished_at=timezone.now())
    link = share_conversation(owner, asked.conversation_id, turn_id=None, days=7)
    closure = Grant.objects.filter(section__isnull=False, deny=True).order_by("pk")[0]
    groups = Group.objects.order_by("name")
    theirs = {
        "conversation_id": asked.conversation_id,
        "turn_id": asked.turn_id,
        "share_id": link.share.id,
        "key_id": key.pk,
        "session_id": OpenSession.objects.get(user=person).pk,
        "closure_id": closure.pk,
        "group_id": groups[0].pk,
        "included_id": groups[1].pk,
        "id": person.pk,
        "person_id": person.pk,
    }
    versions = DocumentVersion.objects.filter(document__collection__name="large").order_by("pk")
    rows = versions.values_list("pk", "document_id", "document__collection_id")[:count]
    found = []
    for version, document, collection in rows:
        ids = theirs | {"version_id": version, "document_id": document, "collection_id": collection}
        ids["section_id"] = Section.objects.filter(document=document, path=["First"]).get().pk
        ids["grant_id"] = Grant.objects.filter(collection=collection).order_by("pk")[0].pk
        found.append({name: str(value) for name, value in ids.items()})
    return found


def _signed_in() -> Any:
    from kbchat.accounts.models import User

    return _browser(User.objects.get(email=f"{READER}@example.com"))


def _browser(person: Any) -> Any:
    from django.test import Client

    client = Client(headers={"accept-language": "en", "host": "localhost"})
    credentials = {"email": person.email, "password": "only-here"}
    reply = client.post("/api/v1/session", credentials, content_type="application/json")
    assert reply.status_code == 200, reply.content
    return client


def _seconds(client: Any, request: Any) -> float:
    started = time.perf_counter()
    status = _status(client, request)
    seconds = time.perf_counter() - started
    assert status == _NOT_FOUND, (str(request), status)
    return seconds


def _status(client: Any, request: Any) -> int:
    from tests.security.filling import uploaded

    if request.files:
        return int(client.post(request.path, uploaded(request.files)).status_code)
    content = {} if request.body is None else {"data": request.body, "content_type": "application/json"}
    return int(getattr(client, request.method)(request.path, **content).status_code)


if __name__ == "__main__":
    main()

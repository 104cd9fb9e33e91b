"""One company whose documents, names and answers hold canaries, and the people who ask about it.

It is committed, so that sockets and answers processes see it; whoever changes it puts it back (`put_back`).
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import redis
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from kbchat.access import viewing
from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.access.viewers import viewer_of
from kbchat.accounts.api_keys import create_api_key
from kbchat.accounts.models import Group, Notice, NoticeKind, OpenSession, Passkey, User
from kbchat.accounts.people import create_person, ensure_group
from kbchat.accounts.recovery_codes import make_codes
from kbchat.chat.conversations import change_conversation
from kbchat.chat.feedback import Opinion, give_feedback
from kbchat.chat.sharing import share_conversation
from kbchat.chat.turns import AcceptedTurn
from kbchat.core.deadline import Deadline
from kbchat.core.viewer import Viewer
from kbchat.evaluation.asking import Searching
from kbchat.evaluation.keeping import QuestionWish, keep_question
from kbchat.evaluation.runs import continue_run, start_run
from kbchat.glossary.models import GlossaryEntry
from kbchat.indexing.encoders import only
from kbchat.indexing.models import ActiveGeneration
from kbchat.inference.scripted import HashEmbedder
from kbchat.insights.reporting import Wish
from kbchat.library.collections import CollectionRow, create_collection
from kbchat.library.documents import document_row
from kbchat.library.models import SourceItem, SourceRun
from kbchat.library.sections import close_section, list_sections
from kbchat.library.sharing import give_grant, take_grant
from kbchat.library.sources.keeping import SourceWish, keep_source, schedule_source
from kbchat.library.uploading import Upload, replace, upload
from kbchat.rebuilding.models import Build, BuildState
from kbchat.retention.holds import hold_document
from kbchat.retrieval.port import Scope
from kbchat.retrieval.retriever import PostgresRetriever
from kbchat.sources.port import Surroundings
from tests.company import MAX_BYTES, ingest, markdown
from tests.passkey_device import Device
from tests.security.canaries import CANARIES, FILENAME, HANDBOOK, MAY_READ, OLDER, PDF_NAME, found_in, pdf
from tests.security.filling import Ids
from tests.servers import as_worker, empty_tables
from tests.services.chat_support import answering, ask, followed, row_of
from tests.services.gaps_support import reported, the_gap
from tests.web.conftest import PASSWORD, browser

OPEN_QUESTION = "What is the first rule of the house?"
CLOSED_QUESTION = "What is the vault code of the board?"


@dataclass(frozen=True)
class Person:
    """`hidden`: ids that must look to him like ids of nothing; of those in `told_of` he knows that they are there.
    `own`: of his own conversation and its turn."""

    name: str
    viewer: Viewer | None
    cookies: dict[str, str]
    asked: AcceptedTurn | None
    hidden: frozenset[str]
    told_of: frozenset[str]

    @property
    def forbidden(self) -> dict[str, str]:
        return {place: word for place, word in CANARIES.items() if place not in MAY_READ[self.name]}

    @property
    def own(self) -> Ids:
        return _ids_of(self.asked) if self.asked else {}

    def leaked(self, said: str | bytes) -> list[str]:
        return found_in(self.forbidden, said)


@dataclass(frozen=True)
class World:
    """`targets`: the owner's ids, once for each version of each document. `secret`: his API key."""

    people: dict[str, Person]
    targets: list[Ids]
    secret: str

    def aimed_at(self, person: Person) -> list[Ids]:
        """What he tries: everything of the owner's, and his own conversation."""
        return [*self.targets, {**self.targets[0], **person.own}]


def absent(person: Person, ids: Ids) -> Ids:
    """The same ids, with such as name nothing in place of those that are hidden from him."""
    return {name: _nobodys(value) if value in person.hidden else value for name, value in ids.items()}


def _nobodys(value: str) -> str:
    """Of the same kind."""
    return "999999999" if value.isdigit() else str(uuid4())


@contextmanager
def put_back() -> Iterator[None]:
    """What happens inside to the database is undone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def as_the_owner(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on the database answers everybody as it answers the owner: every check has to see that."""
    owner = world.people["owner"].viewer
    assert owner is not None
    set_viewer = viewing._set
    monkeypatch.setattr(
        viewing, "_set", lambda person, within: set_viewer(person and str(owner.user_id), within)
    )


@contextmanager
def standing_world() -> Iterator[World]:
    """Where a test module may reach the database."""
    try:
        yield _found()
    finally:
        empty_tables()
        redis.Redis.from_url(settings.REDIS_URL).flushdb()


def _found() -> World:
    users = {name: _user(name) for name in MAY_READ if name != "anonymous"}
    viewers = {name: viewer_of(user) for name, user in users.items()}
    owner = viewers["owner"]
    shelf = create_collection(
        owner, name=f"Shelf {CANARIES['collection']}", description=f"About {CANARIES['description']}"
    )
    versions = _fill(owner, shelf)
    grants = _share(owner, shelf, users)
    key, secret = create_api_key(users["owner"], f"Script {CANARIES['api_key']}")
    asked = _answers(viewers)
    change_conversation(owner, asked["owner"].conversation_id, title=f"About {CANARIES['conversation']}")
    _give_feedback(owner, asked["owner"])
    link = share_conversation(owner, asked["owner"].conversation_id, turn_id=None, days=7)
    cookies = {name: _signed_in(user) for name, user in users.items()} | {"anonymous": _cookies(browser())}
    # Afterwards, for with it a password alone would no longer sign the owner in.
    passkey = _passkey(users["owner"])
    # From here on nobody reads what he has lost.
    section, closure = _close(owner, UUID(versions[0]["document_id"]), users["denied"])
    take_grant(owner, grants["revoked"])
    User.objects.filter(pk=users["deactivated"].pk).update(is_active=False)
    shared = {
        "collection_id": str(shelf.id),
        "grant_id": str(grants["reader"]),
        "key_id": str(key.pk),
        "session_id": str(OpenSession.objects.get(user=users["owner"]).pk),
        "passkey_id": str(passkey.pk),
        "code": make_codes(users["owner"])[0],
        "section_id": str(section),
        "closure_id": str(closure),
        "id": str(users["reader"].pk),
        "person_id": str(users["reader"].pk),
        "group_id": str(Group.objects.get(memberships__user=users["reader"]).pk),
        "included_id": str(Group.objects.get(memberships__user=users["denied"]).pk),
        "share_id": str(link.share.id),
        "notice_id": str(Notice.objects.create(kind=NoticeKind.APP_ADDED, person=users["owner"]).pk),
        **_golden(owner, shelf, UUID(versions[0]["document_id"])),
        "source_id": _source(owner, shelf),
        "gap_id": _gap(owner),
        **_generation(users["owner"]),
        "entry_id": str(GlossaryEntry.objects.create(names=[CANARIES["glossary"], "word"]).pk),
        "hold_id": str(hold_document(owner, UUID(versions[0]["document_id"]), CANARIES["hold"]).id),
        "token": "guessed",
        **_ids_of(asked["owner"]),
    }
    targets = [shared | version for version in versions]
    hidden = _hidden(targets)
    people = {
        name: Person(name, viewers.get(name), cookies[name], asked.get(name), *hidden[name])
        for name in MAY_READ
    }
    return World(people, targets, secret)


def _share(owner: Viewer, shelf: CollectionRow, users: dict[str, User]) -> dict[str, UUID]:
    """The collection, with the reader through a group, and with some by themselves."""
    group = ensure_group(f"Staff {CANARIES['group']}", [users["reader"]])
    principals = {name: Principal("user", users[name].pk) for name in ("denied", "revoked", "deactivated")}
    principals["reader"] = Principal("group", group.pk)
    return {
        name: give_grant(owner, shelf.id, principal, Role.READER).id for name, principal in principals.items()
    }


def _close(owner: Viewer, document_id: UUID, denied: User) -> tuple[UUID, UUID]:
    """One section, to a group with him in it; gives the section and its closure."""
    contractors = ensure_group("Contractors", [denied])
    heading = f"Board matters {CANARIES['closed_heading']}"
    section = next(row.id for row in list_sections(owner, document_id) if row.path[-1] == heading)
    return section, close_section(owner, section, Principal("group", contractors.pk)).id


def email_of(name: str) -> str:
    return f"{CANARIES['email'] if name == 'owner' else name}@example.com"


def _user(name: str) -> User:
    manages = name in ("owner", "administrator")
    return create_person(
        email=email_of(name),
        name=name.title(),
        password=PASSWORD,
        is_administrator=manages,
        is_auditor=manages,
    )


def _passkey(owner: User) -> Passkey:
    name = f"Laptop {CANARIES['passkey']}"
    credential = bytes(Device().credential)
    return Passkey.objects.create(user=owner, name=name, credential_id="k", credential=credential, uses=0)


def _fill(owner: Viewer, shelf: CollectionRow) -> list[Ids]:
    """Two documents; gives the ids of the handbook as it is, of the PDF, and of the handbook as it was."""
    first = upload(owner, shelf.id, markdown(OLDER, FILENAME), max_bytes=MAX_BYTES)
    ingest()
    replace(owner, first.id, markdown(HANDBOOK, FILENAME), max_bytes=MAX_BYTES)
    printed = upload(owner, shelf.id, Upload(PDF_NAME, io.BytesIO(pdf())), max_bytes=MAX_BYTES)
    ingest()
    rows = [document_row(owner, first.id), document_row(owner, printed.id)]
    assert [row.state for row in rows] == ["ready", "ready"]
    found = [{"document_id": str(row.id), "version_id": str(row.version_id)} for row in rows]
    return [*found, {"document_id": str(first.id), "version_id": str(first.version_id)}]


def _give_feedback(owner: Viewer, asked: AcceptedTurn) -> None:
    """For himself on one answer, and handed over on another to the same question."""
    again = ask(owner, OPEN_QUESTION, after=asked)
    with answering():
        followed(owner, again)
    for turn, place in ((asked, "comment"), (again, "handed_comment")):
        opinion = Opinion(is_helpful=False, comment=CANARIES[place], is_handed_over=turn is again)
        give_feedback(owner, turn.conversation_id, turn.turn_id, opinion)


def _golden(owner: Viewer, shelf: CollectionRow, document: UUID) -> Ids:
    """Two golden questions, of a document and of the collection, and a run that has asked the first of them."""
    searching = Searching(PostgresRetriever(only(HashEmbedder())), only(HashEmbedder()))
    of_document = Scope(document_ids=(document,))
    first = keep_question(owner, QuestionWish(f"Who keeps the {CANARIES['golden']}?", of_document))
    keep_question(owner, QuestionWish("Who keeps the keys?", Scope((shelf.id,))))
    run = start_run(owner, searching)
    assert continue_run(owner, run.id, searching, deadline=Deadline.after(-1)).remaining == 1
    return {"question_id": str(first.id), "run_id": str(run.id)}


def _generation(owner: User) -> Ids:
    """The one that answers, and a build of another one that is held up."""
    waiting = Build.objects.create(state=BuildState.PAUSED, is_new=True, requested_by=owner)
    answering = str(ActiveGeneration.objects.get().generation_id)
    return {"generation_id": answering, "with_generation": answering, "build_id": str(waiting.pk)}


def _source(owner: Viewer, shelf: CollectionRow) -> str:
    """With an item that was refused, and a schedule."""
    place = {"folder": f"/srv/{CANARIES['source']}"}
    wish = SourceWish("folder", f"Files of {CANARIES['source']}", place)
    kept = keep_source(owner, shelf.id, wish, Surroundings(roots=(Path("/srv"),)))
    schedule_source(owner, kept.id, "0 2 * * *", "UTC")
    with as_worker():
        SourceItem.objects.create(
            source_id=kept.id, path=f"{CANARIES['source_item']}.md", problem="empty_file"
        )
        SourceRun.objects.create(source_id=kept.id, state="skipped", finished_at=timezone.now())
    return str(kept.id)


def _gap(owner: Viewer) -> str:
    """Of a question that he handed over, without his name."""
    reported(owner, "Where is the key of the cellar?", wish=Wish(CANARIES["gap_comment"]))
    return str(the_gap(owner).id)


def _answers(viewers: dict[str, Viewer]) -> dict[str, AcceptedTurn]:
    """Of everybody who may read at first: an answer that quotes what some of them may not read afterwards."""
    questions = dict.fromkeys(("owner", "reader", "revoked", "deactivated"), OPEN_QUESTION)
    questions["denied"] = CLOSED_QUESTION
    with answering():
        asked = {name: ask(viewers[name], question) for name, question in questions.items()}
        for name, turn in asked.items():
            followed(viewers[name], turn)
    for name, turn in asked.items():
        place = "closed_text" if name == "denied" else "first_chunk"
        answer = row_of(viewers[name], turn).answer
        assert found_in(CANARIES, answer) == [place], (name, answer)
    return asked


def _hidden(targets: list[Ids]) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Of each person what is hidden from him, and of that what lists tell him of: a document's version in force."""
    handbook, _, older = targets
    everything = frozenset(value for ids in targets for name, value in ids.items() if name != "id")
    managed = frozenset(
        handbook[name]
        for name in (
            *("person_id", "group_id", "included_id", "entry_id", "hold_id"),
            *("generation_id", "with_generation", "build_id", "gap_id"),
        )
    )
    theirs = (
        *("conversation_id", "turn_id", "key_id", "share_id", "session_id", "passkey_id", "notice_id"),
        *("question_id", "run_id", "source_id"),
    )
    owners = managed | {handbook[name] for name in theirs}
    version = frozenset((handbook["version_id"],))
    nothing = frozenset[str]()
    some = {
        "owner": (nothing, nothing),
        "reader": (owners, nothing),
        "administrator": (everything - managed, nothing),
        "denied": (owners | version | {older["version_id"]}, version),
    }
    return {name: some.get(name, (everything, nothing)) for name in MAY_READ}


def _ids_of(turn: AcceptedTurn) -> Ids:
    return {"conversation_id": str(turn.conversation_id), "turn_id": str(turn.turn_id)}


def _signed_in(user: User) -> dict[str, str]:
    client = browser()
    client.post(
        "/api/v1/session", {"email": user.email, "password": PASSWORD}, content_type="application/json"
    )
    return _cookies(client)


def _cookies(client: Client) -> dict[str, str]:
    return {name: morsel.value for name, morsel in client.cookies.items()}

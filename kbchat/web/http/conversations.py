"""A person's own conversations, and asking in them without a websocket: the same turns, by the same functions."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from ninja import Router, Status
from pydantic import Field

from kbchat.chat import conversations as chat
from kbchat.chat.exporting import export_conversation
from kbchat.chat.history import find_conversations
from kbchat.chat.turns import AcceptedTurn, Ask, open_turn, request_stop
from kbchat.core.typed_text import storable
from kbchat.core.viewer import KeyScope
from kbchat.web import conversation_shapes, shapes
from kbchat.web.conversation_markdown import as_markdown
from kbchat.web.http.credentials import ViewerRequest, by_key_for
from kbchat.web.language import reader_language

router = Router(auth=by_key_for(KeyScope.ASK))


class ConversationWish(shapes.Body):
    """What is left out stays as it is."""

    title: Annotated[str, Field(max_length=300)] | None = None
    is_pinned: bool | None = None


class Question(shapes.Body):
    """`client_message_id`: made by the client; sending the same question with it again is asking once. Empty `scope`:
    everything that the caller may read. `quotes_only`: the answer is made of sentences of the documents, and no model
    is asked."""

    client_message_id: UUID = Field(default_factory=uuid4)
    question: str
    scope: conversation_shapes.AskScope = conversation_shapes.AskScope()
    quotes_only: bool = False


class Opening(Question):
    """`is_temporary`: the conversation is in no list and handed over to nobody; it is erased a day after its last
    question at the latest, and when it is deleted."""

    is_temporary: bool = False


class Asking(Question):
    """`parent_turn_id`: the turn that the question follows; without it, nothing that was said before is known to it."""

    parent_turn_id: UUID | None = None


@router.get("/conversations", response=list[conversation_shapes.ConversationRow])
def read_conversations(request: ViewerRequest, q: Annotated[str, Field(max_length=1000)] = "") -> list[Any]:
    """Pinned ones first, then the newest; with `q`, the newest of those that have all of its words in their title, in a
    question or in an answer, and where."""
    if not storable(q).strip():
        return chat.list_conversations(request.auth)
    return [conversation_shapes.ConversationRow.of(found) for found in find_conversations(request.auth, q)]


@router.get("/conversations/{uuid:conversation_id}", response=conversation_shapes.ConversationDetail)
def read_conversation(request: ViewerRequest, conversation_id: UUID) -> chat.ConversationDetail:
    return chat.conversation(request.auth, conversation_id)


@router.patch("/conversations/{uuid:conversation_id}", response=conversation_shapes.ConversationRow)
def change_conversation(
    request: ViewerRequest, conversation_id: UUID, wish: ConversationWish
) -> chat.ConversationRow:
    return chat.change_conversation(request.auth, conversation_id, title=wish.title, is_pinned=wish.is_pinned)


@router.delete("/conversations/{uuid:conversation_id}", response={204: None})
def remove_conversation(request: ViewerRequest, conversation_id: UUID) -> Status[None]:
    chat.delete_conversation(request.auth, conversation_id)
    return Status(204, None)


@router.get(
    "/conversations/{uuid:conversation_id}/markdown",
    openapi_extra={"responses": {200: {"content": {"text/markdown": {}}}}},
)
def export_markdown(
    request: ViewerRequest, conversation_id: UUID, turn_id: UUID | None = None
) -> HttpResponse:
    """The questions up to `turn_id` (without it: to the newest) with their answers and sources, as a file."""
    found = export_conversation(request.auth, conversation_id, turn_id)
    address = request.build_absolute_uri("/").rstrip("/")
    text = as_markdown(found, language=reader_language(request), address=address)
    response = HttpResponse(text, content_type="text/markdown; charset=utf-8")
    _name_file(response, f"{found.title[:80] or 'kbchat'}.md")
    return response


@router.get("/conversations/{uuid:conversation_id}/json", response=conversation_shapes.ConversationExport)
def export_json(
    request: ViewerRequest, response: HttpResponse, conversation_id: UUID, turn_id: UUID | None = None
) -> conversation_shapes.ConversationExport:
    """As the Markdown file, for programs; the page prints it, too."""
    found = export_conversation(request.auth, conversation_id, turn_id)
    _name_file(response, f"{found.title[:80] or 'kbchat'}.json")
    turns = [conversation_shapes.TurnWithAnswer.of(turn, after=0) for turn in found.turns]
    return conversation_shapes.ConversationExport(title=found.title, turns=turns)


@router.post("/conversations", response={202: conversation_shapes.AcceptedTurn})
def open_conversation(request: ViewerRequest, asking: Opening) -> Status[AcceptedTurn]:
    """A new conversation with its first question. The answer is written in the background: read the turn until its
    `state` is neither `queued` nor `running`."""
    return _open(request, asking, is_temporary=asking.is_temporary)


@router.post("/conversations/{uuid:conversation_id}/turns", response={202: conversation_shapes.AcceptedTurn})
def ask(request: ViewerRequest, conversation_id: UUID, asking: Asking) -> Status[AcceptedTurn]:
    """Another question in a conversation of the caller's, answered like the first one."""
    return _open(request, asking, conversation_id=conversation_id, parent_turn_id=asking.parent_turn_id)


@router.get(
    "/conversations/{uuid:conversation_id}/turns/{uuid:turn_id}", response=conversation_shapes.TurnWithAnswer
)
def read_turn(
    request: ViewerRequest,
    conversation_id: UUID,
    turn_id: UUID,
    after: Annotated[int, Field(ge=0, le=10_000_000)] = 0,
) -> conversation_shapes.TurnWithAnswer:
    """How a question stands, for polling (once a second is plenty): the answer so far, and the events behind number
    `after`."""
    return conversation_shapes.TurnWithAnswer.of(
        chat.conversation_turn(request.auth, conversation_id, turn_id), after
    )


@router.post("/conversations/{uuid:conversation_id}/turns/{uuid:turn_id}/stop", response={204: None})
def stop(request: ViewerRequest, conversation_id: UUID, turn_id: UUID) -> Status[None]:
    """The answer ends soon; what is written so far stays. Nothing happens to one that has ended."""
    chat.conversation_turn(request.auth, conversation_id, turn_id)
    request_stop(request.auth, turn_id)
    return Status(204, None)


def _name_file(response: HttpResponse, name: str) -> None:
    header = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = header or "attachment"


def _open(
    request: ViewerRequest,
    asking: Question,
    *,
    conversation_id: UUID | None = None,
    parent_turn_id: UUID | None = None,
    is_temporary: bool = False,
) -> Status[AcceptedTurn]:
    wish = Ask(
        client_message_id=asking.client_message_id,
        question=asking.question,
        conversation_id=conversation_id,
        parent_turn_id=parent_turn_id,
        scope=asking.scope.chosen,
        quotes_only=asking.quotes_only,
        is_temporary=is_temporary,
    )
    return Status(202, open_turn(request.auth, wish))

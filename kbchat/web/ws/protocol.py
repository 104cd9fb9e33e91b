"""The websocket's language: commands in, frames out, each a JSON text with a `type`. Exported for the page's types."""

from typing import Annotated, Literal, assert_never
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from kbchat.answering.events import AnswerEvent
from kbchat.chat.turns import Ask
from kbchat.core.errors import Invalid
from kbchat.core.viewer import KeyScope
from kbchat.web.conversation_shapes import AskScope
from kbchat.web.library_shapes import DocumentRow
from kbchat.web.problems import Problem


class Command(BaseModel):
    """A field that nobody knows is refused: who asks is told by the connection, never by a frame (T8)."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AskCommand(Command):
    """`client_message_id` is made by the client: asking again with it is asking once. `quotes_only`: no model is
    asked. `is_temporary`: of a new conversation, that it is in no list and erased soon."""

    type: Literal["ask"]
    client_message_id: UUID
    conversation_id: UUID | None = None
    parent_turn_id: UUID | None = None
    question: str
    scope: AskScope = AskScope()
    quotes_only: bool = False
    is_temporary: bool = False

    @property
    def wish(self) -> Ask:
        return Ask(
            client_message_id=self.client_message_id,
            question=self.question,
            conversation_id=self.conversation_id,
            parent_turn_id=self.parent_turn_id,
            scope=self.scope.chosen,
            quotes_only=self.quotes_only,
            is_temporary=self.is_temporary,
        )


class StopCommand(Command):
    type: Literal["stop"]
    turn_id: UUID


class FollowCommand(Command):
    """Send the turn's events after number `after`."""

    type: Literal["follow"]
    turn_id: UUID
    after: Annotated[int, Field(ge=0, le=10_000_000)] = 0


class UnfollowCommand(Command):
    type: Literal["unfollow"]
    turn_id: UUID


class WatchLibraryCommand(Command):
    type: Literal["watch_library"]


class UnwatchLibraryCommand(Command):
    type: Literal["unwatch_library"]


class PingCommand(Command):
    type: Literal["ping"]


ClientCommand = Annotated[
    AskCommand
    | StopCommand
    | FollowCommand
    | UnfollowCommand
    | WatchLibraryCommand
    | UnwatchLibraryCommand
    | PingCommand,
    Field(discriminator="type"),
]


class Frame(BaseModel):
    model_config = ConfigDict(frozen=True)


class AcceptedFrame(Frame):
    """The question stands; its events follow without being asked for."""

    type: Literal["accepted"] = "accepted"
    client_message_id: UUID
    conversation_id: UUID
    turn_id: UUID


class WaitingFrame(Frame):
    """A question that waits for a free place: `place` from 1, told again when it changes."""

    type: Literal["waiting"] = "waiting"
    turn_id: UUID
    place: int


class TurnEventFrame(Frame):
    type: Literal["turn_event"] = "turn_event"
    turn_id: UUID
    number: int
    event: AnswerEvent


class LibraryWatchedFrame(Frame):
    """From here on every change is told: what was read before may lack the last."""

    type: Literal["library_watched"] = "library_watched"


class DocumentChangedFrame(Frame):
    type: Literal["document_changed"] = "document_changed"
    document: DocumentRow


class DocumentRemovedFrame(Frame):
    type: Literal["document_removed"] = "document_removed"
    document_id: UUID


class RefusedFrame(Frame, Problem):
    """A command that could not be done, with what it was about."""

    type: Literal["refused"] = "refused"
    client_message_id: UUID | None
    turn_id: UUID | None


class PongFrame(Frame):
    type: Literal["pong"] = "pong"


ServerFrame = Annotated[
    AcceptedFrame
    | WaitingFrame
    | TurnEventFrame
    | LibraryWatchedFrame
    | DocumentChangedFrame
    | DocumentRemovedFrame
    | RefusedFrame
    | PongFrame,
    Field(discriminator="type"),
]

COMMANDS: TypeAdapter[ClientCommand] = TypeAdapter(ClientCommand)
FRAMES: TypeAdapter[ServerFrame] = TypeAdapter(ServerFrame)


def read_command(text: str) -> ClientCommand:
    """Raises Invalid("unknown_command")."""
    try:
        return COMMANDS.validate_json(text)
    except ValidationError as error:
        raise Invalid("unknown_command") from error


def scope_of(command: ClientCommand) -> KeyScope | None:
    """What an API key has to be for that sends this; None: any will do."""
    match command:
        case AskCommand() | StopCommand() | FollowCommand() | UnfollowCommand():
            return KeyScope.ASK
        case WatchLibraryCommand() | UnwatchLibraryCommand():
            return KeyScope.READ_LIBRARY
        case PingCommand():
            return None
        case _:
            assert_never(command)


def subject_of(text: str) -> dict[str, UUID | None]:
    """What a refusal of this command is about, also where the command cannot be read: whoever waits for it is told."""
    try:
        said = from_json(text)
    except ValueError:
        said = None
    named = said if isinstance(said, dict) else {}
    return {name: _identifier(named.get(name)) for name in ("client_message_id", "turn_id")}


def _identifier(said: object) -> UUID | None:
    try:
        return UUID(said) if isinstance(said, str) else None
    except ValueError:
        return None

"""A running turn's database side: what it needs to begin, what it records on its way, how it ends.

Each function is one transaction as the turn's owner, and writes only while the claim's lease is still on the row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from kbchat.access.viewers import viewer_of, within
from kbchat.access.viewing import viewing
from kbchat.accounts.models import User
from kbchat.answering.events import Source, TurnFinished
from kbchat.answering.ports import PastTurn, Question
from kbchat.chat.auditing import record_passages
from kbchat.chat.branches import turns_above
from kbchat.chat.leasing import Claim
from kbchat.chat.masking import masked_turns
from kbchat.chat.models import Citation, Conversation, Shown, Turn, TurnState
from kbchat.chat.record import NumberedEvent, answer_of, citations_of, cited_titles, to_stored
from kbchat.chat.record import from_stored as from_events
from kbchat.chat.spending import add_tokens
from kbchat.chat.turn_terms import keep_terms
from kbchat.core.errors import NotAllowed
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Section
from kbchat.retrieval.port import Pin
from kbchat.retrieval.scopes import collections_in, from_stored

_MOST_HISTORY = 30


class TurnLost(Exception):
    """Somebody else ended the turn, or it was deleted: nothing may be written any more."""


class SourcesHidden(Exception):
    """A passage that the turn rests on is no longer visible to its owner."""


class Standing(Enum):
    """How a turn stands after an attempt to write."""

    HELD = auto()
    LOST = auto()
    HIDDEN = auto()


@dataclass(frozen=True, slots=True)
class Ending:
    """`events` are all of the turn, its terminal event last. `of_revoked`: they hold no text of the answer. `tokens`:
    what its model read and wrote. `trace`: what it was made by, as JSON takes it. `first_word_at`: when its first text
    was there, as far as that is known."""

    events: Sequence[NumberedEvent]
    of_revoked: bool = False
    tokens: int = 0
    trace: Mapping[str, object] = field(default_factory=dict)
    first_word_at: datetime | None = None

    @property
    def finished(self) -> TurnFinished:
        last = self.events[-1].event
        if not isinstance(last, TurnFinished):
            raise TypeError("a turn ends with TurnFinished")
        return last


def begin(claim: Claim, pin: Pin, *, uses_answers: bool) -> Question:
    """What is asked, with the conversation so far. `uses_answers`: earlier answers may reach the model, so what they
    rest on, this one rests on too.

    Raises NotAllowed for a person who is no longer active, TurnLost.
    """
    person = User.objects.filter(pk=claim.owner_id).first()
    if person is None:
        raise TurnLost
    viewer = viewer_of(person)
    with viewing(viewer):
        turn = _held(claim).first()
    if turn is None:
        raise TurnLost
    # As narrowed as whoever asked.
    viewer = replace(viewer, collections=within(turn.within))
    with viewing(viewer):
        _held(claim).update(pin_id=pin.generation_id)
        earlier = turns_above(turn, most=_MOST_HISTORY)
        masked = masked_turns(viewer, [past.pk for past in earlier])
        if uses_answers and not turn.quotes_only:
            _rest_on(turn, [past.pk for past in earlier if past.pk not in masked])
        scope = from_stored(turn.scope)
        return Question(
            viewer=viewer,
            text=turn.question,
            history=tuple(PastTurn(past.question) if past.pk in masked else _past(past) for past in earlier),
            scope=scope,
            collections=collections_in(viewer, scope),
            quotes_only=turn.quotes_only,
        )


def _past(turn: Turn) -> PastTurn:
    return PastTurn(turn.question, turn.answer, cited_titles(from_events(turn.events)))


def record_shown(viewer: Viewer, claim: Claim, sources: Sequence[Source]) -> None:
    """Before the sources leave: what this turn rests on from now on. Raises TurnLost, SourcesHidden."""
    with viewing(viewer):
        question = _held(claim).values_list("question", flat=True).first()
        if question is None:
            raise TurnLost
        sections = _sections(sources)
        if not all(_heading(source) in sections for source in sources):
            raise SourcesHidden
        Shown.objects.bulk_create(
            Shown(
                turn_id=claim.turn_id,
                number=source.number,
                version_id=source.version_id,
                section_id=sections[_heading(source)],
            )
            for source in sources
        )
        record_passages(viewer, question, sources, turn_id=claim.turn_id)


def check(claim: Claim, events: Sequence[NumberedEvent] | None) -> Standing:
    """Whether the turn may go on. `events`, if given, are kept as its record so far, for the case that the process and
    the log are both lost."""
    viewer = _active(claim)
    if viewer is None:
        return Standing.HIDDEN
    with viewing(viewer):
        if masked_turns(viewer, [claim.turn_id]):
            return Standing.HIDDEN
        kept = _held(claim).update(events=to_stored(events)) if events is not None else _held(claim).exists()
    return Standing.HELD if kept else Standing.LOST


def finish(claim: Claim, ending: Ending) -> Standing:
    """Write state, answer, events and citations at once. HIDDEN: nothing was written; it must end as revoked."""
    if not ending.of_revoked and _active(claim) is None:
        return Standing.HIDDEN
    with viewing(_owner(claim)):
        return _write(claim, _held(claim), ending)


def interrupt(claim: Claim, ending: Ending) -> Standing:
    """As `finish`, for a turn whose lease has run out under whoever held it."""
    with viewing(_owner(claim)):
        return _write(claim, _held(claim).filter(leased_until__lt=Now()), ending)


def recorded(claim: Claim) -> list[dict[str, object]] | None:
    """The record that `check` kept; None where the turn is no longer the claim's."""
    with viewing(_owner(claim)):
        return _held(claim).values_list("events", flat=True).first()


def is_deleted(claim: Claim) -> bool:
    with viewing(_owner(claim)):
        return not Turn.objects.filter(pk=claim.turn_id).exists()


def _write(claim: Claim, held: QuerySet[Turn], ending: Ending) -> Standing:
    if not ending.of_revoked and masked_turns(_owner(claim), [claim.turn_id]):
        return Standing.HIDDEN
    written = held.update(
        state=TurnState(ending.finished.state),
        answer=answer_of(ending.events),
        events=to_stored(ending.events),
        trace={} if ending.of_revoked else ending.trace,
        lease=None,
        leased_until=None,
        first_word_at=ending.first_word_at,
        finished_at=timezone.now(),
    )
    if not written:
        return Standing.LOST
    question, is_temporary = Turn.objects.values_list("question", "conversation__is_temporary").get(
        pk=claim.turn_id
    )
    if not is_temporary:
        keep_terms(claim.turn_id, f"{question}\n{answer_of(ending.events)}")
    Citation.objects.bulk_create(
        Citation(
            turn_id=claim.turn_id,
            number=cited.number,
            at=cited.at,
            version_id=cited.version_id,
            start=cited.start,
            end=cited.end,
            page=cited.page,
            quote=cited.quote,
        )
        for cited in citations_of(ending.events)
    )
    Conversation.objects.filter(turns=claim.turn_id).update(updated_at=timezone.now())
    add_tokens(claim.owner_id, ending.tokens)
    return Standing.HELD


def _held(claim: Claim) -> QuerySet[Turn]:
    return Turn.objects.filter(pk=claim.turn_id, state=TurnState.RUNNING, lease=claim.lease)


def _active(claim: Claim) -> Viewer | None:
    person = User.objects.filter(pk=claim.owner_id).first()
    try:
        return viewer_of(person) if person else None
    except NotAllowed:
        return None


def _owner(claim: Claim) -> Viewer:
    """The owner, active or not: only to write his turn's end. A person who is not active sees no document."""
    return Viewer(user_id=claim.owner_id)


def _rest_on(turn: Turn, earlier: Sequence[UUID]) -> None:
    places = Shown.objects.filter(turn_id__in=earlier).values_list("version_id", "section_id").distinct()
    Shown.objects.bulk_create(
        Shown(turn=turn, version_id=version, section_id=section) for version, section in places
    )


def _sections(sources: Sequence[Source]) -> dict[tuple[str, tuple[str, ...]], UUID]:
    """The sections that the sources stand in, as far as they are open to the viewer."""
    if not sources:
        return {}
    places = Q()
    for source in sources:
        places |= Q(document_id=source.document_id, path=source.heading_path)
    rows = Section.objects.filter(places).values_list("document_id", "path", "pk")
    return {(str(document), tuple(path)): pk for document, path, pk in rows}


def _heading(source: Source) -> tuple[str, tuple[str, ...]]:
    return source.document_id, tuple(source.heading_path)

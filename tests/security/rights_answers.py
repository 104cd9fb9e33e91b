"""Of the machine of rights: questions asked, answered and shared by chance, and who may read what came of them.

Every example begins with the same company, and what it does is undone at its end.
"""

import copy
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kbchat.answering.events import TextAdded, TurnFinished
from kbchat.answering.offering import source_of
from kbchat.chat import following, turn_store
from kbchat.chat.conversations import conversation
from kbchat.chat.leasing import Claim, claim_turn
from kbchat.chat.record import numbered
from kbchat.chat.sharing import revoke_share, share_conversation, shared_conversation
from kbchat.chat.turn_store import Ending, Standing
from kbchat.chat.turns import AcceptedTurn
from kbchat.core.errors import NotFound
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.retrieval.port import Passage
from kbchat.retrieval.retriever import PostgresRetriever
from tests.security.rights_beginning import Founded
from tests.security.rights_company import PEOPLE
from tests.services.chat_support import ask

OTHERS = PEOPLE[1:]
LIMIT = 100


@dataclass
class Shared:
    """An answer behind a link. `words`: of the passages that it rests on."""

    by: str
    share_id: UUID
    token: str
    words: set[str]
    is_revoked: bool = False


class Answers(RuleBasedStateMachine):
    founded: Founded

    def __init__(self) -> None:
        super().__init__()
        self._undone = transaction.atomic()
        self._undone.__enter__()
        self.state = copy.deepcopy(self.founded)
        self.company, self.rule = self.state.company, self.state.rule
        self.retriever = PostgresRetriever(only(HashEmbedder()))
        self.pin = self.retriever.pin()
        self.found: dict[str, Passage] = {}
        self.running: dict[str, tuple[AcceptedTurn, Claim, set[str]]] = {}
        self.answered: list[tuple[str, AcceptedTurn, set[str]]] = []
        self.shared: list[Shared] = []
        self.steps = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._undone.__exit__(None, None, None)

    @rule(who=st.sampled_from(OTHERS))
    def ask(self, who: str) -> None:
        """A question that is answered for as long as nobody ends it."""
        if who in self.running or not self.rule.people[who]:
            return
        viewer = self.company.viewers[who]
        turn, claim = ask(viewer, "needle"), claim_turn(uuid4(), lease_seconds=1000, most=1000)
        assert claim is not None
        turn_store.begin(claim, self.pin, uses_answers=False)
        passages = self.retrieved(who)[:3]
        turn_store.record_shown(
            viewer, claim, [source_of(number, one) for number, one in enumerate(passages, 1)]
        )
        self.running[who] = turn, claim, {one.text for one in passages}

    @rule(who=st.sampled_from(OTHERS))
    def finish(self, who: str) -> None:
        if who in self.running:
            turn, claim, words = self.running.pop(who)
            said = [TextAdded(text=" ".join(sorted(words))), TurnFinished(state="done")]
            standing = turn_store.finish(claim, Ending(numbered(said)))
            assert standing is self._standing(who, words)
            if standing is Standing.HIDDEN:
                turn_store.finish(claim, Ending(numbered([TurnFinished(state="revoked")]), of_revoked=True))
            else:
                self.answered.append((who, turn, words))

    @rule(who=st.sampled_from(OTHERS))
    def share(self, who: str) -> None:
        """An answer of his; where he has none, one that is asked for this."""
        if not self.rule.people[who]:
            return
        self.ask(who)
        self.finish(who)
        for asker, turn, words in self.answered[-1:]:
            if asker == who:
                made = share_conversation(
                    self.company.viewers[who], turn.conversation_id, turn_id=None, days=7
                )
                self.shared.append(Shared(who, made.share.id, made.token, words))

    @rule(chosen=st.integers(0, 99))
    def revoke(self, chosen: int) -> None:
        live = [each for each in self.shared if not each.is_revoked]
        if live:
            ended = live[chosen % len(live)]
            revoke_share(self.company.viewers[ended.by], ended.share_id)
            ended.is_revoked = True

    @invariant()
    def a_running_answer_stands_as_long_as_its_sources(self) -> None:
        for who, (_, claim, words) in self.running.items():
            assert turn_store.check(claim, None) is self._standing(who, words), who

    @invariant()
    def an_old_answer_is_masked_with_its_sources(self) -> None:
        for who, turn, words in self.answered:
            if who == self.next_person():
                (detail,) = conversation(self.company.viewers[who], turn.conversation_id).turns
                assert detail.masked == bool(words - self.rule.readable(who)), who
                assert bool(detail.events) == (not detail.masked)

    @invariant()
    def whoever_comes_back_is_sent_the_text_or_its_end(self) -> None:
        for who, turn, words in self.answered:
            if who == self.next_person():
                owed = following._row(self.company.viewers[who], turn.turn_id).owed(0)
                text = [item for item in owed if isinstance(item.event, TextAdded)]
                assert bool(text) == (not words - self.rule.readable(who)), who

    @invariant()
    def a_link_shows_what_both_may_read(self) -> None:
        who = self.next_person()
        for each in self.shared:
            is_open = not each.is_revoked and self.rule.people[who] and self.rule.people[each.by]
            if not is_open:
                with pytest.raises(NotFound):
                    shared_conversation(self.company.viewers[who], each.token)
                continue
            (turn,) = shared_conversation(self.company.viewers[who], each.token).turns
            both = self.rule.readable(who) & self.rule.readable(each.by)
            assert turn.masked == bool(each.words - both), (who, each)
            assert bool(turn.events) == (not turn.masked)

    def retrieved(self, who: str) -> list[Passage]:
        viewer = self.company.viewers[who]
        found = self.retriever.retrieve(viewer, "needle", self.pin, limit=LIMIT)
        assert found.trace.visible_chunks == len(found.passages), "hidden ones are not even counted"
        return list(found.passages)

    def next_person(self) -> str:
        return PEOPLE[self.steps % len(PEOPLE)]

    def _standing(self, who: str, words: set[str]) -> Standing:
        return (
            Standing.HIDDEN if words - self.rule.readable(who) or not self.rule.people[who] else Standing.HELD
        )

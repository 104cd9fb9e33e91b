"""Whoever records waits for nobody afterwards: two commands of several steps do not stop each other (D11)."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connections, transaction

from kbchat.accounts.people import create_person, ensure_group
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import gathered, record
from kbchat.audit.sparing import Sparing
from kbchat.cli.management.commands.create_person import _create
from tests.services.audit_support import recorded

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_command_of_several_steps_holds_the_trail_at_its_end_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """One makes a person and then the group; the other has made the group and comes to record it. Were the first to
    record as it goes, each would wait for the other, and the database would end one of them."""
    between, made = threading.Event(), threading.Event()

    def both_steps(name: str, members: object) -> object:
        # The person is made; the other has the group by now, and is about to record.
        between.set()
        assert made.wait(5)
        return ensure_group(name, members)  # type: ignore[arg-type]

    def other() -> None:
        try:
            assert between.wait(5)
            with transaction.atomic():
                # As `ensure_group`, with time between its two statements.
                group = type(ensure_group("Elsewhere")).objects.create(name="Night shift")
                made.set()
                threading.Event().wait(0.3)
                record(None, AuditAction.GROUP_CHANGED, group=group.pk, is_new=True)
        finally:
            connections.close_all()

    def first() -> None:
        try:
            options = {"language": "en", "administrator": False, "auditor": False}
            _create("night@example.com", "Night", "secret", ["Night shift"], options)
        finally:
            connections.close_all()

    monkeypatch.setattr("kbchat.cli.management.commands.create_person.ensure_group", both_steps)
    ensure_group("Elsewhere")
    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(first), threads.submit(other)]:
            done.result(20)
    told = recorded(AuditAction.PERSON_CREATED, AuditAction.GROUP_CHANGED)
    assert [event.seq for event in told] == sorted(event.seq for event in told)
    assert len(told) == 4


def test_steps_are_recorded_in_their_order_and_not_at_all_when_they_are_undone() -> None:
    with gathered():
        person = create_person(email="a@example.com", name="A", password="secret")
        with gathered():
            ensure_group("Staff", [person])
        assert recorded() == []
    assert [event.action for event in recorded()] == ["person_created", "group_changed"]

    @gathered()
    def broken() -> None:
        create_person(email="b@example.com", name="B", password="secret")
        raise OperationalError

    with pytest.raises(OperationalError):
        broken()
    assert len(recorded()) == 2


def test_what_is_repeated_is_due_once_in_its_time() -> None:
    now = 0.0
    sparing = Sparing(60, most=2, now=lambda: now)
    assert [sparing.is_due(key) for key in "aab"] == [True, False, True]
    now = 59.9
    assert not sparing.is_due("a")
    now = 60.0
    assert sparing.is_due("a")
    # Of many keys the oldest are forgotten: memory has an end, at the price of an event too many.
    assert [sparing.is_due(key) for key in "cb"] == [True, True]

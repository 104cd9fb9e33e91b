"""The chain of audit events: whole when many record at once, and every tampering with it is found."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.accounts.models import User
from kbchat.accounts.people import create_person
from kbchat.audit.models import AuditAction
from kbchat.audit.recording import record
from kbchat.audit.verifying import Fault, Verdict, verify
from kbchat.core.errors import Conflict, Invalid, NotAllowed
from kbchat.library.sharing import give_grant, list_grants, take_grant
from tests.company import Company
from tests.servers import as_owner, as_worker
from tests.services.audit_support import recorded, subjects

pytestmark = pytest.mark.django_db

SWAP = "UPDATE audit_auditevent SET seq = CASE seq WHEN 4 THEN -5 ELSE -4 END WHERE seq IN (4, 5)"
NEGATE = "UPDATE audit_auditevent SET seq = -seq WHERE seq < 0"
RENUMBER = "UPDATE audit_auditevent SET seq = {0} - 1 WHERE seq = {0}"
HASH = (
    "UPDATE audit_auditevent SET hash = sha256(previous || convert_to(concat_ws('|', seq, "
    "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), coalesce(actor_id::text, ''), action, "
    "subject::text), 'UTF8')) WHERE seq = 4"
)


@pytest.fixture
def ten() -> Iterator[None]:
    """A trail of ten events; inside, the owner has put every guard aside."""
    for number in range(10):
        record(None, AuditAction.EXPORTED, count=number)
    with as_owner():
        run("ALTER TABLE audit_auditevent DISABLE TRIGGER USER")
        run("ALTER TABLE audit_auditevent NO FORCE ROW LEVEL SECURITY")
        yield


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def verdict(*, kept_hash: str = "") -> Verdict:
    with as_owner():
        return verify(kept_hash=kept_hash)


def said(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_what_is_rolled_back_was_never_recorded(company: Company) -> None:
    seen = len(recorded())
    owner = next(row for row in list_grants(company.admin, company.handbook.id) if row.role == Role.OWNER)
    with pytest.raises(Invalid, match="last_owner"):
        take_grant(company.admin, owner.id)
    with pytest.raises(Conflict):
        create_person(email="READER@example.com", name="R", password="p")
    with transaction.atomic():
        give_grant(company.admin, company.handbook.id, Principal("everyone"), Role.READER)
        transaction.set_rollback(True)
    assert len(recorded()) == seen
    assert verdict().fault is None


@pytest.mark.django_db(transaction=True)
def test_the_chain_holds_when_many_record_at_once() -> None:
    """Some transactions end otherwise, and their numbers are given again."""

    def work(worker: int) -> None:
        try:
            for number in range(25):
                with transaction.atomic():
                    record(None, AuditAction.EXPORTED, worker=worker, number=number)
                    transaction.set_rollback(number % 5 == 4)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    events = recorded()
    assert [event.seq for event in events] == list(range(1, 81))
    assert [event.at for event in events] == sorted(event.at for event in events)
    for worker in range(4):
        numbers = [event.subject["number"] for event in events if event.subject["worker"] == worker]
        assert numbers == [number for number in range(25) if number % 5 != 4]
    assert (verdict().events, verdict().fault) == (80, None)


@pytest.mark.parametrize(
    ("tampering", "at", "fault"),
    [
        (["UPDATE audit_auditevent SET subject = '{\"count\": 99}' WHERE seq = 4"], 4, Fault.CHANGED),
        (["UPDATE audit_auditevent SET action = 'signed_in' WHERE seq = 1"], 1, Fault.CHANGED),
        (["UPDATE audit_auditevent SET actor_id = gen_random_uuid() WHERE seq = 10"], 10, Fault.CHANGED),
        (["UPDATE audit_auditevent SET at = at - interval '1 microsecond' WHERE seq = 4"], 4, Fault.CHANGED),
        (["DELETE FROM audit_auditevent WHERE seq = 4"], 4, Fault.MISSING),
        (["DELETE FROM audit_auditevent WHERE seq = 1"], 1, Fault.MISSING),
        ([SWAP, NEGATE], 4, Fault.REORDERED),
        (
            ["DELETE FROM audit_auditevent WHERE seq = 4", RENUMBER.format(5), RENUMBER.format(6)],
            4,
            Fault.REORDERED,
        ),
        (
            ["UPDATE audit_auditevent SET actor_id = gen_random_uuid() WHERE seq = 4", HASH],
            5,
            Fault.REORDERED,
        ),
    ],
)
@pytest.mark.parametrize("batch", [3, 2000])
def test_each_tampering_is_found(
    ten: None, monkeypatch: pytest.MonkeyPatch, tampering: list[str], at: int, fault: Fault, batch: int
) -> None:
    monkeypatch.setattr("kbchat.audit.verifying._BATCH", batch)
    assert (verify().events, verify().fault) == (10, None)
    for statement in tampering:
        run(statement)
    found = verify()
    assert (found.events + 1, found.fault) == (at, fault)


def test_a_tail_that_was_cut_off_is_seen_against_a_kept_hash(ten: None) -> None:
    kept = verify().last_hash
    assert verify(kept_hash=kept).has_kept
    run("DELETE FROM audit_auditevent WHERE seq = 10")
    found = verify(kept_hash=kept)
    assert (found.events, found.fault, found.has_kept) == (9, None, False)
    assert verify().has_kept, "and without it, it is not"


def test_the_command_says_what_it_found(ten: None) -> None:
    words = said("verify_audit")
    kept = words.split()[-1]
    assert words == f"10 events, last hash {kept}\n"
    assert said("verify_audit", "--expect", kept.upper()) == words
    with pytest.raises(CommandError, match="64 digits"):
        said("verify_audit", "--expect", "tomorrow")
    with pytest.raises(CommandError, match="No event has the hash"):
        said("verify_audit", "--expect", "0" * 64)
    run("UPDATE audit_auditevent SET action = 'signed_in' WHERE seq = 4")
    with pytest.raises(CommandError, match=r"Event 4 was changed\. Whole until there: 3 events"):
        said("verify_audit")


def test_an_empty_trail_is_shown_to_others_and_never_called_whole() -> None:
    record(None, AuditAction.EXPORTED)
    with pytest.raises(NotAllowed):
        verify()
    with as_worker(), pytest.raises(NotAllowed):
        verify()


def test_auditors_are_made_by_command() -> None:
    call_command("create_person", "a@example.com", "--name", "A", "--auditor", stdout=io.StringIO())
    made = User.objects.get()
    assert (made.is_auditor, made.is_administrator) == (True, False)
    call_command("make_auditor", "A@example.com", "--remove", stdout=io.StringIO())
    made.refresh_from_db()
    assert not made.is_auditor
    call_command("make_auditor", "a@example.com", stdout=io.StringIO())
    made.refresh_from_db()
    assert made.is_auditor
    assert [item["is_auditor"] for item in subjects(AuditAction.AUDITOR_CHANGED)] == [False, True]

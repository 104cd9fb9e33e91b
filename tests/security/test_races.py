"""Rights that change in one process while another one asks (T11, T12, T13, T16).

The asking processes run with the product's own settings; the other side is this one. Each history is checked whole: a
passage that came after the right was gone may not be in any answer before it is given again.
"""

import json
import time
from collections.abc import Iterator

import pytest

from kbchat.access.granting import Principal
from kbchat.access.models import Grant, Role
from kbchat.access.viewers import viewer_of
from kbchat.chat.runner import Limits
from kbchat.indexing.encoders import only
from kbchat.library.collections import create_collection
from kbchat.library.documents import DocumentRow
from kbchat.library.sharing import give_grant, take_grant
from kbchat.library.uploading import replace, upload
from tests.company import MAX_BYTES, Company, ingest, markdown, person
from tests.contracts.server_process import ScriptedServer
from tests.security.answers import LONG
from tests.security.answers import QUESTION as LEAVE_QUESTION
from tests.security.other_process import OtherProcess, other_process
from tests.services.chat_support import answering, ask, withdraw_grants
from tests.services.retrieval_support import EMBEDDER, write_page
from tests.waiting import allowed

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE_SECONDS = 0.1


@pytest.fixture(scope="module")
def other(django_db_setup: None) -> Iterator[OtherProcess]:
    with other_process() as running:
        yield running


@pytest.mark.parametrize(
    "rounds", [5, pytest.param(200, marks=[pytest.mark.slow, pytest.mark.timeout(900)])], ids=str
)
def test_whoever_lost_a_right_never_sees_what_came_after_it(
    company: Company, other: OtherProcess, rounds: int
) -> None:
    """T12, T13: revoke, ask at once, add a secret, ask at once; and one more process that asks all the time."""
    reader = company.stranger.user_id
    page = upload(
        company.admin, company.handbook.id, markdown("canary of the beginning"), max_bytes=MAX_BYTES
    )
    ingest(only(EMBEDDER))
    revoked, granted, at_once = [], [], []
    with other_process() as restless:
        restless.keep_asking(reader)
        for round_ in range(rounds):
            granted.append(time.monotonic())
            grant = give_grant(company.admin, company.handbook.id, Principal("user", reader), Role.READER)
            assert len(other.ask(reader).words) == 1
            take_grant(company.admin, grant.id)
            revoked.append(time.monotonic())
            first = other.ask(reader)
            assert first.words == []
            at_once.append(first.begun - revoked[-1])
            _replace(company, page, f"canary of round {round_}.")
            assert other.ask(reader).words == []
        granted.append(time.monotonic())
        history = restless.asked()
    assert min(at_once) < allowed(AT_ONCE_SECONDS)
    for asked in history:
        for words in asked.words:
            if "round" in words:
                written_in = int(words.rpartition(" ")[2].strip("."))
                assert asked.answered > granted[written_in + 1], "it came after the right was gone"
        for gone, given in zip(revoked, granted[1:], strict=True):
            assert not (asked.words and asked.begun > gone and asked.answered < given)
    assert any(asked.words for asked in history)
    assert any(not asked.words for asked in history)


def _replace(company: Company, page: DocumentRow, text: str) -> None:
    replace(company.admin, page.id, markdown(text), max_bytes=MAX_BYTES)
    ingest(only(EMBEDDER))


@pytest.mark.parametrize(
    "times", [3, pytest.param(200, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])], ids=str
)
def test_fifty_people_at_once_each_get_their_own(company: Company, other: OtherProcess, times: int) -> None:
    """T11: fifty threads share sixteen connections; nobody gets another's, and nobody at all gets none."""
    own: dict[str, str] = {}
    for number in range(50):
        someone = viewer_of(person(f"person{number}@example.com"))
        shelf = create_collection(company.admin, name=f"Shelf {number}")
        Grant.objects.create(collection_id=shelf.id, user_id=someone.user_id)
        own[str(someone.user_id)] = f"canary of person {number}"
        write_page(shelf, [own[str(someone.user_id)]])
    told = other.order("crowd", people=list(own), times=times)["told"]
    assert told == {someone: {words: times} for someone, words in own.items()}


def test_a_reader_who_comes_back_after_the_revocation_is_told_nothing_of_it(
    company: Company, leave: DocumentRow, server: ScriptedServer, other: OtherProcess
) -> None:
    """T16: the answer still runs, its log is full, and the process that writes it has not looked yet."""
    server.script(log_probabilities=False, default={"reply": LONG, "tokens_per_second": 20})
    with answering(server.base_url, limits=Limits(check_seconds=4)):
        turn = ask(company.reader, LEAVE_QUESTION)
        who = {"person": str(company.reader.user_id), "turn": str(turn.turn_id)}
        before = other.order("follow", **who)
        withdraw_grants(company.admin, company.handbook)
        told = other.order("follow", **who)
    assert "28 days" in json.dumps(before)
    assert [item["event"]["type"] for item in told] == ["text_withdrawn", "turn_finished"]
    assert "28 days" not in json.dumps(told)

"""A build whose worker is killed at any point goes on where it was, and what answers never notices; a switch that is
killed is done or not (F34)."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from kbchat.core.jobs import Job
from kbchat.indexing.encoders import EncoderSource
from kbchat.indexing.models import Embedding, IndexGeneration, Posting
from kbchat.ingestion.models import Chunk
from kbchat.library.uploading import upload
from kbchat.rebuilding.builds import MOST_ATTEMPTS, due_builds
from kbchat.rebuilding.managing import request_build
from kbchat.rebuilding.models import Build, BuildState
from kbchat.rebuilding.switching import put_in_force
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import MAX_BYTES, Company, found_company, ingest, markdown
from tests.servers import as_worker
from tests.services.rebuilding_support import answering, build, encoders, go_on
from tests.workers.worker_process import Jobs, running_jobs

pytestmark = [pytest.mark.torture, pytest.mark.django_db(transaction=True)]

PAGE = "# Desks\n\n" + "\n\n".join(f"## Desk {n}\n\nDesk {n} is kept for team {n * 7}." for n in range(9))
BUILDING, FILLING = "kbchat.rebuilding.building", "kbchat.indexing.filling"
SWITCHING = "kbchat.rebuilding.switching"
PLACES = [
    f"{BUILDING}:policy_for",
    f"{BUILDING}:new_generation",
    f"after {BUILDING}:new_generation",
    f"{BUILDING}:fill_some",
    f"{FILLING}:store_chunks",
    f"after {FILLING}:store_chunks",
    f"{FILLING}:write",
    f"after {FILLING}:write",
    f"{BUILDING}:hand_on",
    f"{BUILDING}:checked",
    f"{BUILDING}:finish",
    f"after {BUILDING}:finish",
]


@pytest.fixture(scope="module")
def jobs(django_db_setup: None) -> Iterator[Jobs]:
    with running_jobs() as running:
        yield running


@pytest.fixture(scope="module")
def services(django_db_setup: None) -> Iterator[Jobs]:
    with running_jobs(as_application=True) as running:
        yield running


@pytest.fixture
def company() -> Company:
    company = found_company()
    upload(company.admin, company.handbook.id, markdown(PAGE), max_bytes=MAX_BYTES)
    ingest(encoders())
    return company


def ticket_of(build: UUID) -> UUID:
    return Build.objects.get(pk=build).ticket


def let_lease_expire(build: UUID) -> None:
    past = timezone.now() - timedelta(seconds=1)
    assert Build.objects.filter(pk=build, state=BuildState.RUNNING).update(leased_until=past) == 1


@pytest.mark.parametrize("place", PLACES)
def test_a_killed_build_goes_on_where_it_was(company: Company, jobs: Jobs, place: str) -> None:
    before = answering()
    build = request_build(company.admin, EncoderSource("narrow"))
    while jobs.run(Job.GO_ON_BUILDING, build, ticket_of(build), death=place) != -9:
        assert Build.objects.get(pk=build).state == BuildState.QUEUED, f"{place} is never reached"
    assert answering() == before
    assert due_builds() == [], "whoever died still holds the lease"
    let_lease_expire(build)
    assert [due.pk for due in due_builds()] == [build]

    done = go_on(build)
    assert (done.state, done.checks["problems"]) == ("built", [])
    assert done.generation is not None
    with as_worker():
        own = set(
            Chunk.objects.filter(chunking_policy=done.generation.chunking_policy).values_list("pk", flat=True)
        )
        assert own
        for held in (Embedding.objects, Posting.objects):
            assert set(held.filter(generation=done.generation).values_list("chunk_id", flat=True)) == own
    put_in_force(company.admin, done.generation.pk, instead_of=before.pk)
    retriever = PostgresRetriever(encoders())
    found = retriever.retrieve(company.reader, "Who is desk 3 kept for?", retriever.pin(), limit=3)
    assert found.passages[0].text == "Desk 3 is kept for team 21."
    assert not found.trace.by_words_alone


def test_a_build_that_kills_every_worker_is_given_up(company: Company, jobs: Jobs) -> None:
    build = request_build(company.admin, EncoderSource("small"))
    # The first of them made the generation: it came further.
    for _ in range(MOST_ATTEMPTS + 1):
        assert jobs.run(Job.GO_ON_BUILDING, build, ticket_of(build), death=f"{BUILDING}:fill_some") == -9
        let_lease_expire(build)
    ended = go_on(build)
    assert (ended.state, ended.problem) == ("failed", "gave_up")
    assert due_builds() == []


@pytest.mark.parametrize(
    ("place", "is_done"),
    [
        (f"{SWITCHING}:_switch", False),
        (f"after {SWITCHING}:_switch", False),
        (f"after {SWITCHING}:put_in_force", True),
    ],
)
def test_a_switch_that_is_killed_is_done_or_not(
    company: Company, services: Jobs, place: str, is_done: bool
) -> None:
    before, new = answering().pk, build(company.admin, "small").generation_id
    assert new is not None
    assert services.put_in_force(company.admin.user_id, new, before, death=place) == -9
    assert answering().pk == (new if is_done else before)
    kept = IndexGeneration.objects.get(pk=before)
    assert (kept.state, kept.answered_until is not None) == ("ready", is_done)
    if not is_done:
        put_in_force(company.admin, new, instead_of=before)
    assert answering().pk == new

"""Whose file is next: what a person waits for goes before what comes in bulk, and both before another index, at every
hand-over. Asked of the broker itself, in the order in which it gives jobs to workers."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pytest
from kombu import Connection

from kbchat.cli.importing import send_files
from kbchat.core.jobs import Job, Queue, _doorbell, ring
from kbchat.indexing.encoders import only
from kbchat.indexing.generations import ensure_active_generation
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.chunking import CHUNKING_POLICY
from kbchat.ingestion.models import IngestionRun, RunState
from kbchat.ingestion.runs import MOST_AWAITED
from kbchat.library import indexing_runs
from kbchat.library.documents import document_row
from kbchat.library.ingesting import index_run, parse_run, sweep_runs
from kbchat.library.retrying import retry_document
from kbchat.library.sources.keeping import start_source
from kbchat.library.uploading import take_in
from kbchat.parsing.sandbox import SandboxLimits
from kbchat.rebuilding.builds import call as call_build
from kbchat.rebuilding.models import Build
from kbchat.sources.folder_files import files_of
from tests.company import ARCHIVES, MAX_BYTES, PAGE, Company, markdown, parsed_here
from tests.servers import as_worker
from tests.services.sources_support import surroundings_of, watched, work

pytestmark = pytest.mark.django_db(transaction=True)


class Broker:
    """What waits at the broker, taken as workers take it."""

    def __init__(self, connection: Connection) -> None:
        self._channel = connection.default_channel

    def forget(self) -> None:
        for queue in Queue:
            self._channel.queue_purge(queue.value)

    def take(self, queue: Queue) -> list[tuple[str, UUID]]:
        """Each job with the first of its ids, the next one first."""
        taken = []
        while message := self._channel.basic_get(queue.value, no_ack=True):
            taken.append((message.headers["task"], UUID(message.decode()[0][0])))
        return taken


class Counting(HashEmbedder):
    """Keeps what it embedded."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def embed_documents(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.texts += texts
        return super().embed_documents(texts)


@pytest.fixture
def broker() -> Iterator[Broker]:
    with _doorbell().connection_for_read() as connection:
        broker = Broker(connection)
        broker.forget()
        yield broker
        broker.forget()


def bring_in(company: Company, folder: Path) -> None:
    """Ten pages by a source of the administrator's."""
    start_source(company.admin, watched(company, folder).id)
    work(surroundings_of(folder))


def send(company: Company, name: str = "page.md") -> UUID:
    """By a person, on the page; the id of its document."""
    return take_in(company.editor, company.handbook.id, markdown(PAGE, name), max_bytes=MAX_BYTES)


def run_of(document_id: UUID) -> UUID:
    with as_worker():
        return IngestionRun.objects.get(version__document=document_id, state=RunState.QUEUED).pk


def parse(runs: list[UUID]) -> None:
    encoders = only(HashEmbedder())
    with as_worker(), parsed_here():
        ensure_active_generation(
            encoders.configured.identity, CHUNKING_POLICY, encoders.configured_source.as_stored()
        )
        for run in runs:
            parse_run(run, encoders=encoders, limits=SandboxLimits())


def test_what_a_person_sends_goes_before_what_a_source_brings_in(
    company: Company, pages: Path, broker: Broker
) -> None:
    bring_in(company, pages)
    run = run_of(send(company))
    order = broker.take(Queue.PARSE)
    assert order[0] == (Job.PARSE_RUN, run)
    assert len(order) == 11

    # Each is handed on in its lane, and another index comes last, although it was asked for first.
    call_build(Build.objects.create())
    parse([each for _, each in order[1:]] + [run])
    order = broker.take(Queue.EMBED)
    assert order[0] == (Job.INDEX_RUN, run)
    assert [job for job, _ in order] == [Job.INDEX_RUN] * 11 + [Job.GO_ON_BUILDING]


def test_an_import_gives_way_too(company: Company, pages: Path, broker: Broker) -> None:
    send_files(
        company.admin, company.handbook.id, files_of(pages).files, archives=ARCHIVES, step=lambda: None
    )
    run = run_of(send(company))
    assert broker.take(Queue.PARSE)[0] == (Job.PARSE_RUN, run)


def test_the_sweeper_rings_in_the_same_order(
    company: Company, pages: Path, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kbchat.library.ingesting._MOST_RUNG", 5)
    bring_in(company, pages)
    run = run_of(send(company))
    broker.forget()
    with as_worker():
        assert sweep_runs() == 5
    order = broker.take(Queue.PARSE)
    assert (len(order), order[0]) == (5, (Job.PARSE_RUN, run))


def test_a_book_gives_way_to_what_is_sent_after_it(
    company: Company, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is embedded by turns: nothing twice, and it is found when it is there as a whole."""
    monkeypatch.setattr(indexing_runs, "_BATCH_PASSAGES", 2)
    monkeypatch.setattr(indexing_runs, "_TURN_SECONDS", 0.0)
    encoder = Counting()
    encoders = only(encoder)
    parts = "\n\n".join(f"## Part {number}\n\nOf part {number} there is this." for number in range(5))
    book = take_in(company.editor, company.handbook.id, markdown(parts, "book.md"), max_bytes=MAX_BYTES)
    run = run_of(book)
    parse([run])
    broker.forget()

    def turn_of(each: UUID) -> float:
        with as_worker():
            index_run(each, encoders=encoders)
            return IngestionRun.objects.get(pk=each).progress

    progress = [turn_of(run)]
    assert broker.take(Queue.EMBED) == [(Job.INDEX_RUN, run)]
    page = run_of(send(company))
    parse([page])
    broker.forget()
    with as_worker():
        sweep_runs()
    assert [each for _, each in broker.take(Queue.EMBED)] == [page, run]
    assert turn_of(page) == 1
    before = len(encoder.texts)
    progress.append(turn_of(run))
    assert document_row(company.editor, book).state == "queued"
    progress.append(turn_of(run))
    assert document_row(company.editor, book).state == "ready"
    assert progress == sorted(set(progress))
    assert len(encoder.texts) - before == 3
    assert len(encoder.texts) == len(set(encoder.texts))


def test_many_files_of_one_person_let_the_next_person_through(company: Company, broker: Broker) -> None:
    many = [send(company, f"{number}.md") for number in range(MOST_AWAITED + 5)]
    other = take_in(company.admin, company.handbook.id, markdown(PAGE), max_bytes=MAX_BYTES)
    places = [run for _, run in broker.take(Queue.PARSE)]
    assert places.index(run_of(other)) == MOST_AWAITED
    assert places[MOST_AWAITED + 1 :] == [run_of(document) for document in many[MOST_AWAITED:]]


def test_what_a_person_tries_again_is_waited_for_whoever_brought_it_in(
    company: Company, pages: Path, broker: Broker
) -> None:
    bring_in(company, pages)
    with as_worker():
        IngestionRun.objects.update(state=RunState.FAILED, problem="killed", finished_at="2026-01-01T00:00Z")
        failed = IngestionRun.objects.order_by("created_at").values_list("version__document", flat=True)
        first, second = failed[:2]
    broker.forget()
    retry_document(company.admin, first, in_bulk=True)
    retry_document(company.admin, second)
    assert [run for _, run in broker.take(Queue.PARSE)] == [run_of(second), run_of(first)]


def test_scans_come_after_the_files_of_their_lane(broker: Broker) -> None:
    lanes = [(job, in_bulk) for in_bulk in (False, True) for job in (Job.PARSE_RUN, Job.RECOGNISE_RUN)]
    ids = [UUID(int=number) for number in range(len(lanes))]
    for run, (job, in_bulk) in reversed(list(zip(ids, lanes, strict=True))):
        ring(job, run, in_bulk=in_bulk)
    assert [run for _, run in broker.take(Queue.PARSE)] == ids

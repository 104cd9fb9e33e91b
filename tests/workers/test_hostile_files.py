"""Hostile files by the real upload, real workers and the sandbox: each ends ready or with a reason, and harms nobody.

The heavy ones are slow tests (`make proofs-hostile`).
"""

import io
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

import psutil
import pytest
from django.utils import timezone

from kbchat import composition
from kbchat.core.errors import Invalid
from kbchat.ingestion.models import UNFINISHED, Chunk, IngestionRun, RunState, Step
from kbchat.ingestion.runs import MOST_ATTEMPTS
from kbchat.library.ingesting import sweep_runs
from kbchat.library.uploading import Upload, take_in
from kbchat.sentences import knows
from tests.company import Company, found_company, markdown
from tests.hostile.corpus import HostileFile, hostile_files
from tests.hostile.reaching import reaching_files
from tests.servers import as_worker
from tests.waiting import allowed
from tests.workers.worker_process import celery

pytestmark = pytest.mark.django_db(transaction=True)

_MAX_BYTES = 200 << 20
_SECONDS = 90.0
_EVERY = 10
_OUR_FAULT = {"internal", "crashed", "gave_up"}
_PLAIN = ("--without-gossip", "--without-mingle")


@pytest.fixture
def parsing() -> Iterator[psutil.Process]:
    """The process below which files are parsed."""
    with celery("worker", "-Q", "parse,maintenance", "-c", "2", "-n", "parse@%h", *_PLAIN) as started:
        yield psutil.Process(started.pid)


@pytest.fixture
def embedding() -> Iterator[None]:
    with celery("worker", "-Q", "embed", "-P", "solo", "-n", "embed@%h", *_PLAIN):
        yield


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.mark.torture
@pytest.mark.timed
@pytest.mark.usefixtures("embedding")
def test_each_ends_and_harms_nobody(company: Company, parsing: psutil.Process) -> None:
    files = [file for file in hostile_files() if not file.is_heavy]
    assert len(files) >= 25
    check(company, parsing, files)


@pytest.mark.slow
@pytest.mark.timed
@pytest.mark.timeout(3000)
def test_heavy_ones_end_and_harm_nobody(company: Company, parsing: psutil.Process) -> None:
    """Until they are parsed: the encoder takes its time for a million words, whoever wrote them."""
    check(
        company, parsing, [file for file in hostile_files() if file.is_heavy], at_once=2, until=Step.EMBEDDING
    )


@pytest.mark.usefixtures("embedding")
def test_nothing_is_fetched_and_no_file_is_read(company: Company, parsing: psutil.Process) -> None:
    with counting_server() as (address, calls):
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))).close()
        check(company, parsing, reaching_files(address))
        time.sleep(0.5)
        assert len(calls) == 1, "the one that shows that calls are counted"
    with as_worker():
        texts = list(Chunk.objects.values_list("text", flat=True))
    assert len(texts) > 10
    assert not any("root:" in text for text in texts)


def check(
    company: Company,
    parsing: psutil.Process,
    files: Iterable[HostileFile],
    *,
    at_once: int = 1000,
    until: Step = Step.READY,
) -> None:
    """Uploads the files, `at_once` before waiting for them, with good ones between; tells all that did not end well."""
    hostile: dict[UUID, str] = {}
    good: list[UUID] = []
    seconds: dict[UUID, float] = {}
    wrong: list[str] = []
    with watched(parsing) as largest:
        for number, file in enumerate(files):
            if number % _EVERY == 0:
                page = markdown(f"# Leave\n\nEverybody has {number} days.")
                good.append(take_in(company.admin, company.handbook.id, page, max_bytes=_MAX_BYTES))
            arriving = Upload(file.name, io.BytesIO(file.make()))
            try:
                hostile[take_in(company.admin, company.handbook.id, arriving, max_bytes=_MAX_BYTES)] = (
                    file.name
                )
            except Invalid as refusal:
                if not knows(refusal.code):
                    wrong.append(f"{file}: refused with {refusal.code}")
            if number % at_once == at_once - 1:
                wait_for_all(seconds, until)
        wait_for_all(seconds, until)
        assert parsing.is_running()
    runs = {run.version.document_id: run for run in worked()}
    wrong += [
        told
        for document, name in hostile.items()
        if (told := complaint(runs[document], name, seconds[document]))
    ]
    wrong += [
        f"a good one: {runs[document].problem}" for document in good if not has_reached(runs[document], until)
    ]
    assert wrong == []
    assert largest[0] < composition.sandbox_limits().memory_bytes


def has_reached(run: IngestionRun, step: Step) -> bool:
    return run.state == RunState.SUCCEEDED or (run.state != RunState.FAILED and run.step == step)


def complaint(run: IngestionRun, name: str, seconds: float) -> str:
    is_told = run.state != RunState.FAILED or (knows(run.problem) and run.problem not in _OUR_FAULT)
    if is_told and seconds <= allowed(_SECONDS) and run.attempts <= MOST_ATTEMPTS:
        return ""
    return f"{name}: {run.state} {run.problem} {run.problem_facts} after {seconds:.0f} s, {run.attempts} attempts"


def worked() -> list[IngestionRun]:
    with as_worker():
        return list(IngestionRun.objects.select_related("version__document"))


def wait_for_all(seconds: dict[UUID, float], until: Step) -> None:
    """With what beat rings for. Notes how long after its arrival each document's run was seen to be over."""
    end = time.monotonic() + allowed(_SECONDS) * 2
    while True:
        runs = worked()
        over = [run for run in runs if run.state not in UNFINISHED or has_reached(run, until)]
        for run in over:
            waited = (timezone.now() - run.created_at).total_seconds()
            seconds.setdefault(run.version.document_id, waited)
        if len(over) == len(runs):
            return
        assert time.monotonic() < end, [run.version.filename for run in runs if run not in over]
        with as_worker():
            sweep_runs()
        time.sleep(1)


@contextmanager
def watched(process: psutil.Process) -> Iterator[list[int]]:
    """Meanwhile, the resident bytes of the largest process below it are noted twenty times a second."""
    largest, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            for child in process.children(recursive=True):
                try:
                    largest[0] = max(largest[0], child.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield largest
    finally:
        done.set()
        thread.join()


@contextmanager
def counting_server() -> Iterator[tuple[str, list[object]]]:
    """An address, and who called it."""
    calls: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    caller, place = server.accept()
                except OSError:
                    return
                calls.append(place)
                caller.close()

        threading.Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", calls
        server.shutdown(socket.SHUT_RDWR)

"""A long scan through real workers and the real queue: it is read to its last page, and holds nobody up. The short form
reads it in a few turns; the long one has PAGES of it, with its figures: `make proofs-scan`."""

import io
import json
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest

from kbchat.core.viewer import Viewer
from kbchat.documents.models import VersionContent
from kbchat.ingestion.models import IngestionRun, RunState, ScannedPage
from kbchat.library.documents import DocumentRow, document_row
from kbchat.library.uploading import Upload, upload
from kbchat.parsing.tesseract_library import Recogniser
from tests.company import MAX_BYTES, Company, found_company, markdown
from tests.contracts.server_process import ScriptedServer
from tests.recognition import as_file, scan
from tests.servers import as_worker
from tests.waiting import allowed, wait_until
from tests.workers.worker_process import celery

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(3600)]

PAGES = int(os.environ.get("PAGES", "200"))
QUIET = ("--without-gossip", "--without-mingle", "-l", "WARNING")


def register(pages: int) -> bytes:
    """A scan whose pages say which they are."""
    lines = ("It tells of those who came and of those who went.", "Nobody has signed it on this day.")
    return as_file(
        "PDF", *[scan(f"Page {number} of the register.", *lines) for number in range(1, pages + 1)]
    )


@contextmanager
def working(encoder: ScriptedServer, *, processes: int) -> Iterator[psutil.Process]:
    """Workers as in production; gives the one that parses."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in encoder.as_encoder.items():
            patch.setenv(name, value)
        parsing = ("worker", "-Q", "parse,maintenance", "-c", str(processes), "-n", "parse@%h", *QUIET)
        embedding = ("worker", "-Q", "embed", "-P", "solo", "-n", "embed@%h", *QUIET)
        with celery(*parsing) as parser, celery(*embedding):
            yield psutil.Process(parser.pid)


def pages_read(row: DocumentRow) -> int:
    with as_worker():
        return ScannedPage.objects.filter(version=row.version_id, found__isnull=False).count()


def is_ready(viewer: Viewer, row: DocumentRow) -> bool:
    now = document_row(viewer, row.id)
    assert now.state != "failed", now
    return now.state == "ready"


def read_beside_others(
    company: Company, pages: int, parser: psutil.Process, within_seconds: float
) -> DocumentRow:
    """Sends a scan, and once it is being read, somebody else's pages, all at one moment for who parses. Returns the
    scan, ready."""
    file = Upload("register.pdf", io.BytesIO(register(pages)))
    long = upload(company.admin, company.handbook.id, file, max_bytes=MAX_BYTES)
    wait_until(lambda: pages_read(long) > 0, within_seconds)
    parser.suspend()
    small = [
        upload(
            company.editor, company.handbook.id, markdown(f"# Note {n}\n\nOf no matter."), max_bytes=MAX_BYTES
        )
        for n in range(6)
    ]
    parser.resume()
    wait_until(lambda: all(is_ready(company.editor, row) for row in small), within_seconds)
    wait_until(lambda: is_ready(company.admin, long), within_seconds)
    with as_worker():
        ended = list(IngestionRun.objects.order_by("finished_at").values_list("version", "state"))
    assert ended[-1] == (long.version_id, RunState.SUCCEEDED)
    assert {version for version, _ in ended[:-1]} == {row.version_id for row in small}
    return long


def numbers_found(row: DocumentRow) -> set[int]:
    """Of pages, each on its own page."""
    with as_worker():
        content = VersionContent.objects.get(version=row.version_id)
    return {
        block["page"]
        for block in content.structure["blocks"]
        for told in re.findall(r"Page (\d+) of", content.text[slice(*block["span"])])
        if int(told) == block["page"]
    }


def test_what_is_sent_while_a_scan_is_read_is_ready_before_it(
    recogniser: Recogniser, encoder: ScriptedServer
) -> None:
    company = found_company()
    with working(encoder, processes=1) as parser:
        row = read_beside_others(company, 14, parser, allowed(120))
    assert len(numbers_found(row)) >= 13


@pytest.mark.slow
def test_a_scan_of_many_pages_is_read_to_its_end(recogniser: Recogniser, encoder: ScriptedServer) -> None:
    company, peaks = found_company(), Peaks()
    with working(encoder, processes=2) as parser, peaks.watched(parser):
        started = time.monotonic()
        row = read_beside_others(company, PAGES, parser, 60 + 10 * PAGES)
        seconds = time.monotonic() - started
    assert len(numbers_found(row)) >= 0.97 * PAGES
    told = {"pages": PAGES, "seconds": round(seconds), "pages_a_minute": round(60 * PAGES / seconds, 1)}
    print(json.dumps(told | peaks.megabytes))  # noqa: T201 (the figures)
    assert peaks.megabytes["largest_process"] < 1500


class Peaks:
    """Memory of a worker's processes, looked at five times a second."""

    def __init__(self) -> None:
        self.megabytes = {"largest_process": 0, "all_of_them": 0}

    @contextmanager
    def watched(self, worker: psutil.Process) -> Iterator[None]:
        is_over = threading.Event()

        def watch() -> None:
            while not is_over.wait(0.2):
                held = []
                with suppress(psutil.NoSuchProcess):
                    for process in (worker, *worker.children(recursive=True)):
                        with suppress(psutil.NoSuchProcess):
                            held.append(process.memory_info().rss // 2**20)
                found = {"largest_process": max(held, default=0), "all_of_them": sum(held)}
                self.megabytes = {name: max(found[name], known) for name, known in self.megabytes.items()}

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()

"""How many statements a document costs: as few for a book as for a note, so that thousands of notes are quick too; and
how much Python runs for a note."""

import cProfile
import pstats
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kbchat.indexing.encoders import Encoders, only
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.models import IngestionRun, RunState
from kbchat.library.documents import DocumentRow
from kbchat.library.ingesting import index_run, parse_run
from kbchat.library.uploading import replace, upload
from kbchat.parsing.sandbox import SandboxLimits
from tests.company import MAX_BYTES, Company, ingest, markdown, parsed_here
from tests.servers import as_worker

pytestmark = pytest.mark.django_db(transaction=True)

NOTE = "# Leave\n\nThirty days a year."
BOOK = "\n\n".join(f"## Rule {number}\n\nRule {number} holds on day {number}." for number in range(60))
# BEGIN and COMMIT among them.
MOST_TO_PARSE = 16
MOST_TO_INDEX = 17
# Functions that a worker calls for a note, parsing apart.
MOST_CALLS = 20_000
# Vectors of the version before, and what was silenced in it.
MOST_TO_CARRY = 4


@pytest.fixture
def encoders() -> Encoders:
    """Known to the process, as they are from its first document on."""
    return only(HashEmbedder())


@pytest.fixture
def first(company: Company, encoders: Encoders) -> DocumentRow:
    row = upload(company.admin, company.handbook.id, markdown(NOTE), max_bytes=MAX_BYTES)
    ingest(encoders)
    return row


@pytest.mark.parametrize("text", [NOTE, BOOK], ids=["a note", "a book"])
def test_a_new_document(company: Company, first: DocumentRow, encoders: Encoders, text: str) -> None:
    upload(company.admin, company.handbook.id, markdown(text), max_bytes=MAX_BYTES)
    require_at_most(MOST_TO_PARSE, MOST_TO_INDEX, encoders)


def test_a_new_version(company: Company, first: DocumentRow, encoders: Encoders) -> None:
    replace(company.admin, first.id, markdown(BOOK), max_bytes=MAX_BYTES)
    require_at_most(MOST_TO_PARSE, MOST_TO_INDEX + MOST_TO_CARRY, encoders)


def test_what_python_does_for_a_note(company: Company, first: DocumentRow, encoders: Encoders) -> None:
    """Counted, for the time that it takes is the machine's: of what a note costs it is half, and most of that is the
    making of statements."""
    upload(company.admin, company.handbook.id, markdown(NOTE), max_bytes=MAX_BYTES)
    with as_worker(), parsed_here():
        run = IngestionRun.objects.get(state=RunState.QUEUED).pk
        counted = cProfile.Profile()
        with counted:
            parse_run(run, encoders=encoders, limits=SandboxLimits())
            index_run(run, encoders=encoders)
        assert IngestionRun.objects.get(pk=run).state == RunState.SUCCEEDED
    assert pstats.Stats(counted).total_calls <= MOST_CALLS  # type: ignore[attr-defined]


def require_at_most(to_parse: int, to_index: int, encoders: Encoders) -> None:
    """Of the document that waits, by its worker."""
    with as_worker(), parsed_here():
        run = IngestionRun.objects.get(state=RunState.QUEUED).pk
        parsing = statements(lambda: parse_run(run, encoders=encoders, limits=SandboxLimits()))
        indexing = statements(lambda: index_run(run, encoders=encoders))
        assert IngestionRun.objects.get(pk=run).state == RunState.SUCCEEDED
    assert len(parsing) <= to_parse, "\n".join(parsing)
    assert len(indexing) <= to_index, "\n".join(indexing)


def statements(work: Callable[[], None]) -> list[str]:
    """The first line of each, COPY too."""
    with CaptureQueriesContext(connection) as captured:
        work()
    return [told["sql"].strip().partition("\n")[0][:120] for told in captured.captured_queries]

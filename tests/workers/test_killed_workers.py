"""A worker killed at any place: the document stays unsearchable, whole or not at all, and the next worker finishes it.

The workers are processes of their own that send themselves SIGKILL where the test says.
"""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.core.jobs import Job
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document, DocumentVersion
from kbchat.documents.storage import read_blob
from kbchat.indexing.encoders import only
from kbchat.indexing.generations import ensure_active_generation
from kbchat.indexing.models import Embedding, Posting
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.chunking import CHUNKING_POLICY
from kbchat.ingestion.models import Chunk, IngestionRun, RunState, Step
from kbchat.ingestion.runs import MOST_ATTEMPTS, due_runs
from kbchat.library.deleting import delete_document
from kbchat.library.ingesting import index_run, parse_run
from kbchat.library.purging import purge_deleted
from kbchat.library.uploading import upload
from kbchat.parsing.sandbox import SandboxLimits
from tests.company import MAX_BYTES, Company, found_company, markdown
from tests.servers import as_worker
from tests.workers.worker_process import Jobs, running_jobs

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "# Leave\n\n" + "\n\n".join(f"## Part {n}\n\nRule number {n} of the leave policy." for n in range(5))

PARSING, INDEXING = "kbchat.library.parsing_runs", "kbchat.library.indexing_runs"
PLACES = [
    (Job.PARSE_RUN, f"{PARSING}:read_blob"),
    (Job.PARSE_RUN, f"{PARSING}:parse_sandboxed"),
    (Job.PARSE_RUN, f"{PARSING}:chunk"),
    (Job.PARSE_RUN, f"{PARSING}:store_parsed"),
    (Job.PARSE_RUN, f"after {PARSING}:store_parsed"),
    (Job.INDEX_RUN, f"{INDEXING}:live_generations"),
    (Job.INDEX_RUN, f"{INDEXING}:write"),
    (Job.INDEX_RUN, f"after {INDEXING}:write"),
    (Job.INDEX_RUN, f"{INDEXING}:publish"),
    (Job.INDEX_RUN, f"after {INDEXING}:publish"),
]


@pytest.fixture(scope="module")
def jobs(django_db_setup: None) -> Iterator[Jobs]:
    with running_jobs() as running:
        yield running


@pytest.fixture
def company() -> Company:
    company = found_company()
    with as_worker():
        ensure_active_generation(HashEmbedder().identity, CHUNKING_POLICY)
    return company


def uploaded(company: Company) -> tuple[UUID, UUID]:
    """Ids of a version and of its run."""
    row = upload(company.admin, company.handbook.id, markdown(PAGE), max_bytes=MAX_BYTES)
    return row.version_id, IngestionRun.objects.get(version=row.version_id).pk


def work(job: Job, run: UUID) -> None:
    """A worker that lives, in this process."""
    with as_worker():
        if job is Job.PARSE_RUN:
            parse_run(run, encoders=only(HashEmbedder()), limits=SandboxLimits())
        else:
            index_run(run, encoders=only(HashEmbedder()))


def is_searchable(viewer: Viewer, version: UUID) -> bool:
    with viewing(viewer):
        return DocumentVersion.objects.get(pk=version).in_force is not None


def let_lease_expire(run: UUID) -> None:
    IngestionRun.objects.filter(pk=run, state=RunState.RUNNING).update(
        leased_until=timezone.now() - timedelta(seconds=1)
    )


@pytest.mark.parametrize(("job", "place"), PLACES)
def test_a_document_is_searchable_whole_or_not_at_all(
    company: Company, jobs: Jobs, job: Job, place: str
) -> None:
    version, run = uploaded(company)
    if job is Job.INDEX_RUN:
        work(Job.PARSE_RUN, run)
    assert jobs.run(job, run, death=place) == -9
    assert not is_searchable(company.reader, version)

    assert due_runs(10) == [], "whoever died still holds the lease"
    let_lease_expire(run)
    assert [due.pk for due in due_runs(10)] == [run]
    work(Job.PARSE_RUN, run)
    work(Job.INDEX_RUN, run)

    with as_worker():
        chunks = set(Chunk.objects.filter(version=version).values_list("pk", flat=True))
        assert len(chunks) == 5
        assert set(Embedding.objects.values_list("chunk_id", flat=True)) == chunks
        assert set(Posting.objects.values_list("chunk_id", flat=True)) == chunks
    assert is_searchable(company.reader, version)


def test_a_file_that_kills_every_worker_is_given_up(company: Company, jobs: Jobs) -> None:
    version, run = uploaded(company)
    for _ in range(MOST_ATTEMPTS):
        assert jobs.run(Job.PARSE_RUN, run, death=f"{PARSING}:parse_sandboxed") == -9
        let_lease_expire(run)
    work(Job.PARSE_RUN, run)
    ended = IngestionRun.objects.get(pk=run)
    assert (ended.state, ended.step, ended.problem) == (RunState.FAILED, Step.PARSING, "gave_up")
    with viewing(company.admin):
        assert DocumentVersion.objects.get(pk=version).state == "failed"
    assert due_runs(10) == []


def test_a_job_that_comes_twice_does_its_work_once(company: Company) -> None:
    version, run = uploaded(company)
    for _ in range(2):
        work(Job.PARSE_RUN, run)
        work(Job.INDEX_RUN, run)
    with as_worker():
        assert Chunk.objects.filter(version=version).count() == 5
    assert IngestionRun.objects.get(pk=run).attempts == 1


@pytest.mark.parametrize("place", [":erase", ":drop_blob"])
@pytest.mark.parametrize("when", ["", "after "])
def test_a_purge_that_is_killed_is_finished_by_the_next(
    company: Company, jobs: Jobs, when: str, place: str
) -> None:
    version, run = uploaded(company)
    work(Job.PARSE_RUN, run)
    with viewing(company.admin):
        found = DocumentVersion.objects.get(pk=version)
    delete_document(company.admin, found.document_id)
    assert jobs.run(Job.PURGE_DELETED, death=f"{when}kbchat.library.purging{place}") == -9
    with as_worker():
        assert purge_deleted() == 1
        assert not Document.objects.exists()
    with pytest.raises(FileNotFoundError):
        read_blob(found.blob)

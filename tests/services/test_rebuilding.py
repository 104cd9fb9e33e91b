"""Another index beside the one that answers: built, compared, put in force, gone back from and dropped."""

import threading
from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from kbchat.access.viewing import viewing
from kbchat.core.errors import Conflict, Invalid, NotFound
from kbchat.documents.models import Document
from kbchat.indexing.filling import count_missing
from kbchat.indexing.models import ActiveGeneration, Embedding, GenerationState, IndexGeneration, Posting
from kbchat.inference.ports import ModelUnavailable
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.models import Chunk
from kbchat.library.deleting import delete_document
from kbchat.library.documents import document_row
from kbchat.library.purging import purge_deleted
from kbchat.library.uploading import upload
from kbchat.rebuilding.building import catch_up
from kbchat.rebuilding.managing import (
    cancel_build,
    pause_build,
    request_build,
    resume_build,
    view_generations,
)
from kbchat.rebuilding.models import Build
from kbchat.rebuilding.switching import put_in_force, retire
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import MAX_BYTES, Company, ingest, markdown
from tests.servers import as_worker
from tests.services.rebuilding_support import (
    BY_NAME,
    answering,
    build,
    company_with_pages,
    encoders,
    go_on,
    lose_a_passage,
)
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = "annual leave days"


@pytest.fixture
def company() -> Company:
    return company_with_pages()


def found_by(company: Company, generation_id: int | None = None) -> list[str]:
    retriever = PostgresRetriever(encoders())
    found = retriever.retrieve(company.reader, WORDS, retriever.pin(generation_id), limit=5)
    assert not found.trace.by_words_alone
    return [passage.text for passage in found.passages]


def test_a_new_generation_is_complete_and_answers_nothing_yet(company: Company) -> None:
    before = answering()
    built = build(company.admin, "small")
    assert (built.state, built.checks["problems"]) == ("built", [])
    assert built.generation is not None
    assert (built.generation.state, built.generation.dimension) == ("shadow", 128)
    with as_worker():
        chunks = set(Chunk.objects.values_list("pk", flat=True))
        of_new = Embedding.objects.filter(generation=built.generation)
        assert set(of_new.values_list("chunk_id", flat=True)) == chunks
        assert {len(each.vector) for each in of_new} == {128}
        terms = {
            generation: set(
                Posting.objects.filter(generation=generation).values_list("term", "chunk_id", "frequency")
            )
            for generation in (before.pk, built.generation.pk)
        }
        assert terms[before.pk] == terms[built.generation.pk] != set()
    assert answering() == before
    assert built.written == built.passages == len(chunks)


def test_what_is_put_in_force_answers_from_the_next_question_on_and_going_back_is_the_same(
    company: Company,
) -> None:
    first = answering().pk
    new = build(company.admin, "small").generation_id
    retriever = PostgresRetriever(encoders())
    assert retriever.pin().generation_id == first
    put_in_force(company.admin, new, instead_of=first)
    with pytest.raises(Conflict, match="generation_moved"):
        put_in_force(company.admin, new, instead_of=first)
    _until_loaded(retriever, new)
    assert found_by(company)[0].startswith("Everybody has 28 days")
    put_in_force(company.admin, first, instead_of=new)
    assert retriever.pin().generation_id == first
    former = IndexGeneration.objects.get(pk=new)
    assert (former.state, former.answered_until is not None) == ("ready", True)


def test_everything_that_changes_meanwhile_reaches_every_generation_that_is_kept(company: Company) -> None:
    first = answering().pk
    new = build(company.admin, "small").generation_id
    put_in_force(company.admin, new, instead_of=first)
    bikes = markdown("# Bikes\n\nBikes stand in the yard.", "bikes.md")
    upload(company.admin, company.handbook.id, bikes, max_bytes=MAX_BYTES)
    ingest(encoders())
    with viewing(company.admin):
        leave = Document.objects.get(title="Leave")
    delete_document(company.admin, leave.pk)
    with as_worker():
        purge_deleted()
        chunks = set(Chunk.objects.values_list("pk", flat=True))
        for held in (Embedding.objects, Posting.objects):
            for generation in (first, new):
                assert set(held.filter(generation=generation).values_list("chunk_id", flat=True)) == chunks
        assert Chunk.objects.filter(text__contains="Bikes stand").exists()


def test_what_lacks_a_passage_is_not_put_in_force_and_catches_up(company: Company) -> None:
    first = answering().pk
    built = build(company.admin, "small")
    assert built.generation is not None
    lose_a_passage(built.generation)
    with pytest.raises(Invalid, match="generation_incomplete"):
        put_in_force(company.admin, built.generation_id, instead_of=first)
    with as_worker():
        catch_up()
        Build.objects.filter(requested_by=None).update(state="failed", finished_at=timezone.now())
        catch_up()
        again = Build.objects.get(generation=built.generation, requested_by=None)
        Build.objects.filter(pk=again.pk).update(finished_at=timezone.now() - timedelta(hours=2))
        catch_up()
        again = Build.objects.get(generation=built.generation, requested_by=None, state="queued")
    assert go_on(again.pk).written == 1
    put_in_force(company.admin, built.generation_id, instead_of=first)


def test_the_database_lets_nothing_answer_that_is_not_ready_and_drops_nothing_that_answers(
    company: Company,
) -> None:
    new = build(company.admin, "small").generation_id
    with pytest.raises(IntegrityError), transaction.atomic():
        ActiveGeneration.objects.update(generation=new)
    with pytest.raises(IntegrityError), transaction.atomic():
        IndexGeneration.objects.filter(pk=answering().pk).update(state=GenerationState.RETIRED)
    with as_worker(), pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT kbchat_drop_generation_partitions(%s)", [new])
    with pytest.raises(Conflict, match="generation_answers"):
        retire(company.admin, answering().pk)


def test_an_encoder_that_counts_otherwise_gets_passages_of_its_own(company: Company) -> None:
    first = answering()
    built = build(company.admin, "narrow")
    assert built.generation is not None
    policy = built.generation.chunking_policy
    assert policy != first.chunking_policy
    with as_worker():
        narrow = BY_NAME["narrow"]
        own = list(Chunk.objects.filter(chunking_policy=policy))
        assert own
        assert max(narrow.count_tokens([chunk.text for chunk in own])) <= 48
        assert all(chunk.text == chunk.version.content.text[chunk.start : chunk.end] for chunk in own)
    # Each says what it holds, and neither shows a passage of the other's.
    assert len(found_by(company)) == len(set(found_by(company)))
    put_in_force(company.admin, built.generation_id, instead_of=first.pk)
    assert found_by(company, built.generation_id)[0].startswith("Everybody has 28 days")


def test_vectors_of_the_same_encoder_are_taken_over(company: Company) -> None:
    built = build(company.admin, "hashed")
    assert built.reused == built.written == built.passages > 0
    assert built.checks["problems"] == []


def test_a_build_is_held_up_and_gone_on_with_and_ended(company: Company) -> None:
    build_id = request_build(company.admin)
    with pytest.raises(Conflict, match="build_under_way"):
        request_build(company.admin)
    pause_build(company.admin, build_id)
    assert (go_on(build_id).state, Build.objects.get(pk=build_id).written) == ("paused", 0)
    resume_build(company.admin, build_id)
    built = go_on(build_id)
    assert built.state == "built"
    with pytest.raises(Conflict, match="build_ended"):
        cancel_build(company.admin, build_id)
    other = request_build(company.admin)
    cancel_build(company.admin, other)
    assert go_on(other).state == "cancelled"


def test_nobody_but_administrators_knows_of_generations(company: Company) -> None:
    new = build(company.admin, "small")
    for refused in (
        lambda: view_generations(company.editor, encoders()),
        lambda: request_build(company.editor),
        lambda: pause_build(company.editor, new.pk),
        lambda: cancel_build(company.editor, new.pk),
        lambda: put_in_force(company.editor, new.generation_id, instead_of=answering().pk),
        lambda: retire(company.editor, new.generation_id),
    ):
        with pytest.raises(NotFound):
            refused()
    assert answering().pk != new.generation_id


def test_a_generation_whose_encoder_is_away_holds_up_no_document(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = build(company.admin, "small").generation
    assert new is not None

    def refuse(*_: object) -> None:
        raise ModelUnavailable(ModelUnavailable.Reason.UNREACHABLE)

    monkeypatch.setattr(BY_NAME["small"], "embed_documents", refuse)
    bikes = markdown("# Bikes\n\nBikes stand in the yard.", "bikes.md")
    row = upload(company.admin, company.handbook.id, bikes, max_bytes=MAX_BYTES)
    ingest(encoders())
    assert document_row(company.admin, row.id).state == "ready"
    with as_worker():
        assert count_missing(new) == 1


def test_what_a_process_read_before_a_generation_caught_up_it_reads_again(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, new = answering().pk, build(company.admin, "small").generation_id
    retriever = PostgresRetriever(encoders())

    def refuse(*_: object) -> None:
        raise ModelUnavailable(ModelUnavailable.Reason.UNREACHABLE)

    with monkeypatch.context() as away:
        away.setattr(BY_NAME["small"], "embed_documents", refuse)
        bikes = markdown("# Bikes\n\nBikes stand in the yard.", "bikes.md")
        upload(company.admin, company.handbook.id, bikes, max_bytes=MAX_BYTES)
        ingest(encoders())

    def found() -> bool:
        passages = retriever.retrieve(
            company.reader, "bikes in the yard", retriever.pin(new), limit=3
        ).passages
        return any("Bikes stand" in passage.text for passage in passages)

    assert not found()
    with as_worker():
        catch_up()
    go_on(Build.objects.get(is_new=False).pk)
    put_in_force(company.admin, new, instead_of=first)
    assert found()


def _until_loaded(retriever: PostgresRetriever, generation_id: int) -> None:
    wait_until(lambda: retriever.pin().generation_id == generation_id, 5)


def test_a_process_goes_over_when_it_has_loaded_the_other_encoder(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, new = answering().pk, build(company.admin, "small").generation_id
    may_load, encode = threading.Event(), HashEmbedder.embed_queries

    def slowly(texts: Sequence[str]) -> npt.NDArray[np.float32]:
        may_load.wait(10)
        return encode(BY_NAME["small"], texts)

    monkeypatch.setattr(BY_NAME["small"], "embed_queries", slowly)
    retriever = PostgresRetriever(encoders())
    begun = retriever.pin()
    put_in_force(company.admin, new, instead_of=first)
    found = retriever.retrieve(company.reader, WORDS, retriever.pin(), limit=5)
    assert (retriever.pin().generation_id, found.trace.by_words_alone) == (first, False)
    may_load.set()
    _until_loaded(retriever, new)
    # A turn that began before keeps its generation to its end.
    kept = retriever.retrieve(company.reader, WORDS, begun, limit=5)
    assert (begun.generation_id, kept.trace.by_words_alone, len(kept.passages)) == (first, False, 5)

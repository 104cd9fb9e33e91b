"""Which generation answers, and what becomes of the one before: put in force, gone back from, retired in time."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from kbchat.analysis import ANALYSER_VERSION
from kbchat.core.errors import Conflict
from kbchat.indexing.filling import count_missing
from kbchat.indexing.generations import new_generation
from kbchat.indexing.models import GenerationState, IndexGeneration
from kbchat.library import indexing_runs
from kbchat.library.uploading import upload
from kbchat.rebuilding.building import sweep_builds
from kbchat.rebuilding.managing import view_generations
from kbchat.rebuilding.models import Build
from kbchat.rebuilding.retiring import KEPT_DAYS
from kbchat.rebuilding.switching import put_in_force
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import MAX_BYTES, Company, ingest, markdown
from tests.servers import as_application, as_worker
from tests.services.rebuilding_support import UNREAD, answering, build, company_with_pages, encoders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company() -> Company:
    return company_with_pages()


def long_ago(*generations: int) -> None:
    """Another one took their place so long ago that nobody keeps them any more."""
    past = timezone.now() - timedelta(days=KEPT_DAYS, minutes=1)
    IndexGeneration.objects.filter(pk__in=generations).update(answered_until=past)


def state_of(generation: int) -> str:
    return IndexGeneration.objects.get(pk=generation).state


def test_what_answers_takes_no_place_of_its_own(company: Company) -> None:
    first, new = answering().pk, build(company.admin, "small").generation_id
    put_in_force(company.admin, new, instead_of=first)
    with pytest.raises(Conflict, match="generation_answers"):
        put_in_force(company.admin, new, instead_of=new, reason="twice")
    assert (answering().pk, answering().answered_until) == (new, None)


def test_the_former_is_kept_for_some_days_and_what_answers_for_ever(company: Company) -> None:
    first, new = answering().pk, build(company.admin, "small").generation_id
    put_in_force(company.admin, new, instead_of=first)
    with as_worker():
        sweep_builds(UNREAD)
    assert state_of(first) == "ready"
    long_ago(first, new)
    with as_worker():
        sweep_builds(UNREAD)
    assert (state_of(first), state_of(new)) == ("retired", "ready")


@pytest.mark.parametrize("model", ["small", "narrow"])
def test_no_document_is_ready_before_it_is_in_the_index_that_answers_by_then(
    company: Company, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    """Built, and put in force, while the document was written into those that there were before."""
    first, write_passages = answering().pk, indexing_runs._write_passages

    def switched_meanwhile(*given: Any, **named: Any) -> bool:
        is_written = write_passages(*given, **named)
        if answering().pk == first:
            with as_application():
                new = build(company.admin, model).generation_id
                put_in_force(company.admin, new, instead_of=first)
        return is_written

    monkeypatch.setattr(indexing_runs, "_write_passages", switched_meanwhile)
    bikes = markdown("# Bikes\n\nBikes stand in the yard.", "bikes.md")
    upload(company.admin, company.handbook.id, bikes, max_bytes=MAX_BYTES)
    ingest(encoders())
    assert answering().pk != first
    with as_worker():
        assert count_missing(answering()) == 0
    retriever = PostgresRetriever(encoders())
    found = retriever.retrieve(company.reader, "bikes in the yard", retriever.pin(), limit=1)
    assert [passage.text for passage in found.passages] == ["Bikes stand in the yard."]


def test_while_a_document_is_made_ready_nobody_changes_which_index_answers(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish, refused = indexing_runs.publish, []

    def try_to_switch() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM indexing_activegeneration FOR UPDATE NOWAIT")
        except OperationalError as error:
            refused.append(error)
        finally:
            connection.close()

    def watched(*given: Any) -> None:
        thread = threading.Thread(target=try_to_switch)
        thread.start()
        thread.join()
        publish(*given)

    monkeypatch.setattr(indexing_runs, "publish", watched)
    upload(company.admin, company.handbook.id, markdown("# Bikes\n\nIn the yard."), max_bytes=MAX_BYTES)
    ingest(encoders())
    assert len(refused) == 1


def test_what_was_retired_hides_nothing_that_is_kept(company: Company) -> None:
    first, identity = answering(), encoders().configured.identity
    with as_worker():
        for _ in range(12):
            new_generation(identity, "structure-0", {}, GenerationState.SHADOW)
    later = IndexGeneration.objects.exclude(pk=first.pk)
    later.update(state="retired", retired_at=timezone.now())
    with as_worker():
        behind = [Build.objects.create(generation=first, state="built") for _ in range(2)]
    view = view_generations(company.admin, encoders())
    (shown,) = [each for each in view.generations if each.answers]
    assert (shown.id, shown.build and shown.build.id) == (first.pk, behind[-1].pk)
    assert len(view.generations) == 11
    assert view.is_configured


def test_what_is_cut_in_a_former_way_is_old(company: Company) -> None:
    def is_old() -> bool:
        return view_generations(company.admin, encoders()).generations[0].is_old

    assert not is_old()
    with as_worker():
        IndexGeneration.objects.update(chunking_policy="structure-0/abc")
    assert is_old()


def test_what_was_analysed_in_a_former_way_is_old_until_it_is_built_anew(company: Company) -> None:
    with as_worker():
        IndexGeneration.objects.update(analyser_version=0)
    former, built = answering(), build(company.admin, "hashed")
    assert built.generation is not None
    # Words alone are analysed again.
    assert (built.generation.analyser_version, built.reused) == (ANALYSER_VERSION, built.passages)
    put_in_force(company.admin, built.generation.pk, instead_of=former.pk)
    view = view_generations(company.admin, encoders())
    assert [(each.id, each.is_old) for each in view.generations] == [
        (built.generation.pk, False),
        (former.pk, True),
    ]

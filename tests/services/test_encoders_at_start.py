"""Settings and library disagree on the encoder: the former one goes on answering, and it is told what to do."""

import logging
from collections.abc import Sequence

import pytest

from kbchat.core.errors import Unavailable
from kbchat.indexing.encoders import Encoders, EncoderSource, only
from kbchat.indexing.models import IndexGeneration
from kbchat.inference.ports import Embedder
from kbchat.library.documents import document_row
from kbchat.library.preparing_index import ensure_index
from kbchat.library.uploading import replace, upload
from kbchat.rebuilding.managing import view_generations
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import MAX_BYTES, Company, ingest, markdown
from tests.servers import as_worker
from tests.services.rebuilding_support import BY_NAME, answering, company_with_pages

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company() -> Company:
    return company_with_pages()


def started(configured: str, opened: dict[str, Embedder] = BY_NAME) -> Encoders:
    """A process whose settings name an encoder; `opened`: what is opened by each name."""
    return Encoders(EncoderSource(configured), lambda source: opened[source.model])


def what_to_do(told: Sequence[logging.LogRecord]) -> list[str]:
    return [record.levelname for record in told if "manage.py generation build" in record.getMessage()]


def test_another_one_in_the_settings_changes_nothing_but_what_is_told(
    company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    first, encoders = answering(), started("small")
    with as_worker():
        ensure_index(encoders)
    assert encoders.at_start() is BY_NAME["hashed"]
    assert what_to_do(caplog.records) == ["WARNING"]
    assert answering() == first
    row = upload(company.admin, company.handbook.id, markdown("# Bikes\n\nIn the yard."), max_bytes=MAX_BYTES)
    ingest(encoders)
    assert document_row(company.admin, row.id).state == "ready"
    retriever = PostgresRetriever(encoders)
    found = retriever.retrieve(company.reader, "bikes in the yard", retriever.pin(), limit=3)
    assert (found.passages[0].text, found.trace.by_words_alone) == ("In the yard.", False)
    assert found.trace.generation_id == first.pk
    view = view_generations(company.admin, encoders)
    assert (view.configured, view.is_configured) == ("small", False)


def test_one_that_is_another_under_the_same_name_answers_nothing_and_is_told(
    company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    encoders = started("hashed", BY_NAME | {"hashed": BY_NAME["small"]})
    assert not encoders.has_changed(answering().pk)
    encoders.at_start()
    assert encoders.has_changed(answering().pk)
    assert what_to_do(caplog.records) == ["ERROR"]
    retriever = PostgresRetriever(encoders)
    with pytest.raises(Unavailable, match="encoder_changed"):
        retriever.retrieve(company.reader, "annual leave", retriever.pin(), limit=3)


def test_where_they_agree_nothing_is_said(company: Company, caplog: pytest.LogCaptureFixture) -> None:
    assert started("hashed").at_start() is BY_NAME["hashed"]
    assert what_to_do(caplog.records) == []


class TestWhatItReads:
    """Of an encoder that nothing was fitted for."""

    def test_it_is_found_out_when_the_first_index_is_made(self) -> None:
        with as_worker():
            ensure_index(started("hashed"))
        # It compares words, and reads nothing.
        assert answering().dense_weights == {"en": 0, "zh": 0, "en-zh": 0, "zh-en": 0}

    def test_an_index_of_before_is_told_and_what_was_fitted_for_it_stays(self, company: Company) -> None:
        def by_words() -> list[str]:
            return view_generations(company.admin, started("hashed")).generations[0].by_words

        assert (answering().dense_weights, by_words()) == ({}, [])
        with as_worker():
            ensure_index(started("hashed"))
        assert by_words() == ["en", "zh"]
        with as_worker():
            IndexGeneration.objects.update(dense_weights={"zh": 0.5})
            ensure_index(started("hashed"))
        assert answering().dense_weights == {"zh": 0.5}

    def test_a_served_one_that_did_not_answer_at_start_is_asked_with_the_next_file(
        self, company: Company
    ) -> None:
        row = upload(
            company.admin, company.handbook.id, markdown("# Bikes\n\nIn the yard."), max_bytes=MAX_BYTES
        )
        ingest(started("hashed"))
        assert answering().dense_weights == {}
        with as_worker():
            IndexGeneration.objects.update(source={"base_url": "http://127.0.0.1:8002/v1"})
        replace(company.admin, row.id, markdown("# Bikes\n\nBehind the house."), max_bytes=MAX_BYTES)
        ingest(only(BY_NAME["hashed"]))
        assert answering().dense_weights["zh"] == 0

    def test_one_that_is_another_by_now_says_nothing_of_the_vectors(self, company: Company) -> None:
        with as_worker():
            ensure_index(started("hashed", {"hashed": BY_NAME["small"]}))
        assert answering().dense_weights == {}

    def test_of_the_packaged_one_it_is_known(self, company: Company) -> None:
        with as_worker():
            IndexGeneration.objects.update(encoder="all-MiniLM-L6-v2")
            ensure_index(started("hashed"))
        assert answering().dense_weights == {}

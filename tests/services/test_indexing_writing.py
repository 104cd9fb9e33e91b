"""Writing into generations beside others who do."""

import threading
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from kbchat.embedded.cluster import Cluster
from kbchat.indexing import writing
from kbchat.indexing.encoders import Encoders, EncoderSource
from kbchat.indexing.models import Embedding, Posting
from kbchat.indexing.writing import erase, write
from kbchat.inference.ports import EncoderIdentity
from kbchat.inference.scripted import HashEmbedder
from kbchat.inference.vectors import checked
from kbchat.ingestion.chunking import indexed_text
from kbchat.ingestion.models import Chunk
from kbchat.rebuilding.building import go_on_building
from kbchat.rebuilding.managing import request_build
from kbchat.rebuilding.models import Build, BuildState
from tests.company import Company, add
from tests.servers import as_worker
from tests.services.rebuilding_support import BY_NAME, answering, company_with_pages
from tests.services.retrieval_support import generation, write_page

pytestmark = pytest.mark.django_db

_WAITING = """
SELECT array_agg(relation::regclass::text || ' ' || granted ORDER BY granted) FROM pg_locks
WHERE pid IN (SELECT pid FROM pg_locks WHERE relation = 'indexing_embedding'::regclass AND NOT granted)
  AND relation IN ('indexing_embedding'::regclass, 'indexing_posting'::regclass)
"""


class Breaking(HashEmbedder):
    """An encoder as the adapters give it, whose model goes wrong after it was opened."""

    def __init__(self, fault: str) -> None:
        super().__init__(dimension=128)
        self._fault = fault
        self._opened = 0

    @property
    def identity(self) -> EncoderIdentity:
        self._opened += 1
        renamed = self._fault == "renamed" and self._opened > 2
        return replace(super().identity, model="another" if renamed else "breaking")

    def embed_documents(self, texts: Sequence[str]) -> np.ndarray:
        vectors = super().embed_documents(texts)
        if self._fault == "nan":
            vectors[0, 0] = np.nan
        if self._fault == "dimension":
            vectors = vectors[:, :-1]
        return checked(vectors, count=len(texts), identity=self.identity)


@pytest.mark.django_db(transaction=True)
def test_erasing_waits_for_who_makes_partitions_and_holds_nothing_that_he_needs(
    servers: Cluster, company: Company
) -> None:
    """Partitions are made for vectors first and then for terms, each under a lock that nobody else may share."""
    version_id = write_page(company.handbook, ["Words."]).version.pk

    def in_a_connection_of_its_own() -> None:
        with as_worker():
            erase(version_id)
        connection.close()

    erasing = threading.Thread(target=in_a_connection_of_its_own)
    with psycopg.connect(servers.owner_database_url) as maker:
        maker.execute("LOCK TABLE indexing_embedding IN ACCESS EXCLUSIVE MODE")
        erasing.start()
        until, held = time.monotonic() + 20, None
        while held is None and time.monotonic() < until:
            (held,) = maker.execute(_WAITING).fetchone() or (None,)
            time.sleep(0.01)
        assert held == ["indexing_embedding false"]
    erasing.join()


@pytest.mark.parametrize(
    ("fault", "said"), [("another dimension", "vectors_have_one_dimension"), ("no number", "NaN")]
)
def test_a_vector_that_is_none_of_the_generation_s_is_never_stored(
    company: Company, fault: str, said: str
) -> None:
    """F33: whatever an encoder gave and whoever let it through."""
    chunks = write_page(company.handbook, ["Words."]).chunks
    broken = np.ones((1, 63 if fault == "another dimension" else 64), dtype=np.float32)
    if fault == "no number":
        broken[0, 0] = np.nan
    with as_worker():
        for held in (Embedding.objects, Posting.objects):
            held.filter(chunk=chunks[0]).delete()
        with pytest.raises(psycopg.DatabaseError, match=said), transaction.atomic():
            write(generation(), chunks, broken)
        assert not Embedding.objects.filter(chunk=chunks[0]).exists()


@pytest.mark.parametrize("fault", ["nan", "dimension", "renamed"])
def test_a_build_whose_encoder_breaks_stores_nothing_of_it_and_fails(fault: str) -> None:
    """F33."""
    company = company_with_pages()
    build_id = request_build(company.admin, EncoderSource("breaking"))
    breaking = Breaking(fault)
    known = Encoders(
        EncoderSource("hashed"),
        lambda source: breaking if source.model == "breaking" else BY_NAME[source.model],
    )
    with as_worker():
        for _ in range(20):
            Build.objects.update(not_before=timezone.now())
            go_on_building(build_id, Build.objects.get(pk=build_id).ticket, encoders=known)
    build = Build.objects.get(pk=build_id)
    assert build.state == BuildState.FAILED
    assert build.problem == ("encoder_changed" if fault == "renamed" else "search_model_unavailable")
    assert not Embedding.objects.filter(generation=build.generation).exists()
    assert build.generation is not None
    assert answering().pk != build.generation_id


def test_numbers_and_terms_are_stored_as_they_are(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever signs a term has: COPY has a meaning of its own for some."""
    terms = ["leave", "a\\b", "\\N", "\\.", "tab\there", "line\nend", "cr\rend", "年假", "'; --"]
    monkeypatch.setattr(writing, "analyse", lambda _: [*terms, "leave"])
    row = add(company.admin, company.handbook, "# Leave\n\nEverybody has 28 days.")
    with as_worker():
        stored = Embedding.objects.get(version=row.version_id)
        found = dict(Posting.objects.filter(chunk=stored.chunk_id).values_list("term", "frequency"))
        chunk = Chunk.objects.get(pk=stored.chunk_id)
    assert found == dict.fromkeys(terms, 1) | {"leave": 2}
    assert stored.terms == len(terms) + 1
    (vector,) = HashEmbedder().embed_documents([indexed_text(chunk.prefix, chunk.text)])
    assert np.array_equal(np.array(stored.vector, dtype=np.float32), vector.astype(np.float32))

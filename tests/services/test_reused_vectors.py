"""A passage whose text and encoder stay as they were is not embedded again."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from kbchat.indexing import filling
from kbchat.indexing.filling import vectors_for
from kbchat.indexing.models import Embedding
from kbchat.inference.scripted import HashEmbedder
from kbchat.ingestion.chunking import indexed_text
from kbchat.ingestion.models import Chunk
from kbchat.library.uploading import replace, upload
from tests.company import MAX_BYTES, Company, ingest, markdown
from tests.servers import as_worker
from tests.services.rebuilding_support import BY_NAME, answering, company_with_pages, encoders

pytestmark = pytest.mark.django_db(transaction=True)

DESKS = "# Desks\n\n" + "\n\n".join(f"## Desk {n}\n\nDesk {n} is kept for team {n * 7}." for n in range(9))
CHANGED = DESKS.replace("# Desks\n", "# Desks\n\nA word before, which moves all.\n", 1).replace(
    "team 21", "team 22"
)


@pytest.fixture
def company() -> Company:
    return company_with_pages()


@pytest.fixture
def embedded(company: Company, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the encoder was given since."""
    given: list[str] = []
    encode = HashEmbedder.embed_documents

    def noted(self: HashEmbedder, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        given.extend(texts)
        return encode(self, texts)

    monkeypatch.setattr(HashEmbedder, "embed_documents", noted)
    return given


def test_of_a_new_version_what_changed_is_embedded(company: Company, embedded: list[str]) -> None:
    row = upload(company.admin, company.handbook.id, markdown(DESKS), max_bytes=MAX_BYTES)
    ingest(encoders())
    first = len(embedded)
    assert first >= 9
    embedded.clear()
    replace(company.admin, row.id, markdown(CHANGED), max_bytes=MAX_BYTES)
    ingest(encoders())
    assert len(embedded) == 2
    assert any("A word before" in text for text in embedded)
    assert any("team 22" in text for text in embedded)
    with as_worker():
        newest = Chunk.objects.filter(version__document=row.id).exclude(version=row.version_id)
        stored = Embedding.objects.filter(chunk__in=newest).select_related("chunk")
        assert len(stored) == first + 1
        anew = BY_NAME["hashed"].embed_documents(
            [indexed_text(one.chunk.prefix, one.chunk.text) for one in stored]
        )
        assert np.allclose(anew, [one.vector for one in stored], atol=1e-6)


def test_of_a_book_the_vectors_that_are_asked_for_are_read(company: Company) -> None:
    with as_worker():
        chunks = list(Chunk.objects.select_related("version").filter(version__document__title="Rules"))
        assert len(chunks) > 10
        assert len(filling._known(answering(), chunks[:2])) == 2
        vectors, reused = vectors_for(answering(), chunks[:2], BY_NAME["hashed"])
        assert (vectors.shape, reused) == ((2, 256), 2)

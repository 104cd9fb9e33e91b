"""What every Embedder promises. A test class inherits this and gives the fixture `embedder`."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from kbchat.inference.ports import Embedder

MIXED = [
    "annual leave",
    "x",
    "The annual leave of an employee is fifteen days a year. " * 12,
    "年假有几天？",
    "",
]


class EmbedderContract:
    def test_its_identity_does_not_change(self, embedder: Embedder) -> None:
        assert embedder.identity == embedder.identity
        assert embedder.identity.model
        assert embedder.identity.revision
        assert embedder.identity.dimension > 0

    def test_vectors_have_the_promised_shape_and_length(self, embedder: Embedder) -> None:
        for vectors in (embedder.embed_documents(MIXED), embedder.embed_queries(MIXED)):
            assert vectors.shape == (len(MIXED), embedder.identity.dimension)
            assert vectors.dtype == np.float32
            assert embedder.identity.normalised
            np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)

    def test_no_texts_give_no_vectors(self, embedder: Embedder) -> None:
        assert embedder.embed_documents([]).shape == (0, embedder.identity.dimension)
        assert embedder.count_tokens([]) == []

    def test_each_vector_belongs_to_its_text(self, embedder: Embedder) -> None:
        together = embedder.embed_documents(MIXED * 9)
        for place, text in enumerate(MIXED):
            alone = embedder.embed_documents([text])[0]
            assert float(together[place + 4 * len(MIXED)] @ alone) > 0.9999

    def test_a_text_about_the_same_is_nearer(self, embedder: Embedder) -> None:
        question = embedder.embed_queries(["How many days of annual leave do employees get?"])[0]
        passages = ["Employees get fifteen days of annual leave.", "The printer stands on the second floor."]
        near, far = embedder.embed_documents(passages) @ question
        assert near > far + 0.1

    def test_no_text_raises(self, embedder: Embedder) -> None:
        odd = ["", " \n", "\x00", "lone \ud800 surrogate", "年" * 3000, "word " * 3000, "👩\u200d👩\u200d👧"]
        assert np.isfinite(embedder.embed_queries(odd)).all()

    def test_tokens_are_counted_with_the_special_ones(self, embedder: Embedder) -> None:
        nothing, word, words, other = embedder.count_tokens(["", "leave", "leave leave", "lone \ud800"])
        assert 0 < nothing < word < words
        assert other > nothing
        assert words - word == word - nothing == 1

    def test_a_count_is_not_cut_at_the_window(self, embedder: Embedder) -> None:
        assert embedder.count_tokens(["leave " * 3000])[0] > 3000
        assert embedder.window_tokens > 8

    def test_threads_may_share_it(self, embedder: Embedder) -> None:
        alone = embedder.embed_documents(MIXED)
        counts = embedder.count_tokens(MIXED)

        def both(_: int) -> bool:
            vectors = embedder.embed_documents(MIXED)
            return bool(np.allclose(vectors, alone, atol=1e-4)) and embedder.count_tokens(MIXED) == counts

        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(both, range(8)))

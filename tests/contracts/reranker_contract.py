"""What every Reranker promises. A test class inherits this and gives the fixture `reranker`."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from kbchat.inference.ports import Reranker

QUESTION = "How many days of annual leave?"
PASSAGES = [
    "Annual leave: 28 days of it.",
    "x",
    "The canteen serves lunch. " * 400,
    "年假为十五天。",
    "",
]


class RerankerContract:
    def test_each_passage_has_its_own_probability(self, reranker: Reranker) -> None:
        together = reranker.relevance(QUESTION, PASSAGES * 7)
        assert together.shape == (len(PASSAGES) * 7,)
        assert together.dtype == np.float64
        assert ((together > 0) & (together <= 1)).all()
        for place, passage in enumerate(PASSAGES):
            alone = reranker.relevance(QUESTION, [passage])[0]
            np.testing.assert_allclose(together[place + 3 * len(PASSAGES)], alone, atol=1e-4)

    def test_no_passages_have_no_probabilities(self, reranker: Reranker) -> None:
        assert reranker.relevance(QUESTION, []).shape == (0,)

    def test_no_text_raises(self, reranker: Reranker) -> None:
        odd = ["", " \n", "\x00", "lone \ud800 surrogate", "年" * 3000, "word " * 3000, "👩\u200d👩\u200d👧"]
        for question in odd:
            assert np.isfinite(reranker.relevance(question, odd)).all()

    def test_threads_may_share_it(self, reranker: Reranker) -> None:
        alone = reranker.relevance(QUESTION, PASSAGES)
        with ThreadPoolExecutor(4) as pool:
            for found in pool.map(lambda _: reranker.relevance(QUESTION, PASSAGES), range(8)):
                np.testing.assert_allclose(found, alone, atol=1e-4)

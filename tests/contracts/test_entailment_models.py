"""The contract of natural-language inference, for the fake and for a cross-encoder made here."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from kbchat.inference.cross_encoder_entailment import CrossEncoderEntailment
from kbchat.inference.ports import EntailmentModel, ModelUnavailable
from kbchat.inference.scripted import WordEntailment
from tests.contracts.tiny_cross_encoders import tiny_cross_encoder

_Reason = ModelUnavailable.Reason
CLAIM = "How many days of annual leave"
PREMISES = ["annual leave days", "x", "canteen " * 400, "年假", ""]
LABELS = ("contradiction", "entailment", "neutral")


class EntailmentContract:
    def test_each_premise_has_its_own_probability(self, model: EntailmentModel) -> None:
        together = model.entailment(PREMISES * 7, CLAIM)
        assert together.shape == (len(PREMISES) * 7,)
        assert ((together >= 0) & (together <= 1)).all()
        assert len({round(float(p), 4) for p in together}) > 1
        for place, premise in enumerate(PREMISES):
            alone = model.entailment([premise], CLAIM)[0]
            np.testing.assert_allclose(together[place + 3 * len(PREMISES)], alone, atol=1e-4)

    def test_without_premises_nothing_follows(self, model: EntailmentModel) -> None:
        assert model.entailment([], CLAIM).shape == (0,)

    def test_no_text_raises(self, model: EntailmentModel) -> None:
        odd = ["", " \n", "\x00", "lone \ud800 surrogate", "年" * 3000, "word " * 3000]
        for claim in odd:
            assert np.isfinite(model.entailment(odd, claim)).all()

    def test_threads_may_share_it(self, model: EntailmentModel) -> None:
        alone = model.entailment(PREMISES, CLAIM)
        with ThreadPoolExecutor(4) as pool:
            for found in pool.map(lambda _: model.entailment(PREMISES, CLAIM), range(8)):
                np.testing.assert_allclose(found, alone, atol=1e-4)


class TestWordEntailment(EntailmentContract):
    @pytest.fixture
    def model(self) -> EntailmentModel:
        return WordEntailment()


class TestCrossEncoderEntailment(EntailmentContract):
    @pytest.fixture(scope="class")
    def model(self, tmp_path_factory: pytest.TempPathFactory) -> EntailmentModel:
        return CrossEncoderEntailment(str(tiny_cross_encoder(tmp_path_factory.mktemp("tiny"), labels=LABELS)))

    def test_the_label_is_found_by_its_name(self, tmp_path: Path) -> None:
        models = [
            CrossEncoderEntailment(str(tiny_cross_encoder(tmp_path / str(place), labels=labels)))
            for place, labels in enumerate(
                [LABELS, (LABELS[1], LABELS[0], LABELS[2]), (*LABELS[::2], "ENTAILMENT")]
            )
        ]
        # The weights are the same, so each order of labels names another output.
        found = np.array([model.entailment(PREMISES, CLAIM) for model in models])
        np.testing.assert_allclose(found.sum(axis=0), 1, atol=1e-4)

    @pytest.mark.parametrize(
        "labels", [("relevance",), ("LABEL_0", "LABEL_1", "LABEL_2"), ("no", "not_entailment")]
    )
    def test_a_model_without_that_label_is_none(self, tmp_path: Path, labels: tuple[str, ...]) -> None:
        with pytest.raises(ModelUnavailable) as caught:
            CrossEncoderEntailment(str(tiny_cross_encoder(tmp_path, labels=labels))).entailment(
                PREMISES, CLAIM
            )
        assert caught.value.reason is _Reason.UNSUPPORTED

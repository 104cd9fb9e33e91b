"""The reranker contract for the fake, a cross-encoder made here, and a served one in both of its spellings."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kbchat.inference.cross_encoder_reranker import CrossEncoderReranker
from kbchat.inference.ports import ModelUnavailable, Reranker
from kbchat.inference.scripted import WordReranker
from kbchat.inference.served_reranker import ServedReranker
from tests.contracts.reranker_contract import PASSAGES, QUESTION, RerankerContract
from tests.contracts.server_process import ScriptedServer
from tests.contracts.tiny_cross_encoders import tiny_cross_encoder

_Reason = ModelUnavailable.Reason
_ROOT = Path(__file__).parents[2]


class TestWordReranker(RerankerContract):
    @pytest.fixture
    def reranker(self) -> Reranker:
        return WordReranker()

    def test_what_has_the_question_s_words_is_likelier(self, reranker: Reranker) -> None:
        leave, _, canteen, *_ = reranker.relevance(QUESTION, PASSAGES)
        assert leave > canteen


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> CrossEncoderReranker:
    return CrossEncoderReranker(str(tiny_cross_encoder(tmp_path_factory.mktemp("tiny"))))


class TestCrossEncoderReranker(RerankerContract):
    @pytest.fixture
    def reranker(self, tiny: CrossEncoderReranker) -> Reranker:
        return tiny

    def test_question_and_passage_are_read_together(self, reranker: Reranker) -> None:
        one, other = "annual leave", "canteen days"
        asked = [
            reranker.relevance(question, [passage])[0]
            for question in (one, other)
            for passage in (one, other)
        ]
        assert len({round(float(p), 4) for p in asked}) == 4

    def test_a_model_of_several_outputs_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(ModelUnavailable) as caught:
            CrossEncoderReranker(
                str(tiny_cross_encoder(tmp_path, labels=("contradiction", "entailment", "neutral")))
            ).relevance(QUESTION, PASSAGES)
        assert caught.value.reason is _Reason.UNSUPPORTED

    def test_a_model_that_is_not_there_is_unavailable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
        with pytest.raises(ModelUnavailable) as caught:
            CrossEncoderReranker("nobody/no-such-model").relevance(QUESTION, PASSAGES)
        assert caught.value.reason is _Reason.UNREACHABLE

    def test_naming_it_loads_nothing(self) -> None:
        script = (
            "import sys, kbchat.inference.cross_encoder_reranker as r; r.CrossEncoderReranker('x'); "
            "print({'torch', 'sentence_transformers'} & set(sys.modules))"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=_ROOT
        )
        assert done.stdout == "set()\n"


@pytest.fixture
def served(server: ScriptedServer) -> Iterator[ServedReranker]:
    adapter = ServedReranker(server.base_url, model="scripted-model")
    yield adapter
    adapter.close()


@pytest.mark.parametrize("spelling", ["documents", "texts"])
class TestServedReranker(RerankerContract):
    @pytest.fixture
    def reranker(self, server: ScriptedServer, served: ServedReranker, spelling: str) -> Reranker:
        server.script(reranks=spelling)
        return served

    def test_what_has_the_question_s_words_is_likelier(self, reranker: Reranker) -> None:
        leave, _, canteen, *_ = reranker.relevance(QUESTION, PASSAGES)
        assert leave > canteen

    def test_the_spelling_is_found_out_once(
        self, server: ScriptedServer, reranker: Reranker, spelling: str
    ) -> None:
        for _ in range(3):
            reranker.relevance(QUESTION, PASSAGES)
        refused = [request["status"] for request in server.requests("/rerank")].count(422)
        assert refused == (1 if spelling == "texts" else 0)

    @pytest.mark.parametrize("fault", ["nan", "dimension", "missing", "text"])
    def test_broken_answers_do_not_get_out(
        self, server: ScriptedServer, served: ServedReranker, spelling: str, fault: str
    ) -> None:
        server.script(reranks=spelling, default={"vector_fault": fault})
        with pytest.raises(ModelUnavailable) as caught:
            served.relevance(QUESTION, PASSAGES)
        assert caught.value.reason is _Reason.BROKEN_ANSWER

    def test_a_busy_server_is_asked_again(
        self, server: ScriptedServer, served: ServedReranker, spelling: str
    ) -> None:
        server.script(reranks=spelling, default={"busy_times": 2})
        assert served.relevance(QUESTION, PASSAGES).shape == (len(PASSAGES),)


def test_a_server_without_it_refuses(server: ScriptedServer, served: ServedReranker) -> None:
    server.script(reranks="")
    with pytest.raises(ModelUnavailable) as caught:
        served.relevance(QUESTION, PASSAGES)
    assert caught.value.reason is _Reason.REFUSED


def test_a_server_that_is_away_is_unreachable() -> None:
    with pytest.raises(ModelUnavailable) as caught:
        ServedReranker("http://127.0.0.1:9", model="m").relevance(QUESTION, PASSAGES)
    assert caught.value.reason is _Reason.UNREACHABLE

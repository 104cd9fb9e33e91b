"""A generation's own weights and calibration: what it begins with, and that they come and go with it."""

import threading

import numpy as np
import pytest
from django.db import connection

from kbchat.indexing import checking
from kbchat.indexing.encoders import EncoderSource
from kbchat.indexing.generations import set_abstention, set_fusion
from kbchat.indexing.known_items import Compared, Evidence
from kbchat.indexing.models import ActiveGeneration, Embedding, IndexGeneration
from kbchat.rebuilding import building
from kbchat.rebuilding.inheriting import as_stored, calibration_in_force, drift, inherited
from kbchat.rebuilding.managing import request_build
from kbchat.rebuilding.models import Build
from kbchat.rebuilding.switching import put_in_force
from kbchat.retrieval.calibration import DEFAULT_NULL_WEIGHTS, UNFITTED_DENSE_WEIGHT, calibration_of
from kbchat.retrieval.port import Pin
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company
from tests.servers import as_worker
from tests.services.rebuilding_support import answering, build, company_with_pages, encoders

FITTED = {"en": 0.7, "zh": 0.1, "zh-en": 0.3}


def generation(encoder: str, **more: object) -> IndexGeneration:
    return IndexGeneration(encoder=encoder, **more)


def evidence(language: str, *, slope: float, offset: float) -> list[Evidence]:
    """What the new encoder says is told on another scale."""
    told = np.linspace(0.1, 0.9, 20)
    return [Evidence(language, slope * now + offset, now) for now in told.tolist()]


class TestBeginning:
    former = generation("one", dense_weights=FITTED, calibration={"temperature": 0.2})

    def begun(self, compared: Compared, pieces: list[Evidence], **read: float):  # noqa: ANN201
        return inherited(generation("two"), self.former, compared, pieces, read)

    def test_the_same_evidence_counts_the_same_on_another_scale(self) -> None:
        pieces = evidence("en", slope=0.5, offset=0.3)
        own, former = self.begun(Compared(), pieces), calibration_in_force(self.former)
        assert own.temperature == 0.2
        assert drift(former.null_weights, own.null_weights, pieces) == pytest.approx(0, abs=1e-9)
        assert drift(former.null_weights, former.null_weights, pieces) > 0.5
        assert own.null_weights["en"]["coverage"] == former.null_weights["en"]["coverage"]
        # Of a language with no evidence of its own, all of it tells.
        scaled = own.null_weights["zh"]["cosine"] / former.null_weights["zh"]["cosine"]
        assert scaled == pytest.approx(0.5)

    def test_a_language_that_it_reads_no_better_keeps_its_weight(self) -> None:
        """Not the weight that an unknown encoder has: Chinese would be found by vectors that know none of it."""
        compared = Compared(by_language={"en": (0.9, 0.9), "zh": (0.2, 0.2)})
        own = self.begun(compared, evidence("en", slope=1, offset=0))
        assert own.dense_weights == {"en": 0.7, "zh": 0.1, "other": UNFITTED_DENSE_WEIGHT}

    def test_one_that_it_has_learnt_counts_as_much_as_what_it_knows_best(self) -> None:
        compared = Compared(by_language={"en": (0.9, 0.9), "zh": (0.2, 0.9)})
        assert self.begun(compared, evidence("en", slope=1, offset=0)).dense_weights["zh"] == 0.7
        half = Compared(by_language={"en": (0.9, 0.9), "zh": (0.2, 0.55)})
        assert self.begun(half, evidence("en", slope=1, offset=0)).dense_weights["zh"] == pytest.approx(0.4)

    def test_one_that_it_has_forgotten_counts_less(self) -> None:
        compared = Compared(by_language={"en": (0.8, 0.4)})
        assert self.begun(compared, evidence("en", slope=1, offset=0)).dense_weights["en"] == 0.35

    def test_where_it_does_not_read_words_decide_whatever_it_finds_again(self) -> None:
        """A sentence of the library is found by its characters too."""
        compared = Compared(by_language={"en": (0.9, 0.9), "zh": (0.2, 0.9)})
        own = self.begun(compared, evidence("en", slope=1, offset=0), **{"en": 0.3, "zh": 0, "zh-en": 0})
        assert own.dense_weights == {"en": 0.7, "zh": 0, "zh-en": 0, "other": UNFITTED_DENSE_WEIGHT}

    def test_a_language_that_the_library_does_not_have_yet_is_read_where_it_can_be(self) -> None:
        compared = Compared(by_language={"en": (0.9, 0.9)})
        own = self.begun(compared, evidence("en", slope=1, offset=0), en=0.3, zh=0.3)
        assert own.dense_weights == {"en": 0.7, "zh": 0.3, "other": UNFITTED_DENSE_WEIGHT}
        assert self.begun(Compared(), [], en=0.3, zh=0).dense_weights["zh"] == 0

    def test_what_counted_for_nothing_begins_where_it_is_read(self) -> None:
        """However little of it the library's sentences show: one that compares characters finds them as well."""
        former = generation("one", dense_weights={"en": 0.4, "zh": 0.0})
        compared = Compared(by_language={"en": (0.9, 0.9), "zh": (0.9, 0.9)})
        own = inherited(
            generation("two"), former, compared, evidence("en", slope=1, offset=0), {"en": 0.3, "zh": 0.3}
        )
        assert (own.dense_weights["en"], own.dense_weights["zh"]) == (0.4, 0.3)

    def test_where_words_decide_what_nothing_answers_is_not_told_by_cosines(self) -> None:
        own = self.begun(Compared(), evidence("en", slope=0.5, offset=0.3), en=0.3, zh=0)
        stored = as_stored(own)
        told = calibration_of("two", stored["dense_weights"], stored["calibration"])
        assert told.null_weights["zh"] == DEFAULT_NULL_WEIGHTS["other"]
        assert told.null_weights["en"] == own.null_weights["en"]

    def test_the_same_encoder_keeps_all_of_it(self) -> None:
        own = inherited(
            generation("one"), self.former, Compared(), evidence("en", slope=0.5, offset=0), {"zh": 0}
        )
        assert own == calibration_in_force(self.former)
        assert own.dense_weights["zh-en"] == 0.3


@pytest.fixture
def company() -> Company:
    return company_with_pages()


@pytest.mark.django_db(transaction=True)
class TestComingAndGoing:
    def test_a_build_ends_with_weights_of_its_own_that_were_checked(self, company: Company) -> None:
        first = answering()
        set_fusion(first.pk, {"en": 0.8}, 0.3, {"en": {"cosine": 5.0, "bias": -4.0}})
        set_abstention(first.pk, {"quoting": {"en": 0.41}})
        built = build(company.admin, "narrow").generation
        assert built is not None
        built.refresh_from_db()
        assert built.calibration["temperature"] == 0.3
        assert built.dense_weights["en"] == pytest.approx(0.8, abs=0.2)
        assert built.calibration["null"]["en"]["cosine"] == pytest.approx(5.0, rel=0.7)
        assert built.calibration["answer_from"] == {"quoting": {"en": 0.41}}
        checks = built.builds.get().checks
        assert checks["drift"] < checking.MOST_DRIFT
        assert checks["problems"] == []

    def test_one_that_believes_in_other_answers_is_refused(
        self, company: Company, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As if nobody had fitted it, and its cosines were those of an encoder that finds everything alike."""
        wrong = calibration_of("unknown", {}, {"null": {"en": {"cosine": 30.0, "bias": -3.0}}})
        monkeypatch.setattr(building, "inherited", lambda *_: wrong)
        assert build(company.admin, "small").checks["problems"] == ["other_confidence"]

    def test_a_passage_that_stands_under_the_rights_of_another_is_refused(
        self, company: Company, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        finished = building.checked

        def misled(candidate: IndexGeneration, *more: object) -> object:
            held = Embedding.objects.filter(generation=candidate)
            one, other = held.order_by("version_id").first(), held.order_by("version_id").last()
            assert one is not None
            assert other is not None
            held.filter(chunk_id=one.chunk_id).update(
                version_id=other.version_id, section_id=other.section_id
            )
            return finished(candidate, *more)

        monkeypatch.setattr(building, "checked", misled)
        checks = build(company.admin, "small").checks
        assert (checks["misplaced"], "misplaced" in checks["problems"]) == (1, True)

    def test_the_switch_and_the_way_back_bring_each_its_own(self, company: Company) -> None:
        """However often, and whatever moment somebody asks at."""
        first = answering().pk
        second = build(company.admin, "small").generation_id
        assert second is not None
        own = {first: 0.11, second: 0.22}
        for each, temperature in own.items():
            set_fusion(each, {"en": temperature}, temperature, {"en": {"gap": temperature}})
        pins: list[Pin] = []
        over = threading.Event()

        def look() -> None:
            while not over.is_set():
                pins.append(PostgresRetriever(encoders()).pin())
            connection.close()

        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(10):
                put_in_force(company.admin, second, instead_of=first)
                put_in_force(company.admin, first, instead_of=second)
        finally:
            over.set()
            for thread in threads:
                thread.join()
        assert {pin.generation_id for pin in pins} == {first, second}
        told = {
            (pin.generation_id, pin.temperature, pin.dense_weight["en"], pin.null_weights["en"]["gap"])
            for pin in pins
        }
        assert told == {(each, value, value, value) for each, value in own.items()}

    def test_what_is_fitted_for_one_leaves_the_other_as_it_is(self, company: Company) -> None:
        first = answering().pk
        second = build(company.admin, "small").generation_id
        assert second is not None
        before = IndexGeneration.objects.get(pk=first).calibration
        set_fusion(second, {"en": 0.3}, 0.4, {})
        put_in_force(company.admin, second, instead_of=first)
        put_in_force(company.admin, first, instead_of=second)
        assert ActiveGeneration.objects.get().generation.calibration == before

    def test_a_build_that_dies_at_its_end_leaves_no_weights_of_a_shadow(
        self, company: Company, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(building, "ring_on_commit", broken)
        build_id = request_build(company.admin, EncoderSource("small"))
        with as_worker():
            for _ in range(5):
                ticket = Build.objects.get(pk=build_id).ticket
                building.go_on_building(build_id, ticket, encoders=encoders())
        candidate = Build.objects.get(pk=build_id).generation
        assert candidate is not None
        assert (candidate.state, candidate.calibration, candidate.dense_weights) == ("building", {}, {})

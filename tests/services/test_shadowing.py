"""People's questions are asked of another generation, too: under the asker's rights, to no effect, and nothing of them
is kept but sums."""

import time
from typing import Any

import pytest

from kbchat.core.errors import Unavailable
from kbchat.rebuilding.managing import view_generations
from kbchat.rebuilding.models import ShadowFigures
from kbchat.rebuilding.shadowing import Asked, ShadowedRetriever, correlation, overlap
from kbchat.rebuilding.switching import put_in_force, retire
from kbchat.retrieval.port import EVERYTHING, Passage, Retrieval, Scope
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company
from tests.services.rebuilding_support import answering, build, company_with_pages, encoders
from tests.waiting import wait_until

QUESTION = "How many days of annual leave does everybody have in a year?"


class Watched(PostgresRetriever):
    """Notes who asked what of which generation."""

    def __init__(self) -> None:
        super().__init__(encoders())
        self.asked: list[tuple[Any, str, int, Scope]] = []
        self.fails_in: int | None = None

    def retrieve(self, viewer: Any, query: str, pin: Any, **more: Any) -> Retrieval:
        self.asked.append((viewer, query, pin.generation_id, more.get("scope", EVERYTHING)))
        if pin.generation_id == self.fails_in:
            raise Unavailable("encoder_changed")
        return super().retrieve(viewer, query, pin, **more)


@pytest.fixture
def company() -> Company:
    return company_with_pages()


def asked_of_both(company: Company, inner: Watched, viewer: Any, scope: Scope = EVERYTHING) -> None:
    """As the thread does it."""
    pin = inner.pin()
    found = inner.retrieve(viewer, QUESTION, pin, limit=10, scope=scope)
    ShadowedRetriever(inner).ask_the_shadow(
        Asked(viewer, QUESTION, scope, None, pin.generation_id, found.passages, 0.01)
    )


def told(company: Company, generation: int) -> Any:
    rows = view_generations(company.admin, encoders()).generations
    return next(row.shadow for row in rows if row.id == generation)


@pytest.mark.django_db
def test_what_two_generations_find_in_common_is_summed_up(company: Company) -> None:
    first, same = answering().pk, build(company.admin, "hashed").generation_id
    inner = Watched()
    asked_of_both(company, inner, company.admin)
    asked_of_both(company, inner, company.reader)
    found = told(company, same)
    assert (found.asked, found.overlap, found.correlation) == (2, 1.0, 1.0)
    assert found.milliseconds_before == pytest.approx(10)
    assert found.milliseconds_now > 0
    assert told(company, first) is None
    # Of what is kept, all is numbers.
    assert all(isinstance(value, int | float) for value in ShadowFigures.objects.values_list().get()[1:])
    small = build(company.admin, "small").generation_id
    asked_of_both(company, inner, company.admin)
    assert 0 < told(company, small).overlap < 1


@pytest.mark.django_db
def test_it_is_asked_under_the_asker_s_own_rights_and_where_he_asked(company: Company) -> None:
    small = build(company.admin, "small").generation_id
    inner, scope = Watched(), Scope(collection_ids=(company.handbook.id,))
    asked_of_both(company, inner, company.reader, scope)
    asked_of_both(company, inner, company.stranger)
    of_shadow = [(viewer, where) for viewer, _, generation, where in inner.asked if generation == small]
    assert of_shadow == [(company.reader, scope), (company.stranger, EVERYTHING)]
    # Whoever may read nothing finds nothing in either.
    assert ShadowFigures.objects.get().overlap <= 2.0


@pytest.mark.django_db
def test_nothing_is_asked_where_there_is_nothing_to_compare(company: Company) -> None:
    inner = Watched()
    asked_of_both(company, inner, company.admin)
    assert not ShadowFigures.objects.exists()
    first, small = answering().pk, build(company.admin, "small").generation_id
    pin = inner.pin()
    put_in_force(company.admin, small, instead_of=first)
    # Asked before the change.
    ShadowedRetriever(inner).ask_the_shadow(
        Asked(company.admin, QUESTION, EVERYTHING, None, pin.generation_id, (), 0.01)
    )
    assert not ShadowFigures.objects.exists()
    retire(company.admin, first)
    asked_of_both(company, inner, company.admin)
    assert not ShadowFigures.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_whoever_asks_gets_what_he_would_get_and_waits_for_nothing(company: Company) -> None:
    small = build(company.admin, "small").generation_id
    inner = Watched()
    shadowed = ShadowedRetriever(inner, share=1.0)
    pin = shadowed.pin()
    plain = inner.retrieve(company.reader, QUESTION, pin, limit=20)
    found = shadowed.retrieve(company.reader, QUESTION, pin, limit=20)
    assert (found.passages, found.probabilities) == (plain.passages, plain.probabilities)
    wait_until(lambda: ShadowFigures.objects.filter(generation=small, asked=1).exists(), 10)
    # One that cannot be asked disturbs nobody, and the thread lives on.
    inner.fails_in = small
    for _ in range(5):
        assert shadowed.retrieve(company.reader, QUESTION, pin, limit=20).passages == plain.passages
    wait_until(lambda: shadowed._waiting.empty(), 10)
    inner.fails_in = None
    time.sleep(0.05)
    shadowed.retrieve(company.reader, QUESTION, pin, limit=20)
    wait_until(lambda: ShadowFigures.objects.filter(generation=small, asked=2).exists(), 10)


@pytest.mark.django_db
def test_the_second_round_of_an_answer_and_a_narrow_look_are_not_asked(company: Company) -> None:
    build(company.admin, "small")
    inner = Watched()
    shadowed = ShadowedRetriever(inner, share=1.0)
    pin = shadowed.pin()
    passages = inner.retrieve(company.admin, QUESTION, pin, limit=10).passages
    shadowed.retrieve(company.admin, QUESTION, pin, limit=10, exclude_chunks=[passages[0].chunk_id])
    shadowed.retrieve(company.admin, QUESTION, pin, limit=3)
    assert shadowed._waiting.empty()
    assert not shadowed._has_started


@pytest.mark.django_db
def test_places_count_however_they_are_cut(company: Company) -> None:
    inner = Watched()
    found: tuple[Passage, ...] = inner.retrieve(company.admin, QUESTION, inner.pin(), limit=5).passages
    assert (overlap(found, found), correlation(found, found)) == (1.0, 1.0)
    assert correlation(found, found[::-1]) == -1.0
    assert overlap(found, found[:2]) == 2 / 5
    assert (overlap(found, ()), overlap((), ()), correlation(found, found[:1])) == (0.0, 1.0, None)

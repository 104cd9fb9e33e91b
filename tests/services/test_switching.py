"""Which generation answers, and what becomes of the one before: put in force, gone back from, retired in time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from kbchat.core.errors import Conflict
from kbchat.indexing.models import IndexGeneration
from kbchat.rebuilding.building import KEPT_DAYS, sweep_builds
from kbchat.rebuilding.switching import put_in_force
from tests.company import Company
from tests.servers import as_worker
from tests.services.rebuilding_support import answering, build, company_with_pages

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company() -> Company:
    return company_with_pages()


def long_ago(*generations: int) -> None:
    """Another one took their place so long ago that nobody keeps them any more."""
    past = timezone.now() - timedelta(days=KEPT_DAYS, minutes=1)
    IndexGeneration.objects.filter(pk__in=generations).update(answered_until=past)


def state_of(generation: int) -> str:
    return IndexGeneration.objects.get(pk=generation).state


def test_what_answers_takes_no_place_of_its_own(company: Company) -> None:
    first, new = answering().pk, build(company.admin, "small").generation_id
    put_in_force(company.admin, new, instead_of=first)
    with pytest.raises(Conflict, match="generation_answers"):
        put_in_force(company.admin, new, instead_of=new, reason="twice")
    assert (answering().pk, answering().answered_until) == (new, None)


def test_the_former_is_kept_for_some_days_and_what_answers_for_ever(company: Company) -> None:
    first, new = answering().pk, build(company.admin, "small").generation_id
    put_in_force(company.admin, new, instead_of=first)
    with as_worker():
        sweep_builds()
    assert state_of(first) == "ready"
    long_ago(first, new)
    with as_worker():
        sweep_builds()
    assert (state_of(first), state_of(new)) == ("retired", "ready")

"""What is told of a build under way: how far it is, how quick, and how long it takes still."""

import time

import pytest

from kbchat.rebuilding import building
from kbchat.rebuilding.giving_way import Courtesy
from kbchat.rebuilding.managing import request_build, view_build
from kbchat.rebuilding.models import Build
from tests.company import Company
from tests.servers import as_worker
from tests.services.rebuilding_support import build, company_with_pages

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company() -> Company:
    return company_with_pages()


def test_rate_and_time_left_are_told_until_it_ends(company: Company) -> None:
    under_way = request_build(company.admin)
    row = view_build(company.admin, under_way)
    assert (row.rate, row.remaining_seconds) == (None, None)

    def after(**values: object) -> tuple[int, float | None, float | None]:
        with as_worker():
            Build.objects.filter(pk=under_way).update(**values)
        row = view_build(company.admin, under_way)
        return row.written, row.rate, row.remaining_seconds

    assert after(passages=100, written=40, seconds=8.0) == (40, 5.0, 12.0)
    assert after(state="paused") == (40, 5.0, 12.0)
    # What was uploaded meanwhile is written besides.
    assert after(written=104) == (100, 13.0, 0.0)
    assert after(state="built") == (100, 13.0, None)


def test_time_in_which_it_stands_still_for_others_counts(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Patient(Courtesy):
        def give_way(self) -> None:
            time.sleep(0.2)

    monkeypatch.setattr(building, "_COURTESY", Patient())
    built = build(company.admin, "small")
    assert built.seconds >= 0.4, "two batches at least"

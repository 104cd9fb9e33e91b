"""An index that finds less: refused, forced with a reason that is audited, and what it loses is named."""

import pytest

from kbchat.access.viewers import viewer_of
from kbchat.audit.models import AuditAction
from kbchat.core.errors import Invalid, NotFound
from kbchat.rebuilding.building import catch_up
from kbchat.rebuilding.comparing import lost_sentences
from kbchat.rebuilding.managing import view_generations
from kbchat.rebuilding.models import Build
from kbchat.rebuilding.switching import put_in_force
from tests.company import Company, person
from tests.servers import as_worker
from tests.services.audit_support import subjects
from tests.services.rebuilding_support import (
    answering,
    build,
    company_with_pages,
    encoders,
    go_on,
    lose_a_passage,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company() -> Company:
    return company_with_pages()


def test_a_generation_that_finds_less_is_refused_with_its_reasons_and_may_be_forced_with_one(
    company: Company,
) -> None:
    first = answering().pk
    built = build(company.admin, "shuffled")
    compared = built.checks["known_items"]
    assert built.checks["problems"] == ["finds_less"]
    assert compared["now"] < compared["before"] - 0.02
    assert compared["high"] < 0
    assert compared["lost"]
    with pytest.raises(Invalid) as refused:
        put_in_force(company.admin, built.generation_id, instead_of=first)
    assert (refused.value.code, refused.value.facts["reasons"]) == ("generation_worse", "finds_less")
    assert answering().pk == first
    put_in_force(company.admin, built.generation_id, instead_of=first, reason="a drill")
    assert answering().pk == built.generation_id
    put_in_force(company.admin, first, instead_of=built.generation_id, reason="no need of one")
    to_worse, back = subjects(AuditAction.GENERATION_SWITCHED)
    assert to_worse["refused_for"] == built.checks["problems"]
    assert len(to_worse["reason"]) == 64
    assert back == {"generation": first, "before": built.generation_id}
    assert forced_because(company) == {built.generation_id: "a drill"}


def test_why_it_was_forced_is_told_when_it_has_caught_up_since(company: Company) -> None:
    built = build(company.admin, "shuffled")
    put_in_force(company.admin, built.generation_id, instead_of=answering().pk, reason="a drill")
    lose_a_passage(answering())
    with as_worker():
        catch_up()
    go_on(Build.objects.get(is_new=False).pk)
    assert forced_because(company) == {built.generation_id: "a drill"}


def forced_because(company: Company) -> dict[int, str]:
    rows = view_generations(company.admin, encoders()).generations
    return {row.id: row.override_reason for row in rows if row.override_reason}


def test_the_sentences_that_it_lost_are_named_to_whoever_may_read_them(company: Company) -> None:
    built = build(company.admin, "shuffled")
    lost = lost_sentences(company.admin, built.generation_id)
    assert len(lost) == len(built.checks["known_items"]["lost"]) > 0
    assert {each.title for each in lost} <= {"Rules", "Leave", "Travel", "年假"}
    assert any("Desk" in each.text and each.text.endswith(".") for each in lost)
    somebody_else = viewer_of(person("other@example.com", is_administrator=True))
    assert lost_sentences(somebody_else, built.generation_id) == []
    with pytest.raises(NotFound):
        lost_sentences(company.editor, built.generation_id)

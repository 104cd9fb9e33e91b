"""What the graph over a new generation's vectors finds is known before it answers, and what finds too little is
refused."""

import io

import pytest
from django.core.management import call_command

from kbchat import composition
from kbchat.core.errors import Invalid
from kbchat.indexing import health, vector_index
from kbchat.indexing.checking import Checks
from kbchat.indexing.health import probe_graphs
from kbchat.indexing.known_items import Compared
from kbchat.indexing.models import IndexGeneration
from kbchat.indexing.vector_index import index_concurrently, keep_vector_indexes
from kbchat.rebuilding.comparing import NOT_ASKED, WORSE
from kbchat.rebuilding.graphs import MISSES, NOT_PROBED
from kbchat.rebuilding.managing import view_generations
from kbchat.rebuilding.switching import COMPARED_WITH_ANOTHER, put_in_force
from kbchat.sentences import knows
from tests.company import Company
from tests.servers import as_owner, as_worker
from tests.services.rebuilding_support import answering, build, company_with_pages, encoders

pytestmark = pytest.mark.django_db(transaction=True)

WORTH_IT = 10


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setattr(vector_index, "WORTH_AN_INDEX", WORTH_IT)
    return company_with_pages()


def refused(company: Company, generation: int | None) -> str:
    with pytest.raises(Invalid, match="generation_worse") as error:
        put_in_force(company.admin, generation, instead_of=answering().pk)
    return str(error.value.facts["reasons"])


def shown(company: Company, generation: int | None) -> tuple[float | None, list[str]]:
    rows = view_generations(company.admin, encoders()).generations
    (row,) = [each for each in rows if each.id == generation]
    return row.graph_recall, row.graph_problems


def test_a_graph_is_made_and_looked_at_before_its_generation_answers(company: Company) -> None:
    first, new = answering().pk, build(company.admin, "small").generation_id
    assert refused(company, new) == "graph_not_probed"
    with as_worker():
        assert keep_vector_indexes(WORTH_IT) == 2
    assert refused(company, new) == "graph_not_probed"
    with as_worker():
        assert (probe_graphs(), probe_graphs()) == (2, 0)
    recall, problems = shown(company, new)
    assert recall is not None
    assert recall >= health.LEAST_RECALL
    assert problems == []
    put_in_force(company.admin, new, instead_of=first)


def test_a_graph_that_misses_too_much_is_refused_until_it_is_made_anew(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = build(company.admin, "small").generation_id
    with as_worker():
        keep_vector_indexes(WORTH_IT)
        with monkeypatch.context() as blind:
            blind.setattr(health, "_IN_SIGHT", "1")
            probe_graphs()
    recall, problems = shown(company, new)
    assert recall is not None
    assert recall < health.LEAST_RECALL
    assert refused(company, new) == problems[0] == "graph_misses"
    with as_owner():
        assert index_concurrently(IndexGeneration.objects.get(pk=new), anew=True)
    assert refused(company, new) == "graph_not_probed"


def test_of_few_all_are_compared_without_a_graph(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_index, "WORTH_AN_INDEX", 1000)
    first, new = answering().pk, build(company.admin, "small").generation_id
    assert shown(company, new) == (None, [])
    put_in_force(company.admin, new, instead_of=first)


def test_the_command_says_what_speaks_against_it_in_words(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "encoders", encoders)
    new = build(company.admin, "small").generation_id
    said = io.StringIO()
    call_command("generation", "--as", "admin@example.com", "status", stdout=said)
    line = next(each for each in said.getvalue().splitlines() if each.startswith(f" {new:>4}  "))
    assert "refused: The graph over its vectors was not made or looked at yet. Wait some minutes." in line
    assert "graph_not_probed" not in said.getvalue()


def test_every_reason_to_refuse_an_index_has_its_sentence() -> None:
    seen = Compared(compared_with=1, asked=1, before=1.0)
    found = [*Checks(1, 1, 1, 1, 0.0, seen, 9.0).problems, NOT_PROBED, MISSES, COMPARED_WITH_ANOTHER]
    found += [NOT_ASKED, WORSE, "not_compared", "unchecked"]
    assert len(set(found)) == 13
    assert [code for code in found if not knows(code)] == []

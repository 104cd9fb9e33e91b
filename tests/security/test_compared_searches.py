"""Two settings side by side: for owners, over what is theirs as a whole, and nothing is put to use (T5, T6)."""

from dataclasses import replace

import pytest

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.audit.models import AuditAction
from kbchat.chat.comparing_searches import SearchComparison, Tried, compare_searches
from kbchat.chat.explaining_search import explain_search
from kbchat.core.errors import NotAllowed, NotFound
from kbchat.core.viewer import Viewer
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import WordReranker
from kbchat.library.sections import close_section
from kbchat.library.sharing import give_grant
from kbchat.retrieval.port import Scope
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company, found_company
from tests.services.audit_support import subjects
from tests.services.retrieval_support import CHINESE, EMBEDDER, ENGLISH, Page, write_page

pytestmark = pytest.mark.django_db

QUESTION = "report of the first day"
REAL = PostgresRetriever(only(EMBEDDER))
AS_IT_IS = Tried(REAL)


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.fixture
def handbook(company: Company) -> Page:
    write_page(company.handbook, CHINESE, title="员工手册")
    return write_page(company.handbook, ENGLISH, title="Handbook", headings=["Leave"])


def compared(viewer: Viewer, tried: Tried, *collections: object, limit: int = 8) -> SearchComparison:
    return compare_searches(
        viewer,
        QUESTION,
        scope=Scope(tuple(collections)),  # type: ignore[arg-type]
        limit=limit,
        retriever=REAL,
        tried=tried,
    )


def texts(side: object) -> list[str]:
    return [one.source.quote for one in side.passages]  # type: ignore[attr-defined]


def test_both_sides_are_shown_and_what_moved(company: Company, handbook: Page) -> None:
    same = compared(company.admin, AS_IT_IS)
    assert texts(same.in_force) == texts(same.tried)
    assert same.places == list(range(1, len(same.tried.passages) + 1))
    told = compared(company.admin, replace(AS_IT_IS, dense_weight=1.0, temperature=0.5), limit=2)
    assert (told.in_force.dense_weight, told.tried.dense_weight) == (REAL.pin().dense_weight["en"], 1.0)
    assert (told.in_force.temperature, told.tried.temperature) == (REAL.pin().temperature, 0.5)
    # With its whole weight on it, the order is that of the dense leg.
    ranks = [one.dense.rank for one in told.tried.passages if one.dense]
    assert ranks == sorted(ranks) == list(dict.fromkeys(ranks))
    assert texts(told.in_force) != texts(told.tried)
    by_text = {text: place for place, text in enumerate(texts(told.in_force), 1)}
    assert told.places == [by_text.get(text) for text in texts(told.tried)]
    assert None in told.places


def test_a_leg_or_the_reranker_can_be_left_out_or_tried(company: Company, handbook: Page) -> None:
    words = compared(company.admin, Tried(PostgresRetriever(None)))
    assert (words.in_force.path, words.tried.path, words.tried.dense_weight) == ("exact", "", 0.0)
    reranked = compared(company.admin, Tried(PostgresRetriever(only(EMBEDDER), reranker=WordReranker())))
    assert "reranker" in reranked.tried.milliseconds
    assert "reranker" not in reranked.in_force.milliseconds


def test_nothing_of_it_is_put_to_use(company: Company, handbook: Page) -> None:
    before = REAL.pin()
    compared(company.admin, replace(AS_IT_IS, dense_weight=0.0, temperature=1.0))
    assert REAL.pin() == before


def test_it_is_recorded_once_what_was_shown(company: Company, handbook: Page) -> None:
    told = compared(company.admin, replace(AS_IT_IS, dense_weight=1.0), limit=2)
    (shown,) = subjects(AuditAction.PASSAGES_SHOWN)
    assert len(shown["passages"]) == len({*texts(told.in_force), *texts(told.tried)}) == 3


def test_whoever_may_not_be_told_how_it_was_ranked_may_not_compare(company: Company, handbook: Page) -> None:
    """Refused as an explanation is, and for the same."""
    write_page(company.salaries, ["Annual leave of the board: 60 days."], title="Board")
    shelf, other = company.handbook.id, company.salaries.id

    def refusal(viewer: Viewer, *collections: object) -> tuple[str, str]:
        codes = []
        for refused in (
            lambda: compared(viewer, AS_IT_IS, *collections),
            lambda: explain_search(
                viewer,
                QUESTION,
                scope=Scope(tuple(collections)),  # type: ignore[arg-type]
                limit=8,
                retriever=REAL,
            ),
        ):
            with pytest.raises((NotAllowed, NotFound)) as error:
                refused()
            codes.append(error.value.code)
        return codes[0], codes[1]

    assert refusal(company.reader) == refusal(company.editor) == ("owners_only", "owners_only")
    assert refusal(company.stranger, shelf) == ("not_found", "not_found")
    give_grant(company.admin, shelf, Principal("user", company.editor.user_id), Role.OWNER)
    assert compared(company.editor, AS_IT_IS).tried.searched == len(ENGLISH) + len(CHINESE)
    assert refusal(company.editor, shelf, other) == ("not_found", "not_found")
    close_section(company.admin, handbook.section.pk, Principal("user", company.editor.user_id))
    assert refusal(company.editor, shelf) == ("owners_only", "owners_only")

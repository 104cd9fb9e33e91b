"""How a search was ranked: told to owners, for collections that are theirs as a whole, and to nobody else (T5, T6)."""

from uuid import UUID, uuid4

import pytest

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.audit.models import AuditAction
from kbchat.chat.explaining_search import SearchExplanation, explain_search
from kbchat.core.errors import NotAllowed, NotFound
from kbchat.core.viewer import Viewer
from kbchat.indexing.encoders import only
from kbchat.library.sections import close_section
from kbchat.library.sharing import give_grant
from kbchat.retrieval.port import Scope
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import Company, found_company
from tests.services.audit_support import recorded
from tests.services.retrieval_support import EMBEDDER, Page, write_page

pytestmark = pytest.mark.django_db

QUESTION = "How many days of annual leave?"


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.fixture
def page(company: Company) -> Page:
    texts = [
        "Everybody has 28 days of annual leave.",
        "The canteen serves lunch.",
        "Days are counted from Monday.",
    ]
    return write_page(company.handbook, texts, title="Handbook", headings=["Leave"])


def explained(viewer: Viewer, *collections: UUID, documents: tuple[UUID, ...] = ()) -> SearchExplanation:
    retriever = PostgresRetriever(only(EMBEDDER))
    scope = Scope(collections, documents)
    return explain_search(viewer, QUESTION, scope=scope, limit=10, retriever=retriever)


def test_an_owner_is_told_where_each_leg_has_a_passage(company: Company, page: Page) -> None:
    told = explained(company.admin, company.handbook.id)
    first = told.passages[0]
    assert first.source.quote == "Everybody has 28 days of annual leave."
    assert first.lexical is not None
    assert first.dense is not None
    assert (first.lexical.rank, first.dense.rank) == (1, 1)
    assert first.lexical.score > 0
    canteen = next(one for one in told.passages if "canteen" in one.source.quote)
    assert canteen.lexical is None
    assert sum(one.probability for one in told.passages) == pytest.approx(1)
    assert (told.searched, told.path) == (3, "exact")
    assert set(told.milliseconds) == {"encoder", "database"}
    assert recorded(AuditAction.PASSAGES_SHOWN)


def test_without_a_choice_what_is_his_is_searched_and_nothing_else(company: Company, page: Page) -> None:
    write_page(company.salaries, ["Annual leave of the board: 60 days."], title="Board")
    give_grant(company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER)
    give_grant(company.admin, company.salaries.id, Principal("user", company.editor.user_id), Role.READER)
    assert explained(company.admin).searched == 4
    told = explained(company.editor)
    assert (told.searched, len(told.passages)) == (3, 3)


def test_whoever_does_not_own_it_is_told_nothing(company: Company, page: Page) -> None:
    for viewer in (company.reader, company.editor):
        with pytest.raises(NotAllowed):
            explained(viewer, company.handbook.id)
        with pytest.raises(NotAllowed) as refused:
            explained(viewer)
        assert refused.value.code == "owners_only"
    for collection in (company.handbook.id, uuid4()):
        with pytest.raises(NotFound):
            explained(company.stranger, collection)


def test_a_rank_that_nobody_knows_is_not_told(
    company: Company, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what words alone brought, the dense leg knows the cosine, and not how many others are nearer."""
    for module in ("candidates", "port"):
        monkeypatch.setattr(f"kbchat.retrieval.{module}.POOL", 2)
    write_page(company.handbook, [f"How many of {letter}?" for letter in "xyz"])
    far = "Annual leave, in days: zebra quartz xylophone umbrella kiosk violin hammock lantern piano."
    write_page(company.handbook, [far])
    told = {one.source.quote: one for one in explained(company.admin, company.handbook.id).passages}
    assert told[far].lexical is not None
    assert told[far].dense is None
    assert sorted(one.dense.rank for one in told.values() if one.dense) == [1, 2]


def test_one_that_is_not_his_among_others_is_refused(company: Company, page: Page) -> None:
    give_grant(company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER)
    with pytest.raises(NotFound):
        explained(company.editor, company.handbook.id, company.salaries.id)


def test_an_owner_to_whom_a_section_is_closed_is_not_told(company: Company, page: Page) -> None:
    """Ranks would tell where the closed passages stand."""
    give_grant(company.admin, company.handbook.id, Principal("user", company.editor.user_id), Role.OWNER)
    assert explained(company.editor, company.handbook.id).passages
    close_section(company.admin, page.section.pk, Principal("user", company.editor.user_id))
    with pytest.raises(NotAllowed) as refused:
        explained(company.editor, company.handbook.id)
    assert refused.value.code == "owners_only"


def test_documents_are_explained_to_whoever_owns_their_collections_as_a_whole(
    company: Company, page: Page
) -> None:
    board = write_page(company.salaries, ["Annual leave of the board: 60 days."], title="Board")
    trainees = write_page(company.handbook, ["Annual leave of trainees: 30 days."], title="Trainees")
    wanted = (page.document.pk,)
    assert explained(company.admin, documents=wanted).searched == 3
    assert explained(company.admin, company.salaries.id, documents=wanted).searched == 4
    editor = Principal("user", company.editor.user_id)
    for viewer, error in ((company.reader, NotAllowed), (company.stranger, NotFound)):
        with pytest.raises(error):
            explained(viewer, documents=wanted)
    give_grant(company.admin, company.handbook.id, editor, Role.OWNER)
    with pytest.raises(NotFound):
        explained(company.editor, company.handbook.id, documents=(board.document.pk,))
    give_grant(company.admin, company.salaries.id, editor, Role.READER)
    with pytest.raises(NotAllowed):
        explained(company.editor, company.handbook.id, documents=(board.document.pk,))
    assert explained(company.editor, documents=wanted).searched == 3
    close_section(company.admin, page.section.pk, editor)
    for documents in (wanted, (trainees.document.pk,)):
        with pytest.raises(NotAllowed) as refused:
            explained(company.editor, documents=documents)
        assert refused.value.code == "owners_only"

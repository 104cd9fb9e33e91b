"""The explainer says what retrieval does, and the rules that it names lead to its verdict."""

import random

import pytest

from kbchat.access.explaining import ALLOWING, FORBIDDING, Rule
from kbchat.access.models import Grant
from kbchat.access.viewers import viewer_of
from kbchat.accounts.models import GroupInclusion, Membership, User
from kbchat.accounts.people import ensure_group
from kbchat.core.errors import NotAllowed, NotFound
from kbchat.core.text import Span
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document, Section
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.library.documents import DocumentRow
from kbchat.library.sections import explain_reading
from kbchat.retrieval.port import Passage
from kbchat.retrieval.retriever import PostgresRetriever
from tests.company import PAGE, Company, add, person
from tests.servers import as_worker

pytestmark = pytest.mark.django_db

PEOPLE = ("reader@example.com", "editor@example.com", "stranger@example.com", "gone@example.com")


@pytest.fixture
def leave(company: Company) -> DocumentRow:
    return add(company.admin, company.handbook, PAGE, "leave.md")


def passages_of(viewer: Viewer) -> dict[int, Passage]:
    retriever = PostgresRetriever(only(HashEmbedder()))
    found = retriever.retrieve(viewer, "days of annual leave carried over", retriever.pin(), limit=50)
    return {passage.chunk_id: passage for passage in found.passages}


def change(company: Company, leave: DocumentRow, chance: random.Random) -> None:
    """One random thing that an owner, an administrator or the directory may do."""
    staff, outer = company.staff, ensure_group("Outer", [])
    principal = chance.choice(
        [{"group": staff}, {"group": outer}, {"everyone": True}]
        + [{"user": User.objects.get(email=email)} for email in PEOPLE]
    )
    with as_worker():
        sections = list(Section.objects.filter(document=leave.id).exclude(path=[]))
    match chance.randrange(8):
        case 0 | 1:
            target = chance.choice([{"collection_id": company.handbook.id}, {"document_id": leave.id}])
            Grant.objects.get_or_create(
                **target,
                **principal,
                deny=False,
                defaults={"role": chance.choice(["reader", "editor", "owner"])},
            )
        case 2:
            target = chance.choice([{"collection_id": company.handbook.id}, {"document_id": leave.id}])
            if chance.random() < 0.4:
                Grant.objects.get_or_create(**target, **principal, deny=True)
        case 3:
            if sections and "everyone" not in principal:
                Grant.objects.get_or_create(section=chance.choice(sections), **principal, deny=True)
        case 4:
            grants = Grant.objects.exclude(user_id=company.admin.user_id)
            if grants.exists():
                chance.choice(list(grants)).delete()
        case 5:
            with as_worker():
                Document.objects.filter(pk=leave.id).update(has_own_list=chance.random() < 0.5)
        case 6:
            someone = User.objects.get(email=chance.choice(PEOPLE))
            Membership.objects.get_or_create(user=someone, group=chance.choice([staff, outer]))
        case _:
            GroupInclusion.objects.get_or_create(container=outer, included=staff)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_it_agrees_with_retrieval_in_whatever_state(company: Company, leave: DocumentRow, seed: int) -> None:
    chance = random.Random(seed)
    person("gone@example.com")
    everything = passages_of(company.admin)
    assert len(everything) == 2
    verdicts = set()
    for _ in range(25):
        change(company, leave, chance)
        if chance.random() < 0.1:
            User.objects.filter(email="gone@example.com").update(is_active=chance.random() < 0.5)
        seen_by_owner = passages_of(company.admin)
        for email in PEOPLE:
            someone = User.objects.get(email=email)
            readable = passages_of(Viewer(someone.pk))
            for chunk_id, passage in seen_by_owner.items():
                told = explain_reading(company.admin, email, leave.version_id, passage.span)
                assert told.can_read == (chunk_id in readable), (email, told)
                rules = {reason.rule for reason in told.reasons}
                assert told.can_read == (bool(rules & ALLOWING) and not rules & FORBIDDING), (email, told)
                verdicts.add(told.can_read)
    assert verdicts == {True, False}


def test_it_names_the_groups_on_the_way_and_the_heading(company: Company, leave: DocumentRow) -> None:
    outer = ensure_group("Outer", [])
    GroupInclusion.objects.create(container=outer, included=company.staff)
    with as_worker():
        section = Section.objects.get(document=leave.id, path=["Leave", "Carry-over"])
    Grant.objects.create(section=section, group=outer, deny=True)
    passage = next(found for found in passages_of(company.admin).values() if "Five days" in found.text)
    told = explain_reading(company.admin, "Reader@Example.com", leave.version_id, passage.span)
    assert not told.can_read
    closed, granted = told.reasons
    assert (closed.rule, closed.through, closed.heading) == (
        Rule.SECTION_CLOSED,
        ("Outer", "Staff"),
        ("Leave", "Carry-over"),
    )
    assert (granted.rule, granted.role, granted.through) == (Rule.COLLECTION_GRANTED, "reader", ("Staff",))
    nothing = explain_reading(company.admin, "stranger@example.com", leave.version_id, passage.span)
    assert [reason.rule for reason in nothing.reasons] == [Rule.NOTHING]


def test_only_owners_ask_and_only_of_what_they_see(company: Company, leave: DocumentRow) -> None:
    span = Span(0, 5000)
    with pytest.raises(NotAllowed):
        explain_reading(company.editor, "reader@example.com", leave.version_id, span)
    with pytest.raises(NotFound):
        explain_reading(company.stranger, "reader@example.com", leave.version_id, span)
    with pytest.raises(NotFound):
        explain_reading(company.admin, "nobody@example.com", leave.version_id, span)
    with pytest.raises(NotFound):
        explain_reading(company.admin, "reader@example.com", leave.version_id, Span(90_000, 90_001))


def test_an_administrator_asks_of_what_he_may_read(company: Company, leave: DocumentRow) -> None:
    manager = viewer_of(person("manager@example.com", is_administrator=True))
    with pytest.raises(NotFound):
        explain_reading(manager, "reader@example.com", leave.version_id, Span(0, 5000))
    Grant.objects.create(collection_id=company.handbook.id, user_id=manager.user_id)
    told = explain_reading(manager, "reader@example.com", leave.version_id, Span(0, 5000))
    assert (told.can_read, [reason.rule for reason in told.reasons]) == (True, [Rule.COLLECTION_GRANTED])

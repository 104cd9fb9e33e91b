"""What a search can be narrowed by is told of what somebody may be answered with, and of nothing else (T1, T3)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.chat.scope_choices import ScopeChoices, scope_choices
from kbchat.documents.models import DocumentVersion
from kbchat.library.deleting import delete_document
from kbchat.library.sharing import give_grant
from kbchat.parsing.file_kinds import FileKind
from tests.company import Company, found_company
from tests.servers import as_worker
from tests.services.retrieval_support import Page, write_page

pytestmark = pytest.mark.django_db

NOTHING = ScopeChoices([], [], None, None)
OPEN_DAY, HIDDEN_DAY = date(2024, 5, 1), date(2019, 1, 1)
OPEN = ScopeChoices([FileKind.PDF], ["en"], OPEN_DAY, OPEN_DAY)
BOTH = ScopeChoices([FileKind.PDF, FileKind.MAIL], ["en", "zh"], HIDDEN_DAY, OPEN_DAY)


def write(page: Page, **columns: object) -> Page:
    with as_worker():
        DocumentVersion.objects.filter(pk=page.version.pk).update(**columns)
    return page


@pytest.fixture
def company() -> Company:
    company = found_company()
    write(
        write_page(company.handbook, ["annual leave"]),
        media_type="application/pdf",
        effective_from=OPEN_DAY,
    )
    return company


@pytest.fixture
def hidden(company: Company) -> Page:
    """The only mail, the only Chinese one, and the eldest: in a collection that one alone reads."""
    page = write_page(company.salaries, ["年假可以结转五天"])
    return write(page, media_type="message/rfc822", effective_from=HIDDEN_DAY)


def test_nothing_is_told_of_what_somebody_may_not_read(company: Company, hidden: Page) -> None:
    assert scope_choices(company.admin) == BOTH
    assert scope_choices(company.reader) == OPEN
    assert scope_choices(company.stranger) == NOTHING
    narrowed = replace(company.admin, collections=frozenset([company.handbook.id]))
    assert scope_choices(narrowed) == OPEN


def test_it_changes_with_the_rights(company: Company, hidden: Page) -> None:
    give_grant(company.admin, company.salaries.id, Principal("user", company.reader.user_id), Role.READER)
    assert scope_choices(company.reader) == BOTH
    delete_document(company.admin, hidden.document.pk)
    assert scope_choices(company.reader) == OPEN
    assert scope_choices(company.admin) == OPEN


def test_what_does_not_answer_today_is_not_told(company: Company, hidden: Page) -> None:
    """Not published yet, or over."""
    over = DateRange(HIDDEN_DAY, timezone.localdate() - timedelta(days=1))
    for in_force in (None, over):
        write(hidden, in_force=in_force)
        assert scope_choices(company.admin) == OPEN

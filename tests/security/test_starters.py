"""Suggested questions come from what the person may read, and tell nothing of the rest."""

import pytest

from kbchat.access.models import Grant
from kbchat.access.viewing import viewing
from kbchat.chat.starters import starters
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Section
from kbchat.library.uploading import replace
from tests.company import MAX_BYTES, Company, add, ingest, markdown
from tests.services.chat_support import LEAVE

pytestmark = pytest.mark.django_db(transaction=True)


def test_starters_come_from_what_the_person_may_read_in_his_language(company: Company) -> None:
    assert starters(company.reader) == []
    add(company.admin, company.handbook, LEAVE, "leave.md")
    add(
        company.admin,
        company.handbook,
        "# Travel\n\n## 1. Overview\n\nWords.\n\n## 2.1 Hotels\n\nHotels cost.\n",
    )
    add(
        company.admin, company.handbook, "# 差旅制度\n\n## 第二章 差旅报销\n\n差旅报销三十天。\n", "travel.md"
    )
    add(
        company.admin,
        company.salaries,
        "# Salaries\n\n## Director\n\nThe director has a salary.\n",
        "salaries.md",
    )
    english, chinese = starters(company.reader), starters(Viewer(company.reader.user_id, language="zh-hans"))
    assert english == [
        "What does “Travel” say about Hotels?",
        "What does “Annual leave” say about carrying over?",
    ]
    assert chinese == ["《差旅制度》对“差旅报销”有什么规定？"]
    assert starters(company.stranger) == []
    assert starters(company.admin)[0] == "What does “Salaries” say about director?"


def test_starters_tell_nothing_of_a_closed_section_or_of_an_earlier_version(company: Company) -> None:
    row = add(company.admin, company.handbook, LEAVE, "leave.md")
    with viewing(company.admin):
        section = Section.objects.get(document_id=row.id, path__len=2)
        Grant.objects.create(section=section, group=company.staff, deny=True)
    assert starters(company.reader) == ["What are the rules on annual leave?"]
    newer = markdown("# Annual leave\n\nAsk your manager.\n", "leave.md")
    replace(company.admin, row.id, newer, max_bytes=MAX_BYTES)
    assert starters(company.admin) == ["What does “Annual leave” say about carrying over?"]
    ingest()
    assert starters(company.admin) == []

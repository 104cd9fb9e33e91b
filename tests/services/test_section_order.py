"""The headings of a document as an owner closes them: in its own order."""

import pytest

from kbchat.access.granting import Principal
from kbchat.library.sections import close_section, list_sections
from kbchat.library.uploading import replace
from tests.company import MAX_BYTES, Company, add, ingest, markdown

pytestmark = pytest.mark.django_db

CHAPTERS = "# 手册\n\n总则。\n\n## 第一章\n\n工时。\n\n## 第二章\n\n年假。\n\n## 第三章\n\n报销。\n"


def test_headings_stand_in_the_order_of_the_newest_version_and_those_that_it_lacks_at_the_end(
    company: Company,
) -> None:
    def listed() -> list[str]:
        return [row.path[-1] for row in list_sections(company.admin, page.id)]

    page = add(company.admin, company.handbook, CHAPTERS, "chapters.md")
    assert listed() == ["手册", "第一章", "第二章", "第三章"]
    first = list_sections(company.admin, page.id)[1]
    close_section(company.admin, first.id, Principal("group", company.staff.pk))
    anew = CHAPTERS.replace("## 第一章", "## 附则")
    replace(company.admin, page.id, markdown(anew, "chapters.md"), max_bytes=MAX_BYTES)
    ingest()
    assert listed() == ["手册", "附则", "第二章", "第三章", "第一章"]

"""Dates of documents in the table: of several at once, taken back, and refused one by one."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.e2e.conftest import Language, Visit
from tests.e2e.stage import ADMINISTRATOR
from tests.e2e.test_library import READY_MS, open_collection, row_of
from tests.e2e.test_library_table import choose, collection_id, send
from tests.e2e.visitor import Visitor
from tests.waiting import allowed, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


def today() -> date:
    """Asked each time: a run may begin before midnight and end after it."""
    return timezone.localdate()


def tomorrow() -> str:
    return (today() + timedelta(days=1)).isoformat()


def dates(visitor: Visitor, *names: str) -> dict[str, tuple[str, str | None]]:
    path = f"/api/v1/collections/{collection_id(visitor, 'Company handbook')}/documents"
    rows = {row["filename"]: row for row in visitor.call("GET", path).json()}
    return {name: (rows[name]["effective_from"], rows[name]["expires_on"]) for name in names}


def delete(visitor: Visitor, *names: str) -> None:
    """What would be among the newest documents for the tests after this one."""
    path = f"/api/v1/collections/{collection_id(visitor, 'Company handbook')}/documents"
    for row in visitor.call("GET", path).json():
        if row["filename"] in names:
            assert visitor.call("DELETE", f"/api/v1/documents/{row['id']}").ok


def is_found(visitor: Visitor, word: str) -> bool:
    found = visitor.call("GET", f"/api/v1/search?q={word}").json()
    return any(word in source["quote"] for source in found["passages"])


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("2 documents chosen", "Change dates", "In force from", "Change", "Dates of 2 documents", "Undo"),
        ),
        ("zh-hans", ("已选择 2 份文档", "更改日期", "生效日期", "更改", "2 份文档的日期", "撤销")),
    ],
    ids=("en", "zh-hans"),
)
def test_u55_dates_of_several_documents_are_changed_and_taken_back(
    visit: Visit, language: Language, words: tuple[str, ...]
) -> None:
    """U55: what is left empty stays as it was in each, and Undo puts back what each had."""
    bar, change, effective, submit, title, undo = words
    visitor = visit(ADMINISTRATOR, language)
    dialog = visitor.page.get_by_role("dialog")
    names = [f"{each}-{language}" for each in ("galleon", "hawser", "inlet")]
    files = [f"{name}.md" for name in names]
    send(visitor, "Company handbook", **{name: f"# {name}\n\nAbout {name}.\n" for name in names})
    open_collection(visitor, "Company handbook")
    for file in files:
        expect(row_of(visitor, file)).to_have_attribute("data-state", "ready", timeout=READY_MS)
    before = dates(visitor, *files)
    assert is_found(visitor, names[0])
    choose(visitor, *files[:2])
    visitor.page.get_by_role("group", name=bar).get_by_role("button", name=change).click()
    expect(dialog.get_by_role("heading", name=title)).to_be_visible()
    apply = dialog.get_by_role("button", name=submit, exact=True)
    expect(apply).to_be_disabled()
    dialog.get_by_label(effective).fill(tomorrow())
    apply.click()
    undo_bar = visitor.page.locator(".undo")
    expect(undo_bar).to_be_visible()
    changed = dates(visitor, *files)
    assert changed == {**dict.fromkeys(files[:2], (tomorrow(), None)), files[2]: before[files[2]]}
    assert not is_found(visitor, names[0])
    assert is_found(visitor, names[2])
    undo_bar.get_by_role("button", name=undo).click()
    wait_until(lambda: dates(visitor, *files) == before, allowed(5))
    assert is_found(visitor, names[0])
    delete(visitor, *files)


def test_u55_one_that_would_expire_before_it_begins_is_told_and_the_others_are_changed(visit: Visit) -> None:
    visitor = visit(ADMINISTRATOR)
    dialog = visitor.page.get_by_role("dialog")
    files = ("jib.md", "kedge.md")
    send(visitor, "Company handbook", jib="# Jib\n\nAbout the jib.\n", kedge="# Kedge\n\nAbout the kedge.\n")
    open_collection(visitor, "Company handbook")
    for file in files:
        expect(row_of(visitor, file)).to_have_attribute("data-state", "ready", timeout=READY_MS)
    row_of(visitor, "jib.md").get_by_role("button", name="Actions").click()
    visitor.page.get_by_role("table").get_by_role("button", name="Change dates").click()
    expect(dialog.get_by_label("In force from")).to_have_value(today().isoformat())
    dialog.get_by_label("In force from").fill("2031-01-01")
    dialog.get_by_role("button", name="Change", exact=True).click()
    expect(row_of(visitor, "jib.md")).to_contain_text("Jan 1, 2031")

    choose(visitor, *files)
    visitor.page.get_by_role("button", name="Change dates").click()
    dialog.get_by_role("combobox").select_option(label="On a day")
    expect(dialog.get_by_role("button", name="Change", exact=True)).to_be_disabled()
    dialog.get_by_label("Expires on").fill("2030-01-01")
    visitor.may_fail_with(400)
    visitor.may_fail_with(422)
    dialog.get_by_role("button", name="Change", exact=True).click()
    expect(row_of(visitor, "kedge.md")).to_contain_text("until Jan 1, 2030")
    expect(visitor.page.locator("[role=status]", has_text="Not done for 1 document")).to_have_count(1)
    assert dates(visitor, "jib.md") == {"jib.md": ("2031-01-01", None)}
    expect(row_of(visitor, "jib.md").get_by_role("checkbox")).to_be_checked()
    delete(visitor, *files)

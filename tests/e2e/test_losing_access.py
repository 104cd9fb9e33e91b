"""What becomes of open pages when somebody may read less: a document moves away, a grant is taken (T27, T32)."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.stage import HR_MANAGER, NEWCOMER
from tests.e2e.test_library import READY_MS, open_collection, row_of, upload
from tests.e2e.test_rights import SALARY

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

FILE = "car-sharing.md"


def test_a_document_is_moved_and_leaves_every_open_list(visit: Visit, tmp_path: Path) -> None:
    manager, newcomer = visit(HR_MANAGER), visit(NEWCOMER)
    file = tmp_path / FILE
    file.write_text("# Car sharing\n\nA shared car costs 41 euros a day.\n")
    open_collection(manager, "Company handbook")
    upload(manager, file)
    expect(row_of(manager, FILE)).to_have_attribute("data-state", "ready", timeout=READY_MS)
    open_collection(newcomer, "Company handbook")
    expect(row_of(newcomer, FILE)).to_have_count(1)

    row_of(manager, FILE).get_by_role("button", name="Actions for").click()
    manager.page.get_by_role("button", name="Move to…").click()
    dialog = manager.page.get_by_role("dialog")
    dialog.get_by_label("Collection").select_option(label="Human resources / 人力资源")
    dialog.get_by_role("button", name="Move", exact=True).click()
    expect(manager.page.locator(".undo")).to_contain_text("is now in Human resources")
    for visitor in (manager, newcomer):
        expect(row_of(visitor, FILE)).to_have_count(0)
    open_collection(manager, "Human resources")
    expect(row_of(manager, FILE)).to_have_attribute("data-state", "ready")


def test_an_open_page_shows_no_longer_what_its_reader_may_not_read(visit: Visit) -> None:
    """U29. Nobody touches it; what was being written stays."""
    manager, newcomer = visit(HR_MANAGER), visit(NEWCOMER)
    closed = next(each for each in manager.collections() if each["name"].startswith("Human resources"))
    person = newcomer.call("GET", "/api/v1/session").json()["person"]["id"]
    wish = {"kind": "user", "id": person, "role": "reader"}
    grant = manager.call("POST", f"/api/v1/collections/{closed['id']}/grants", wish).json()
    newcomer.open()
    expect(newcomer.ask_and_wait(SALARY)).to_contain_text("69,800")
    newcomer.page.locator("#question").fill("And of a junior one?")

    assert manager.call("DELETE", f"/api/v1/grants/{grant['id']}").status == 204
    main = newcomer.page.locator("main")
    expect(main).not_to_contain_text("69,800")
    expect(main).to_contain_text(SALARY)
    expect(newcomer.page.locator(".toast")).to_contain_text("What you may read has changed.")
    expect(newcomer.page.locator("#question")).to_have_value("And of a junior one?")

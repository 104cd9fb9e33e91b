"""An owner closes a section to a group: its members find nothing of it, not in the next version either."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.stage import ADMINISTRATOR, ENGINEER
from tests.e2e.test_library import READY_MS, open_collection, row_of, upload
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]

PARKING = """# Parking

Everybody may park a car in the yard after seven in the evening.

## Board members

Board members have the six roofed parking places beside the lift.
"""
RENAMED = PARKING.replace("## Board members", "## Roofed places")
FILE = "parking-places.md"


def finds(visitor: Visitor, words: str) -> bool:
    visitor.open("/search?q=roofed%20parking%20places%20beside%20the%20lift")
    main = visitor.page.locator("main")
    expect(main.get_by_role("heading", level=2)).to_be_visible()
    return words in main.inner_text()


def choose(visitor: Visitor, item: str) -> None:
    row_of(visitor, FILE).get_by_role("button", name="Actions for").click()
    visitor.page.get_by_role("button", name=item).click()


def test_a_closed_section_is_gone_for_the_group_until_it_is_opened(visit: Visit, tmp_path: Path) -> None:
    owner, engineer = visit(ADMINISTRATOR), visit(ENGINEER)
    file = tmp_path / FILE
    file.write_text(PARKING)
    open_collection(owner, "Company handbook")
    upload(owner, file)
    expect(row_of(owner, FILE)).to_have_attribute("data-state", "ready", timeout=READY_MS)
    assert finds(engineer, "roofed parking places")

    choose(owner, "Close sections")
    dialog = owner.page.get_by_role("dialog")
    expect(dialog.get_by_role("list", name="Headings")).to_contain_text("Board members")
    heading, group = dialog.get_by_role("combobox").all()
    heading.select_option(label="Parking › Board members")
    group.select_option(label="Engineering (1 member)")
    dialog.get_by_role("button", name="Close this section").click()
    expect(dialog).to_contain_text("closed to Engineering")
    assert not finds(engineer, "roofed parking places")
    assert finds(engineer, "park a car in the yard")
    dialog.get_by_role("button", name="Close", exact=True).click()

    file.write_text(RENAMED)
    choose(owner, "Upload new version")
    owner.page.get_by_role("dialog").locator("input[type=file]").set_input_files(file)
    owner.page.get_by_role("dialog").get_by_role("button", name="Upload").click()
    row = row_of(owner, FILE)
    expect(row).to_contain_text("Lacks a closed heading", timeout=READY_MS)
    assert not finds(engineer, "park a car in the yard")
    choose(owner, "Confirm this version")
    owner.page.get_by_role("dialog").get_by_role("button", name="Confirm this version").click()
    expect(row).not_to_contain_text("Lacks a closed heading")
    assert finds(engineer, "roofed parking places")

"""From an empty data folder to the first answer about one's own file."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.contracts.server_process import ScriptedServer
from tests.e2e.first_run import FIRST_RUN_SECONDS, empty_program, first_run
from tests.waiting import allowed

pytestmark = [pytest.mark.e2e, pytest.mark.timed]


def test_u64_the_first_run_leads_to_an_answer_about_one_s_own_file(chromium: Browser, tmp_path: Path) -> None:
    """U64: setup link, account, collection, upload, question; by what stands on the page."""
    with ScriptedServer() as encoder, empty_program(encoder.as_encoder) as link:
        assert first_run(chromium, link, tmp_path) < allowed(FIRST_RUN_SECONDS)

"""The company of most of these tests, a small library in its handbook, a model's server, and a folder that a source may
read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.company import Company, add, found_company
from tests.contracts.server_process import ScriptedServer
from tests.services.chat_support import LEAVE
from tests.services.retrieval_support import small_library
from tests.services.sources_support import write


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.fixture
def leave(company: Company) -> None:
    """One page in its handbook, which answers how much leave there is."""
    add(company.admin, company.handbook, LEAVE, "leave.md")


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def texts(company: Company) -> dict[int, str]:
    """By chunk id."""
    return small_library(company.handbook)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Ten of them, page0.md to page9.md."""
    write(tmp_path, **{f"page{number}": "Words." for number in range(10)})
    return tmp_path

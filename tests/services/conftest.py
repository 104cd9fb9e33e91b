"""The company of most of these tests, a small library in its handbook, a model's server, and a folder that a source may
read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kbchat.accounts.models import Group
from kbchat.evaluation.keeping import QuestionWish, keep_question
from kbchat.retrieval.port import Scope
from tests.company import Company, add, found_company
from tests.contracts.server_process import ScriptedServer
from tests.services.chat_support import LEAVE
from tests.services.retrieval_support import small_library
from tests.services.source_access_support import board_of, write_three_pages
from tests.services.sources_support import write


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.fixture
def leave(company: Company) -> None:
    """One page in its handbook, which answers how much leave there is."""
    add(company.admin, company.handbook, LEAVE, "leave.md")


@pytest.fixture
def questions(company: Company, leave: None) -> Company:
    """Two golden ones of the owner's."""
    for text in ("How many days of annual leave are there?", "Who won the chess championship?"):
        keep_question(company.admin, QuestionWish(text, Scope((company.handbook.id,))))
    return company


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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A source that says itself who reads each of its three pages."""
    write_three_pages(tmp_path)
    return tmp_path


@pytest.fixture
def board(company: Company) -> Group:
    return board_of(company)

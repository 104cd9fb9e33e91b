"""A small company with one handbook page, and a scripted model server, for what people may see of answers."""

from collections.abc import Iterator

import pytest

from kbchat.library.documents import DocumentRow
from tests.company import Company, add, found_company
from tests.contracts.server_process import ScriptedServer
from tests.services.chat_support import LEAVE


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.fixture
def leave(company: Company) -> DocumentRow:
    return add(company.admin, company.handbook, LEAVE, "leave.md")


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running

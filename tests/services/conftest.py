"""The company of most of these tests, a small library in its handbook, and a folder that a source may read."""

from pathlib import Path

import pytest

from tests.company import Company, found_company
from tests.services.retrieval_support import small_library
from tests.services.sources_support import write


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.fixture
def texts(company: Company) -> dict[int, str]:
    """By chunk id."""
    return small_library(company.handbook)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Ten of them, page0.md to page9.md."""
    write(tmp_path, **{f"page{number}": "Words." for number in range(10)})
    return tmp_path

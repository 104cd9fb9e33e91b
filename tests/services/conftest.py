"""The company of most of these tests, and a small library in its handbook."""

import pytest

from tests.company import Company, found_company
from tests.services.retrieval_support import small_library


@pytest.fixture
def company() -> Company:
    return found_company()


@pytest.fixture
def texts(company: Company) -> dict[int, str]:
    """By chunk id."""
    return small_library(company.handbook)

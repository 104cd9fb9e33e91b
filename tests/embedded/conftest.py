"""Folders of people who run programs: root, and an ordinary user."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.person import Person, folder_of_homes, make_person


@pytest.fixture(scope="module")
def homes() -> Iterator[Path]:
    with folder_of_homes() as folder:
        yield folder


@pytest.fixture(scope="module")
def root(homes: Path) -> Person:
    return make_person("root", homes)


@pytest.fixture(scope="module")
def user(homes: Path) -> Person:
    return make_person("user", homes)


@pytest.fixture(scope="module", params=["root", "user"])
def person(request: pytest.FixtureRequest) -> Person:
    """Root, then an ordinary user, each with one data folder for all tests of a module."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Person)
    return found

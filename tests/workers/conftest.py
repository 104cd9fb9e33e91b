"""Where the people of these tests live."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.embedded_person import folder_of_homes


@pytest.fixture(scope="module")
def homes() -> Iterator[Path]:
    with folder_of_homes() as folder:
        yield folder

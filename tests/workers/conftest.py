"""Where the people of these tests live, and the encoder of their programs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.server_process import ScriptedServer
from tests.person import folder_of_homes


@pytest.fixture(scope="module")
def homes() -> Iterator[Path]:
    with folder_of_homes() as folder:
        yield folder


@pytest.fixture(scope="session")
def encoder() -> Iterator[ScriptedServer]:
    """For programs of which the real encoder would only take time: three processes load it at each start."""
    with ScriptedServer() as running:
        yield running

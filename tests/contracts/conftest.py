from collections.abc import Iterator

import pytest

from tests.contracts.server_process import ScriptedServer


@pytest.fixture(scope="session")
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running

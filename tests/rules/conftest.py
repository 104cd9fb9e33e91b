"""What tests of sources share: a folder that is open to them, and a small web."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rules.sources_support import SECRET
from tests.rules.web_support import CANARY, HOST, Server


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Open to sources; beside it stands what is not."""
    (tmp_path / "secret.md").write_text(SECRET)
    folder = tmp_path / "open"
    folder.mkdir()
    return folder


@pytest.fixture
def site() -> Iterator[Server]:
    server = Server(HOST)
    yield server
    server.close()


@pytest.fixture
def canary(site: Server) -> Iterator[Server]:
    """A service of the internal network, at the site's port: nothing may ever reach it."""
    server = Server(CANARY, site.port)
    yield server
    server.close()
    assert server.asked == []

"""Files as they were uploaded."""

import re

import pytest

from tests.e2e.conftest import Visit
from tests.e2e.stage import HR_MANAGER, NEWCOMER

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("quoting")]


def test_u31_the_original_is_for_readers_and_looks_missing_to_others(visit: Visit) -> None:
    """U31: byte for byte the same answer as for an id that never was."""
    manager, newcomer = visit(HR_MANAGER), visit(NEWCOMER)
    closed = next(one for one in manager.collections() if one["name"].startswith("Human resources"))
    row = manager.call("GET", f"/api/v1/collections/{closed['id']}/documents").json()[0]
    path = f"/api/v1/versions/{row['version_id']}/original"
    assert manager.call("GET", path).ok
    refused = newcomer.call("GET", path)
    missing = newcomer.call("GET", re.sub("[0-9a-f]{8}-", "00000000-", path))
    assert refused.status == missing.status == 404
    assert refused.body() == missing.body()

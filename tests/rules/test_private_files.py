"""Files that only their owner reads: whole or not at all, and one secret for all who make it at once."""

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from kbchat.core.private_files import kept_private, private_file, write_private


def test_nothing_is_readable_by_others_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "passwords"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "年假")
    assert path.read_text() == "年假"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_what_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "blob"
    path.write_text("old")
    with pytest.raises(TypeError), private_file(path) as file:
        file.writelines([b"new", None])  # type: ignore[list-item]
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_all_who_make_a_secret_at_once_get_the_same(tmp_path: Path) -> None:
    path, together = tmp_path / "secret", threading.Barrier(8)

    def make() -> str:
        together.wait(5)
        return uuid4().hex

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: kept_private(path, make), range(8)))
    assert len(set(found)) == 1
    assert found[0] == path.read_text() != ""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]

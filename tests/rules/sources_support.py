"""Sources as a run opens, lists and reads them, and repositories for those that read Git."""

import io
import subprocess
from pathlib import Path

from kbchat.sources.kinds import source_at
from kbchat.sources.port import Source, Surroundings

SECRET = "the salary of the board"


def opened(kind: str, root: Path, **place: str) -> Source:
    return source_at(kind, place, Surroundings(roots=(root,), most_bytes=1000, most_items=1000))


def listed(source: Source) -> list[str]:
    found = source.listing("")
    assert found is not None
    return [item.path for item in found.items]


def content(source: Source, path: str) -> tuple[str, bytes]:
    found = source.listing("")
    assert found is not None
    (item,) = [each for each in found.items if each.path == path]
    into = io.BytesIO()
    fetched = source.fetch(item, "", into)
    assert fetched is not None
    return fetched.filename, into.getvalue()


def git(folder: Path, *arguments: str, sent: bytes = b"") -> str:
    """What it says."""
    name = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    command = ["git", "-C", str(folder), *name, *arguments]
    return subprocess.run(command, check=True, capture_output=True, input=sent).stdout.decode().strip()


def repository_at(folder: Path) -> Path:
    """Empty, on the branch "main"."""
    folder.mkdir()
    git(folder, "init", "--quiet", "-b", "main")
    return folder


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "x")


def written(folder: Path, kind: str, content: bytes) -> str:
    """An object of a repository, by its name."""
    return git(folder, "hash-object", "-w", "-t", kind, "--stdin", sent=content)


def written_commit(folder: Path, tree: str) -> str:
    return git(folder, "commit-tree", tree, "-m", "x")

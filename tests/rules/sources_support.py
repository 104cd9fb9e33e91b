"""Repositories for sources that read them."""

import subprocess
from pathlib import Path


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

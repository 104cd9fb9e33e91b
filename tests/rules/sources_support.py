"""Repositories for sources that read them."""

import subprocess
from pathlib import Path


def git(folder: Path, *arguments: str) -> None:
    name = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    subprocess.run(["git", "-C", str(folder), *name, *arguments], check=True, capture_output=True)


def repository_at(folder: Path) -> Path:
    """Empty, on the branch "main"."""
    folder.mkdir()
    git(folder, "init", "--quiet", "-b", "main")
    return folder


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "x")

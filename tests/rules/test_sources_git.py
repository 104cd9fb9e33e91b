"""Git repositories, on the server and by HTTP: the files of a commit, and nothing that a repository makes Git do."""

import http.server
import io
import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from kbchat.core.deadline import Deadline
from kbchat.core.errors import Invalid, KbchatError
from kbchat.sources.git import GitSource
from kbchat.sources.kinds import source_at
from kbchat.sources.port import Surroundings
from tests.rules.sources_support import (
    SECRET,
    commit,
    content,
    git,
    listed,
    opened,
    repository_at,
    written,
    written_commit,
)
from tests.rules.web_support import CANARY, HOST, Server, reach, resolving


@pytest.fixture
def repository(root: Path) -> Path:
    folder = repository_at(root / "repo")
    for path, text in {"README.md": "# One\n", "docs/年假.md": "# Leave\n", ".hidden/x.md": "x"}.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    (folder / "link.md").symlink_to(root.parent / "secret.md")
    (folder / "logo.png").write_bytes(b"\x89PNG")
    commit(folder)
    return folder


def test_the_newest_commit_is_listed_and_read(root: Path, repository: Path) -> None:
    source = opened("git", root, url=str(repository))
    found = source.listing("")
    assert found is not None
    assert [item.path for item in found.items] == ["README.md", "docs/年假.md", "logo.png"]
    assert (found.passed_over, found.is_complete) == (2, True)
    assert content(source, "docs/年假.md") == ("年假.md", b"# Leave\n")
    # What is not committed is not there.
    (repository / "README.md").write_text("# Draft\n")
    assert source.listing(found.revision) is None
    commit(repository)
    again = source.listing(found.revision)
    assert again is not None
    before = {item.path: item.mark for item in found.items}
    assert {item.path for item in again.items if item.mark != before[item.path]} == {"README.md"}
    source.close()


def test_a_name_that_is_no_text_is_written_out_and_keeps_nothing_from_being_known(
    root: Path, repository: Path
) -> None:
    Path(os.fsdecode(bytes(repository / "caf") + b"\xe9.md")).write_text("# Coffee\n")
    commit(repository)
    source = opened("git", root, url=str(repository))
    found = source.listing("")
    assert found is not None
    assert found.is_complete
    assert content(source, "caf\\xe9.md") == ("caf\\xe9.md", b"# Coffee\n")


def test_folders_are_passed_over_as_in_a_folder_unless_they_are_chosen(root: Path, repository: Path) -> None:
    for path in (
        "_site/page.md",
        "docs/node_modules/page.md",
        ".github/guide.md",
        ".github/.cache/page.md",
    ):
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_text("# Page\n")
    commit(repository)
    assert listed(opened("git", root, url=str(repository))) == ["README.md", "docs/年假.md", "logo.png"]
    chosen = opened("git", root, url=str(repository), folder=".github")
    assert listed(chosen) == [".github/guide.md"]


def test_a_branch_and_a_folder_of_it(root: Path, repository: Path) -> None:
    git(repository, "checkout", "--quiet", "-b", "other/branch")
    (repository / "docs" / "more.md").write_text("# More\n")
    commit(repository)
    place = {"url": str(repository), "branch": "other/branch", "folder": "docs"}
    assert listed(opened("git", root, **place)) == ["docs/more.md", "docs/年假.md"]
    with pytest.raises(Invalid, match="source_branch_missing"):
        listed(opened("git", root, url=str(repository), branch="none"))


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% x",
        "file:///{outside}",
        "ssh://git@example.com/x",
        "git@example.com:x.git",
        "--upload-pack=touch x",
        "https://example.com/repo.git",
        "git://example.com/x",
    ],
)
def test_no_other_way_leads_anywhere(root: Path, tmp_path: Path, url: str) -> None:
    with pytest.raises(Invalid, match=r"source_(folder_outside|origin_not_allowed)"):
        opened("git", root, url=url.format(outside=tmp_path))


@pytest.mark.parametrize(
    "more", [{"branch": "--upload-pack=x"}, {"branch": "a..b"}, {"folder": "/x"}, {"folder": "../x"}]
)
def test_no_option_hides_in_a_name(root: Path, repository: Path, more: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="source_place_incomplete"):
        opened("git", root, url=str(repository), **more)


def test_nothing_of_the_repository_runs_and_nothing_stays(
    root: Path, repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    for hook in (
        "post-checkout",
        "post-merge",
        "reference-transaction",
        "pre-auto-gc",
        "post-upload-pack",
    ):
        path = repository / ".git" / "hooks" / hook
        path.write_text(f"#!/bin/sh\ntouch {mark}\n")
        path.chmod(0o755)
    git(repository, "config", "uploadpack.packObjectsHook", f"touch {mark} && git")
    git(repository, "config", "filter.bad.smudge", f"touch {mark}")
    (repository / ".gitattributes").write_text("*.md filter=bad\n")
    commit(repository)
    # They ran for its owner.
    mark.unlink()
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    source = opened("git", root, url=str(repository))
    assert content(source, "README.md")[1] == b"# One\n"
    source.close()
    assert not mark.exists()
    assert list(temporary.iterdir()) == []


def test_a_tree_that_repeats_itself_without_end_is_not_listed_to_its_end(
    root: Path, repository: Path
) -> None:
    """A few objects, and ten to the power of twelve files."""
    tree = written(repository, "blob", b"# Page\n")
    for depth in range(12):
        mode, suffix = ("40000", "") if depth else ("100644", ".md")
        entries = [f"{mode} {name}{suffix}\0".encode() + bytes.fromhex(tree) for name in "abcdefghij"]
        tree = written(repository, "tree", b"".join(entries))
    git(repository, "update-ref", "refs/heads/main", written_commit(repository, tree))
    source = opened("git", root, url=str(repository))
    with pytest.raises(Invalid, match="source_too_large"):
        source.listing("")
    source.close()


def test_what_a_killed_process_left_goes_and_what_another_run_reads_stays(
    root: Path, repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    temporary = tmp_path / "tmp"
    left = temporary / "kbchat-git-left"
    (left / "objects").mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    first, second = (opened("git", root, url=str(repository)) for _ in range(2))
    found = first.listing("")
    assert found is not None
    for folder in temporary.iterdir():
        os.utime(folder, (1, 1))
    assert second.listing("") == found
    assert not left.exists()
    assert first.fetch(found.items[0], "", io.BytesIO()) is not None
    for source in (first, second):
        source.close()
    assert list(temporary.iterdir()) == []


def test_secrets_are_not_handed_to_it(root: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KBCHAT_SECRET_KEY", SECRET)
    seen: dict[str, dict[str, str]] = {}

    class Watched(subprocess.Popen[bytes]):
        def __init__(self, command: list[str], *arguments: Any, env: dict[str, str], **named: Any) -> None:
            seen[" ".join(command)] = dict(env)
            super().__init__(command, *arguments, env=env, **named)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    content(opened("git", root, url=str(repository)), "README.md")
    for what in ("ls-remote", "fetch", "ls-tree", "cat-file"):
        assert any(what in command for command in seen), what
    assert all(SECRET not in each.values() and each["GIT_TERMINAL_PROMPT"] == "0" for each in seen.values())


def test_git_connects_to_what_was_looked_at(
    site: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name means nothing to Git itself: it has the address from us."""
    repository = served(site, tmp_path)
    origin = f"http://pinned.test:{site.port}"
    with resolving(monkeypatch, {"pinned.test": [HOST]}):
        source = source_at("git", {"url": f"{origin}/repo.git"}, reach(origin))
        try:
            found = source.listing("")
            assert found is not None
            assert [item.path for item in found.items] == ["README.md"]
            into = io.BytesIO()
            assert source.fetch(found.items[0], "", into) is not None
            assert into.getvalue() == (repository / "README.md").read_bytes()
        finally:
            source.close()


def test_a_redirect_and_a_name_of_the_internal_network_lead_nowhere(
    site: Server, canary: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/moved.git/info/refs?service=git-upload-pack"
    site.answers[path] = (302, {"Location": canary.origin + path}, b"")
    for url, names in (
        (f"{site.origin}/moved.git", {}),
        (f"http://rebind.test:{canary.port}/x.git", {"rebind.test": [CANARY]}),
    ):
        with resolving(monkeypatch, names):
            source = source_at("git", {"url": url}, reach(site.origin, f"http://rebind.test:{canary.port}"))
            with pytest.raises(KbchatError):
                source.listing("")
            source.close()


def served(site: Server, folder: Path) -> Path:
    """A repository at /repo.git, by Git's own program for that."""
    repository = repository_at(folder / "repo.git")
    (repository / "README.md").write_text("# Served\n")
    commit(repository)

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        length = int(handler.headers.get("Content-Length") or 0)
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": handler.command,
            "PATH_INFO": parts.path.replace("/repo.git", "/repo.git/.git", 1),
            "QUERY_STRING": parts.query,
            "CONTENT_TYPE": handler.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(length),
            "HTTP_CONTENT_ENCODING": handler.headers.get("Content-Encoding", ""),
            "HTTP_GIT_PROTOCOL": handler.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(
            ["git", "http-backend"],
            env=environment,
            input=handler.rfile.read(length),
            capture_output=True,
            check=True,
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        handler.send_response(200)
        for line in head.decode().splitlines():
            name, _, value = line.partition(": ")
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    site.cgi = answer
    return repository


def test_it_is_ended_when_nobody_waits_for_it_any_more(root: Path, repository: Path) -> None:
    asked = []

    def is_over() -> bool:
        asked.append(True)
        return len(asked) == 2

    source = GitSource.at({"url": str(repository)}, Surroundings(roots=(root,), is_over=is_over))
    with subprocess.Popen(["sleep", "600"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            source._said(process, Deadline.after(600))
        process.kill()
    assert len(asked) == 2

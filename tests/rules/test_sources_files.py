"""Sources of files: folders, dropped mail, Git repositories. Nothing beside what the operator has opened is read."""

import io
import os
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from kbchat.core.errors import Invalid, KbchatError, Unavailable
from kbchat.sources import folder_files
from kbchat.sources.beneath import open_beneath
from kbchat.sources.kinds import source_at
from kbchat.sources.port import Source, Surroundings
from tests.rules.sources_support import commit, git, repository_at, written, written_commit

SECRET = "the salary of the board"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "secret.md").write_text(SECRET)
    folder = tmp_path / "open"
    folder.mkdir()
    return folder


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


@pytest.mark.parametrize(
    "place",
    ["..", "../secret.md", "/", "/etc", "relative", "", "\0", "link", "link/inner", "open/../.."],
)
def test_a_folder_that_is_not_open_is_refused(root: Path, place: str) -> None:
    (root / "link").symlink_to(root.parent)
    where = place if place.startswith("/") or place in ("relative", "", "\0") else str(root / place)
    for kind, field in (("folder", "folder"), ("mail_folder", "folder"), ("git", "url")):
        with pytest.raises(Invalid):
            opened(kind, root, **{field: where})


def test_without_roots_nothing_is_open(root: Path) -> None:
    with pytest.raises(Invalid, match="source_folder_outside"):
        source_at("folder", {"folder": str(root)}, Surroundings())


@pytest.mark.parametrize("place", [{}, {"folder": ""}, {"folder": "/x", "more": "y"}, {"url": "/x"}])
def test_a_place_that_is_not_whole_is_refused(root: Path, place: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="source_place_incomplete"):
        opened("folder", root, **place)


class TestFolder:
    def test_links_lead_nowhere_also_those_that_come_later(self, root: Path) -> None:
        (root / "in").mkdir()
        (root / "in" / "page.md").write_text("# Page\n")
        (root / "link.md").symlink_to(root.parent / "secret.md")
        source = opened("folder", root, folder=str(root))
        assert listed(source) == ["in/page.md"]
        found = source.listing("")
        assert found is not None
        # Somebody exchanges the folder after it was listed.
        (root / "in" / "page.md").rename(root / "kept.md")
        (root / "in").rmdir()
        (root / "in").symlink_to(root.parent)
        (root.parent / "page.md").write_text(SECRET)
        os.utime(root.parent / "page.md", ns=(1, (root / "kept.md").stat().st_mtime_ns))
        into = io.BytesIO()
        with pytest.raises(KbchatError):
            source.fetch(found.items[0], "", into)
        assert into.getvalue() == b""

    @pytest.mark.parametrize("exchanged", ["team", "team/notes"])
    def test_the_folder_itself_leads_nowhere_else_while_it_is_read(self, root: Path, exchanged: str) -> None:
        folder = root / "team" / "notes"
        folder.mkdir(parents=True)
        (folder / "secret.md").write_text("# Page\n" + "x" * (len(SECRET) - 7))
        os.utime(folder / "secret.md", ns=(1, 1))
        source = opened("folder", root, folder=str(folder))
        found = source.listing("")
        assert found is not None
        elsewhere = root.parent / "elsewhere"
        (root / exchanged).rename(root / "kept")
        (elsewhere / "notes").mkdir(parents=True)
        for place in (elsewhere, elsewhere / "notes"):
            (place / "secret.md").write_text(SECRET)
            os.utime(place / "secret.md", ns=(1, 1))
        (root / exchanged).symlink_to(elsewhere)
        into = io.BytesIO()
        with pytest.raises(Unavailable, match="source_file_unreadable"):
            source.fetch(found.items[0], "", into)
        assert into.getvalue() == b""

    @pytest.mark.parametrize("path", ["../secret.md", "a/../../secret.md", "", ".", "/etc/passwd", "pipe.md"])
    def test_nothing_but_plain_files_beneath_it_is_opened(self, root: Path, path: str) -> None:
        os.mkfifo(root / "pipe.md")
        (root / "a").mkdir()
        with pytest.raises(OSError):  # noqa: PT011 (whichever the system says)
            open_beneath(root, path)

    def test_no_more_is_listed_than_is_taken(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for number in range(20):
            (root / f"{number}.md").write_text("# Page\n")
            (root / f"{number}.png").write_text("x")
        looked_at: list[Path] = []
        why_not = folder_files._why_not_plain

        def watching(path: Path) -> Invalid | None:
            looked_at.append(path)
            return why_not(path)

        monkeypatch.setattr(folder_files, "_why_not_plain", watching)
        reach = Surroundings(roots=(root,), most_items=5)
        with pytest.raises(Invalid, match="source_too_large"):
            source_at("folder", {"folder": str(root)}, reach).listing("")
        assert len(looked_at) < 20

    def test_a_file_is_read_up_to_the_limit(self, root: Path) -> None:
        (root / "a.md").write_bytes(b"x" * 1000)
        (root / "b.md").write_bytes(b"x" * 1001)
        source = opened("folder", root, folder=str(root))
        assert content(source, "a.md") == ("a.md", b"x" * 1000)
        with pytest.raises(Invalid, match="too_large"):
            content(source, "b.md")


class TestMailFolder:
    def test_mail_is_taken_from_a_folder_and_from_a_maildir(self, root: Path) -> None:
        for path in ("a.eml", "notes.md", "new/17.M1.host", "cur/16.M1.host:2,S", "tmp/18.M1.host"):
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_text("From: a@example.com\nSubject: x\n\nWords\n")
        source = opened("mail_folder", root, folder=str(root))
        assert sorted(listed(source)) == ["a.eml", "cur/16.M1.host", "cur/17.M1.host"]
        assert content(source, "cur/16.M1.host")[0] == "16.M1.host.eml"
        assert not source.mirrors

    def test_a_mail_stays_the_same_whatever_is_done_with_it(self, root: Path) -> None:
        """A Maildir says by its name that one was looked at, or answered."""
        for folder in ("team/new", "team/cur"):
            (root / folder).mkdir(parents=True)
        names = ["new/17.M1.host", "cur/17.M1.host:2,", "cur/17.M1.host:2,S", "cur/17.M1.host:2,RS"]
        (root / "team" / names[0]).write_text("From: a@example.com\nSubject: x\n\nWords\n")
        source = opened("mail_folder", root, folder=str(root))
        first = source.listing("")
        for before, after in pairwise(names):
            (root / "team" / before).rename(root / "team" / after)
            assert source.listing("") == first
            name, words = content(source, "team/cur/17.M1.host")
            assert (name, words[:6]) == ("17.M1.host.eml", b"From: ")


class TestGit:
    @pytest.fixture
    def repository(self, root: Path) -> Path:
        folder = repository_at(root / "repo")
        for path, text in {"README.md": "# One\n", "docs/年假.md": "# Leave\n", ".hidden/x.md": "x"}.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text)
        (folder / "link.md").symlink_to(root.parent / "secret.md")
        (folder / "logo.png").write_bytes(b"\x89PNG")
        commit(folder)
        return folder

    def test_the_newest_commit_is_listed_and_read(self, root: Path, repository: Path) -> None:
        source = opened("git", root, url=str(repository))
        found = source.listing("")
        assert found is not None
        assert [item.path for item in found.items] == ["README.md", "docs/年假.md"]
        assert (found.passed_over, found.is_complete) == (3, True)
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
        self, root: Path, repository: Path
    ) -> None:
        Path(os.fsdecode(bytes(repository / "caf") + b"\xe9.md")).write_text("# Coffee\n")
        commit(repository)
        source = opened("git", root, url=str(repository))
        found = source.listing("")
        assert found is not None
        assert found.is_complete
        assert content(source, "caf\\xe9.md") == ("caf\\xe9.md", b"# Coffee\n")

    def test_folders_are_passed_over_as_in_a_folder_unless_they_are_chosen(
        self, root: Path, repository: Path
    ) -> None:
        for path in (
            "_site/page.md",
            "docs/node_modules/page.md",
            ".github/guide.md",
            ".github/.cache/page.md",
        ):
            (repository / path).parent.mkdir(parents=True, exist_ok=True)
            (repository / path).write_text("# Page\n")
        commit(repository)
        assert listed(opened("git", root, url=str(repository))) == ["README.md", "docs/年假.md"]
        chosen = opened("git", root, url=str(repository), folder=".github")
        assert listed(chosen) == [".github/guide.md"]

    def test_a_branch_and_a_folder_of_it(self, root: Path, repository: Path) -> None:
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
            "ext::sh -c touch% {mark}",
            "file:///{outside}",
            "ssh://git@example.com/x",
            "git@example.com:x.git",
            "--upload-pack=touch {mark}",
            "https://example.com/repo.git",
            "git://example.com/x",
        ],
    )
    def test_no_other_way_leads_anywhere(self, root: Path, tmp_path: Path, url: str) -> None:
        mark = tmp_path / "mark"
        with pytest.raises(Invalid):
            opened("git", root, url=url.format(mark=mark, outside=tmp_path))
        assert not mark.exists()

    @pytest.mark.parametrize(
        "more", [{"branch": "--upload-pack=x"}, {"branch": "a..b"}, {"folder": "/x"}, {"folder": "../x"}]
    )
    def test_no_option_hides_in_a_name(self, root: Path, repository: Path, more: dict[str, str]) -> None:
        with pytest.raises(Invalid, match="source_place_incomplete"):
            opened("git", root, url=str(repository), **more)

    def test_nothing_of_the_repository_runs_and_nothing_stays(
        self, root: Path, repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
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
        self, root: Path, repository: Path
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
        self, root: Path, repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
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

    def test_secrets_are_not_handed_to_it(
        self, root: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("KBCHAT_SECRET_KEY", SECRET)
        seen: list[dict[str, str]] = []
        run = subprocess.run

        def watched(*arguments: object, **named: object) -> object:
            seen.append(dict(named["env"]))  # type: ignore[call-overload]
            return run(*arguments, **named)  # type: ignore[call-overload]

        monkeypatch.setattr(subprocess, "run", watched)
        listed(opened("git", root, url=str(repository)))
        assert seen
        assert all(SECRET not in each.values() and each["GIT_TERMINAL_PROMPT"] == "0" for each in seen)

"""Folders and dropped mail: plain files beneath what the operator has opened, whatever is exchanged meanwhile."""

import io
import os
from itertools import pairwise
from pathlib import Path

import pytest

from kbchat.core.errors import Invalid, KbchatError, Unavailable
from kbchat.sources import folder_files
from kbchat.sources.beneath import open_beneath
from kbchat.sources.kinds import source_at
from kbchat.sources.port import Surroundings
from tests.rules.sources_support import SECRET, content, listed, opened


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

    def test_a_name_that_is_no_utf_8_has_its_odd_bytes_written_out(self, root: Path) -> None:
        """As that of a file in a repository has."""
        (root / os.fsdecode("报销.md".encode("gbk"))).write_text("# Travel\n")
        source = opened("folder", root, folder=str(root))
        assert listed(source) == [r"\xb1\xa8\xcf\xfa.md"]
        assert content(source, r"\xb1\xa8\xcf\xfa.md") == (r"\xb1\xa8\xcf\xfa.md", b"# Travel\n")

    def test_what_is_exchanged_while_it_is_listed_is_not_taken_for_gone(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Some programs take the former file away before they write the new one."""
        for name in ("a.md", "b.md"):
            (root / name).write_text("# Page\n")
        why_not = folder_files._why_not_plain

        def exchanged_meanwhile(path: Path) -> Invalid | None:
            if path.name == "b.md":
                path.unlink()
            return why_not(path)

        monkeypatch.setattr(folder_files, "_why_not_plain", exchanged_meanwhile)
        found = opened("folder", root, folder=str(root)).listing("")
        assert found is not None
        assert ([item.path for item in found.items], found.is_complete) == (["a.md"], False)


class TestMailFolder:
    def test_mail_is_taken_from_a_folder_and_from_a_maildir(self, root: Path) -> None:
        for path in ("a.eml", "notes.md", "new/17.M1.host", "cur/16.M1.host:2,S", "tmp/18.M1.host"):
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_text("From: a@example.com\nSubject: x\n\nWords\n")
        source = opened("mail_folder", root, folder=str(root))
        assert sorted(listed(source)) == ["a.eml", "cur/16.M1.host", "cur/17.M1.host"]
        assert content(source, "cur/16.M1.host")[0] == "16.M1.host.eml"
        assert not source.mirrors

    def test_folders_inside_a_maildir_are_read_but_not_what_was_thrown_away_or_not_sent(
        self, root: Path
    ) -> None:
        for folder in (".Archive.2024", ".Trash", ".Archive.Drafts", ".cache"):
            (root / folder / "new").mkdir(parents=True)
            (root / folder / "cur").mkdir()
            (root / folder / "cur" / "1.M1.host:2,S").write_text("From: a@example.com\n\nWords\n")
        (root / ".cache" / "new").rmdir()
        (root / ".link").symlink_to(root / ".Trash")
        source = opened("mail_folder", root, folder=str(root))
        assert listed(source) == [".Archive.2024/cur/1.M1.host"]
        assert source.glimpse(5.0)
        assert listed(opened("folder", root, folder=str(root))) == []

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

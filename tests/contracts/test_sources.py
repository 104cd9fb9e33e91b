"""What every kind of source keeps to, whatever it is made of; the kinds that hold files, that, too."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from kbchat.core.errors import Invalid, KbchatError, Unavailable
from kbchat.core.limits import Limit
from kbchat.sources.access_file import ACCESS_FILE, Readers
from kbchat.sources.kinds import KINDS
from kbchat.sources.port import Fetched, Item, Source
from tests.contracts.s3_server import S3Server
from tests.contracts.source_holders import (
    BucketHolder,
    FolderHolder,
    GitHolder,
    Holder,
    WebsiteHolder,
)
from tests.rules.web_support import HOST, Server
from tests.web.limits_support import count

ALL = ("folder", "git", "bucket", "website")
OF_FILES = ("folder", "git", "bucket")
ACCESS = b"""
[[rule]]
path = "board/**"
groups = ["Board"]

[[rule]]
path = "**"
everyone = true
"""


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with S3Server() as running:
        yield running


@pytest.fixture
def holder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Holder]:
    match request.param:
        case "folder":
            yield FolderHolder(tmp_path)
        case "git":
            yield GitHolder(tmp_path)
        case "bucket":
            yield BucketHolder(request.getfixturevalue("s3"), f"bucket-{abs(hash(request.node.name))}")
        case _:
            site = Server(HOST)
            yield WebsiteHolder(site)
            site.close()


def items(source: Source) -> dict[str, Item]:
    found = source.listing("")
    assert found is not None
    assert found.is_complete
    return {item.path: item for item in found.items}


def fetched(source: Source, item: Item, validator: str = "") -> tuple[Fetched | None, bytes]:
    into = io.BytesIO()
    return source.fetch(item, validator, into), into.getvalue()


def test_every_kind_is_held_to_it_or_is_one_of_them() -> None:
    """Dropped mail is a folder that keeps what was taken away."""
    assert {*ALL, "mail_folder"} == set(KINDS)


@pytest.mark.parametrize("holder", ALL, indirect=True)
def test_what_is_there_is_listed_and_fetched_and_what_is_gone_is_not(holder: Holder) -> None:
    pages = {f"team/page {number}+年%20.md": f"# {number}".encode() for number in range(5)}
    for path, content in pages.items():
        holder.put(path, content)
    source = holder.source()
    found = items(source)
    assert set(found) == {holder.item_path(path) for path in pages}
    for path, content in pages.items():
        told, given = fetched(source, found[holder.item_path(path)])
        assert told is not None
        assert (told.filename, given) == (path.partition("/")[2], content)
    source.close()
    holder.remove("team/page 3+年%20.md")
    source = holder.source()
    assert len(items(source)) == 4
    source.close()


@pytest.mark.parametrize("holder", ALL, indirect=True)
def test_a_mark_or_a_validator_tells_what_has_changed(holder: Holder) -> None:
    for name in ("same.md", "other.md"):
        holder.put(name, b"# Words")
    source = holder.source()
    before = items(source)
    shown = {path: fetched(source, item)[0] for path, item in before.items()}
    source.close()
    holder.put("other.md", b"# Other words")
    source = holder.source()
    for path, item in items(source).items():
        known = shown[path]
        assert known is not None
        told, given = fetched(source, item, known.validator)
        is_known = bool(item.mark and item.mark == before[path].mark) or told is None
        assert is_known == (path == holder.item_path("same.md"))
        if not is_known:
            assert given == b"# Other words"
    source.close()


@pytest.mark.parametrize("holder", ALL, indirect=True)
def test_a_thing_is_read_up_to_the_limit(holder: Holder) -> None:
    holder.put("fits.md", b"x" * 100)
    holder.put("large.md", b"x" * 101)
    source = holder.source(most_bytes=100)
    found = items(source)
    assert fetched(source, found[holder.item_path("fits.md")])[1] == b"x" * 100
    with pytest.raises(Invalid, match="too_large"):
        fetched(source, found[holder.item_path("large.md")])
    source.close()


@pytest.mark.parametrize("holder", ALL, indirect=True)
def test_a_glimpse_tells_whether_anything_is_there_and_nothing_more(holder: Holder) -> None:
    """A repository tells it only once it was fetched."""
    is_silent = holder.kind == "git"
    source = holder.source()
    assert source.glimpse(10) is (None if is_silent else False)
    holder.put(".hidden.md", b"# Hidden")
    if holder.kind != "website":
        assert source.glimpse(10) is (None if is_silent else False)
    holder.put("page.md", b"# Words")
    assert source.glimpse(10) is (None if is_silent else True)
    source.close()


@pytest.mark.parametrize("holder", ALL, indirect=True)
def test_pictures_are_listed_whoever_reads_them_and_glimpsed_where_they_are_read(holder: Holder) -> None:
    pictures = {"team/plan.png", "team/photo.JPG", "team/scan.tiff"}
    for path in pictures:
        holder.put(path, b"\x89PNG\r\n\x1a\n" + path.encode())
    for are_read in (False, True):
        source = holder.source(reads_pictures=are_read)
        assert source.glimpse(10) is (None if holder.kind == "git" else are_read)
        assert {path for path, item in items(source).items() if item.is_picture} == {
            holder.item_path(path) for path in pictures
        }
        source.close()
    holder.put("page.md", b"# Words")
    source = holder.source()
    assert not items(source)[holder.item_path("page.md")].is_picture
    source.close()


@pytest.mark.parametrize("holder", OF_FILES, indirect=True)
def test_what_is_no_document_and_what_hides_is_passed_over(holder: Holder) -> None:
    names = ("page.md", ".hidden.md", ".git-like/page.md", "node_modules/page.md", "deep/sound.mp3")
    for name in names:
        holder.put(name, b"\xff\xfb\x90" * 20)
    source = holder.source()
    assert set(items(source)) == {"page.md"}
    source.close()


@pytest.mark.parametrize("holder", OF_FILES, indirect=True)
def test_no_more_is_listed_than_is_taken(holder: Holder) -> None:
    for number in range(4):
        holder.put(f"{number}.md", b"# Page")
    assert len(items(holder.source(most_items=4))) == 4
    before = count(Limit.SOURCE_ITEMS)
    with pytest.raises(Invalid, match="source_too_large"):
        holder.source(most_items=3).listing("")
    assert count(Limit.SOURCE_ITEMS) == before + 1


@pytest.mark.parametrize("holder", OF_FILES, indirect=True)
def test_no_bytes_are_newer_than_the_listing(holder: Holder) -> None:
    """Who may read them is asked between the two."""
    holder.put("page.md", b"# Words")
    source = holder.source()
    item = items(source)["page.md"]
    holder.put("page.md", b"# Secret words")
    if holder.kind == "git":
        assert fetched(source, item)[1] == b"# Words"
    else:
        with pytest.raises(Unavailable, match="source_changed_meanwhile"):
            fetched(source, item)
    source.close()


@pytest.mark.parametrize("holder", OF_FILES, indirect=True)
def test_a_file_at_its_root_says_who_may_read_what(holder: Holder) -> None:
    holder.put(ACCESS_FILE, ACCESS)
    holder.put("board/plan.md", b"# Plan")
    holder.put("page.md", b"# Page")
    source = holder.source()
    assert set(items(source)) == {"board/plan.md", "page.md"}
    permissions = source.permissions()
    assert permissions.readers_of("board/plan.md") == Readers(frozenset({"Board"}))
    assert permissions.readers_of("page.md") == Readers(everyone=True)
    source.close()


@pytest.mark.parametrize("holder", OF_FILES, indirect=True)
@pytest.mark.parametrize(
    ("content", "code"), [(None, "source_access_missing"), (b"[[rule]]\n", "source_access_unusable")]
)
def test_a_source_that_does_not_say_it_says_so(holder: Holder, content: bytes | None, code: str) -> None:
    holder.put("page.md", b"# Page")
    if content is not None:
        holder.put(ACCESS_FILE, content)
    source = holder.source()
    items(source)
    with pytest.raises(KbchatError, match=code):
        source.permissions()
    source.close()


@pytest.mark.parametrize("holder", ["website"], indirect=True)
def test_a_website_knows_of_nobody_what_he_may_read(holder: Holder) -> None:
    assert not holder.source().knows_readers
    with pytest.raises(Invalid, match="source_knows_no_readers"):
        holder.source().permissions()

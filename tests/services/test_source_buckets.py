"""Buckets as a run reads them, from a real S3 server: what is there follows, half a listing removes nothing (F12)."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from kbchat.core.errors import Unavailable
from kbchat.library.sources.credentials import set_secrets
from kbchat.library.sources.keeping import SourceWish, keep_source
from kbchat.library.sources.rows import SourceRow
from kbchat.library.sources.troubles import list_troubles
from kbchat.sources import bucket as bucket_module
from kbchat.sources.bucket import BucketSource
from tests.company import Company
from tests.contracts.s3_server import S3Server
from tests.rules.web_support import reach
from tests.services.sources_support import counted, documents_in, read, titles

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with S3Server() as running:
        yield running


@pytest.fixture
def source(company: Company, s3: S3Server) -> SourceRow:
    """Ten pages, which a listing tells in four parts."""
    name = f"pages-{uuid4().hex}"
    s3.bucket(name, **{f"page{number}.md": f"# page{number}\n\nWords.".encode() for number in range(10)})
    return keep_source(
        company.admin, company.handbook.id, SourceWish("bucket", name, s3.place(name)), reach(s3.origin)
    )


def test_new_changed_and_gone_objects_follow_and_the_rest_is_not_asked_for(
    company: Company, source: SourceRow, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = reach(s3.origin)
    assert counted(read(company, source, allowed)) == {"new": 10}
    s3.put(source.name, "deep/new.md", b"# New\n\nWords.")
    s3.put(source.name, "page1.md", b"# page1\n\nOther words.")
    s3.remove(source.name, "page2.md")
    fetched: list[str] = []
    fetch = BucketSource.fetch
    monkeypatch.setattr(
        BucketSource, "fetch", lambda self, item, *more: fetched.append(item.path) or fetch(self, item, *more)
    )
    run = read(company, source, allowed)
    assert counted(run) == {"new": 1, "changed": 1, "unchanged": 8, "removed": 1}
    assert fetched == ["deep/new.md", "page1.md"]
    assert sorted(titles(company)) == sorted({f"page{n}" for n in range(10) if n != 2} | {"New"})


def test_a_listing_that_breaks_in_the_middle_removes_nothing(
    company: Company, source: SourceRow, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(company, source, reach(s3.origin))
    s3.remove(source.name, "page0.md")
    parsed, pages = bucket_module._parsed, []

    def broken_after_two(content: bytes) -> object:
        pages.append(content)
        if len(pages) > 2:
            raise Unavailable("source_listing_unusable")
        return parsed(content)

    with monkeypatch.context() as patch:
        patch.setattr(bucket_module, "_parsed", broken_after_two)
        run = read(company, source, reach(s3.origin))
    assert (run.state, run.is_complete, counted(run)) == ("succeeded", False, {"unchanged": 6})
    assert documents_in(company) == 10
    assert counted(read(company, source, reach(s3.origin))) == {"unchanged": 9, "removed": 1}


def test_a_key_that_cannot_be_kept_is_told_and_harms_nothing_else(
    company: Company, source: SourceRow, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.put(source.name, f"{'x' * 900}.md", b"# Long\n\nWords.")
    parsed = bucket_module._parsed

    def with_nul(content: bytes) -> object:
        page = parsed(content)
        return bucket_module._Page([("a\0b.md", '"1"', 1), *page.objects], page.following)

    monkeypatch.setattr(bucket_module, "_parsed", with_nul)
    run = read(company, source, reach(s3.origin))
    assert (run.state, run.new) == ("succeeded", 11)
    assert run.refused == 4
    (row,) = list_troubles(company.admin, source.id)
    assert (row.path, row.problem_code) == (r"a\x00b.md", "name_not_utf8")


def test_keys_that_are_no_longer_right_end_a_run_until_others_are_entered(
    company: Company, source: SourceRow, s3: S3Server
) -> None:
    allowed = reach(s3.origin)
    read(company, source, allowed)
    set_secrets(company.admin, source.id, s3.keys | {"secret_key": "wrong"}, allowed)
    run = read(company, source, allowed)
    assert (run.state, run.problem, documents_in(company)) == ("failed", "source_credentials_refused", 10)
    set_secrets(company.admin, source.id, s3.keys, allowed)
    assert counted(read(company, source, allowed)) == {"unchanged": 10}

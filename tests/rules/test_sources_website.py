"""Websites by their sitemaps: the pages that are named there, as they are there, and nothing else."""

import gzip
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kbchat.core.errors import Invalid, Unavailable
from kbchat.sources.kinds import source_at
from kbchat.sources.port import Fetched, Item, Listing
from tests.rules.web_support import HOST, Answer, Server, reach


def test_pages_of_a_sitemap_are_listed_and_fetched_again_where_they_changed(
    site: Server, canary: Server
) -> None:
    site.answers["/sitemap.xml"] = index(site, "/one.xml", "/two.xml.gz")
    site.answers["/one.xml"] = urls((f"{site.origin}/leave", "2026-01-01"), (f"{site.origin}/a.pdf", ""))
    packed = gzip.compress(urls((f"{canary.origin}/x", ""), (f"{site.origin}/travel.html", ""))[2])
    site.answers["/two.xml.gz"] = (200, {}, packed)
    site.answers["/leave"] = (200, {"Content-Type": "text/html; charset=utf-8"}, b"<h1>Leave</h1>")
    site.answers["/a.pdf"] = (200, {"ETag": '"7"'}, b"%PDF-1.7")
    source = source_at("website", {"sitemap": f"{site.origin}/sitemap.xml"}, reach(site.origin))
    found = source.listing("")
    assert found == Listing(
        [
            Item(f"{site.origin}/leave", "2026-01-01"),
            Item(f"{site.origin}/a.pdf"),
            Item(f"{site.origin}/travel.html"),
        ],
        passed_over=1,
    )
    into = io.BytesIO()
    leave = source.fetch(found.items[0], "", into)
    assert leave is not None
    assert (leave.filename, into.getvalue()) == ("leave.html", b"<h1>Leave</h1>")
    pdf = source.fetch(found.items[1], "", io.BytesIO())
    assert pdf is not None
    assert pdf.filename == "a.pdf"
    assert source.fetch(found.items[1], pdf.validator, io.BytesIO()) is None
    site.answers["/a.pdf"] = (200, {"ETag": '"8"'}, b"%PDF-1.8")
    assert source.fetch(found.items[1], pdf.validator, io.BytesIO()) is not None


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/a%00b.html", "ab.html"),
        ("/a%0Ab.html", "a b.html"),
        ("/re%E2%80%AEport.html", "report.html"),
        ("/%00", f"{HOST}.html"),
        ("/", f"{HOST}.html"),
    ],
)
def test_whatever_an_address_hides_a_file_has_a_name_that_can_be_shown(
    site: Server, path: str, name: str
) -> None:
    site.answers[path] = (200, {"Content-Type": "text/html"}, b"page")
    source = source_at("website", {"sitemap": site.origin}, reach(site.origin))
    assert source.fetch(Item(f"{site.origin}{path}"), "", io.BytesIO()) == Fetched(name)


@pytest.mark.parametrize("validator", ['"a\0b"', '"a\r\n b"', '"a\tb"'])
@pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
def test_a_validator_that_cannot_be_kept_or_sent_is_none(site: Server, header: str, validator: str) -> None:
    site.answers["/a.html"] = (200, {header: validator, "Content-Type": "text/html"}, b"page")
    source = source_at("website", {"sitemap": site.origin}, reach(site.origin))
    assert source.fetch(Item(f"{site.origin}/a.html"), "", io.BytesIO()) == Fetched("a.html")


def test_a_sitemap_that_lacks_a_part_is_not_complete(site: Server) -> None:
    """F12: a source that answers 500 in the middle."""
    site.answers["/sitemap.xml"] = index(site, "/one.xml", "/two.xml")
    site.answers["/one.xml"] = urls((f"{site.origin}/leave", ""))
    site.answers["/two.xml"] = (500, {}, b"")
    source = source_at("website", {"sitemap": f"{site.origin}/sitemap.xml"}, reach(site.origin))
    assert source.listing("") == Listing([Item(f"{site.origin}/leave")], is_complete=False)
    site.answers["/sitemap.xml"] = (500, {}, b"")
    with pytest.raises(Unavailable):
        source.listing("")


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%Y-%m-%dT00:00:00+00:00", "%Y-%m", "%Y"])
def test_a_day_that_may_go_on_somewhere_says_nothing_of_the_next_change(site: Server, form: str) -> None:
    now = datetime.now(UTC)
    site.answers["/sitemap.xml"] = urls(
        *((f"{site.origin}/{days}", (now - timedelta(days)).strftime(form)) for days in (0, 1, 400))
    )
    found = source_at("website", {"sitemap": f"{site.origin}/sitemap.xml"}, reach(site.origin)).listing("")
    assert found is not None
    assert [item.mark for item in found.items] == ["", "", (now - timedelta(400)).strftime(form)]


def test_a_time_of_today_says_which_change_is_meant(site: Server) -> None:
    changed = datetime.now(UTC).strftime("%Y-%m-%dT10:20:30Z")
    site.answers["/sitemap.xml"] = urls((f"{site.origin}/leave", changed))
    source = source_at("website", {"sitemap": f"{site.origin}/sitemap.xml"}, reach(site.origin))
    assert source.listing("") == Listing([Item(f"{site.origin}/leave", changed)])


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((404, {}, b""), "source_answer_unusable"),
        ((403, {}, b""), "source_answer_unusable"),
        ((302, {"Location": "https://login.example.com/"}, b""), "source_origin_not_allowed"),
    ],
)
def test_a_page_that_cannot_be_had_now_may_be_had_at_the_next_run(
    site: Server, answer: Answer, code: str
) -> None:
    site.answers["/leave"] = answer
    source = source_at("website", {"sitemap": site.origin}, reach(site.origin))
    with pytest.raises(Unavailable, match=code):
        source.fetch(Item(f"{site.origin}/leave", "2026-01-01"), "", io.BytesIO())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"<rss/>",
        gzip.compress(b"<urlset>")[:-4],
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>&x;</loc></url></urlset>x',
    ],
)
def test_what_is_no_sitemap_is_refused(site: Server, body: bytes) -> None:
    site.answers["/sitemap.xml"] = (200, {}, body)
    source = source_at("website", {"sitemap": f"{site.origin}/sitemap.xml"}, reach(site.origin))
    with pytest.raises(Invalid, match="source_sitemap_unusable"):
        source.listing("")


def test_entities_name_nothing(site: Server, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{site.origin}/secret")
    body = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{secret}">]><urlset><url><loc>&x;</loc></url></urlset>'
    site.answers["/sitemap.xml"] = (200, {}, body.encode())
    source = source_at("website", {"sitemap": f"{site.origin}/sitemap.xml"}, reach(site.origin))
    assert source.listing("") == Listing([])


def test_bodies_are_bounded_and_whole(site: Server) -> None:
    site.answers["/large"] = (200, {}, b"x" * 1001)
    site.answers["/cut"] = (200, {"Content-Length": "100"}, b"x")
    source = source_at("website", {"sitemap": site.origin}, reach(site.origin, most_bytes=1000))
    with pytest.raises(Invalid, match="too_large"):
        source.fetch(Item(f"{site.origin}/large"), "", io.BytesIO())
    with pytest.raises(Unavailable):
        source.fetch(Item(f"{site.origin}/cut"), "", io.BytesIO())


def urls(*pages: tuple[str, str]) -> Answer:
    entries = "".join(f"<url><loc>{page}</loc><lastmod>{day}</lastmod></url>" for page, day in pages)
    return 200, {}, f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'.encode()


def index(site: Server, *paths: str) -> Answer:
    entries = "".join(f"<sitemap><loc>{site.origin}{path}</loc></sitemap>" for path in paths)
    return 200, {}, f"<sitemapindex>{entries}</sitemapindex>".encode()

"""T54: what a source asks of the web goes where the operator lets it, whatever an address, a name, a redirect or a
repository says; a canary listens where nothing may come.
"""

import gzip
import http.server
import io
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from kbchat.core.errors import Invalid, KbchatError, Unavailable
from kbchat.sources import fetching
from kbchat.sources.addresses import allowed_target, may_reach, origin_of
from kbchat.sources.fetching import fetched
from kbchat.sources.kinds import source_at
from kbchat.sources.port import Fetched, Item, Listing, Surroundings
from tests.rules.sources_support import commit, repository_at

Answer = tuple[int, dict[str, str], bytes]
HOST, CANARY = "127.0.0.1", "127.0.0.2"


class Server:
    """Answers by path; `asked` is what came, with its headers."""

    def __init__(self, host: str) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.cgi: Callable[[http.server.BaseHTTPRequestHandler], None] | None = None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                if outer.cgi and self.path.startswith("/repo.git"):
                    outer.cgi(self)
                    return
                status, headers, body = outer.answers.get(self.path, (404, {}, b""))
                if headers.get("ETag") and headers["ETag"] == self.headers.get("If-None-Match"):
                    status, body = 304, b""
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 (as the library calls it)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = http.server.ThreadingHTTPServer((host, 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.origin = f"http://{host}:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def site() -> Iterator[Server]:
    server = Server(HOST)
    yield server
    server.close()


@pytest.fixture
def canary() -> Iterator[Server]:
    """A service of the internal network: nothing may ever reach it."""
    server = Server(CANARY)
    yield server
    server.close()
    assert server.asked == []


def reach(*origins: str, network: str = f"{HOST}/32", **more: int) -> Surroundings:
    return Surroundings(origins=frozenset(origins), networks=(ip_network(network),), **more)


@contextmanager
def resolving(patch: pytest.MonkeyPatch, answers: dict[str, list[str]]) -> Iterator[list[str]]:
    """Names mean one address after another, each time that somebody asks; gives the names that were asked for."""
    asked: list[str] = []
    resolve = socket.getaddrinfo

    def rebinding(host: str, *arguments: object, **named: object) -> object:
        asked.append(host)
        if host not in answers:
            return resolve(host, *arguments, **named)  # type: ignore[arg-type]
        waiting = answers[host]
        digits = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return resolve(digits, *arguments, **named)  # type: ignore[arg-type]

    with patch.context() as patched:
        patched.setattr(socket, "getaddrinfo", rebinding)
        yield asked


DOCS = "https://docs.example.com"
ODD = [
    "http://docs.example.com/",
    "https://docs.example.com:8443/",
    "https://docs.example.com.evil.test/",
    "https://evil.test/docs.example.com",
    "https://docs.example.com@evil.test/",
    "https://user@docs.example.com/",
    "https://user:pass@docs.example.com/",
    "https://docs.example.com:pass@evil.test/",
    "https://evil.test#@docs.example.com/",
    "https://evil.test\\@docs.example.com/",
    "https://docs.example.com\\.evil.test/",
    "https://docs.example.com%2eevil.test/",
    "https://docs.example.com%00.evil.test/",
    "https://docs.example.com\t.evil.test/",
    "https://docs.example.com\r\nHost: evil.test/",
    "https://docs.example.com /",
    "https://docs.example.com./",
    "https://docs。example。com/",
    "https://ｄocs.example.com/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://0/",
    "https://localhost/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[fe80::1%25eth0]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://metadata.google.internal/",
    "https://①②⑦.⓪.⓪.①/",
    "gopher://docs.example.com/_x",
    "file:///etc/passwd",
    "ftp://docs.example.com/",
    "dict://docs.example.com:11211/",
    "ldap://docs.example.com/",
    "jar:https://docs.example.com!/",
    "data:text/plain,x",
    "//docs.example.com/",
    "docs.example.com",
    "https:docs.example.com",
    "https:///docs.example.com",
    "https://",
    "https://docs.example.com:99999/",
    "https://docs.example.com:-1/",
    "https://docs.example.com:x/",
    "",
]


@pytest.mark.parametrize("url", ODD)
def test_an_odd_address_leads_nowhere(url: str) -> None:
    allowed = Surroundings(origins=frozenset([DOCS]))
    with pytest.raises(Invalid, match="source_origin_not_allowed"):
        allowed_target(url, allowed)
    for kind, field in (("website", "sitemap"), ("git", "url")):
        with pytest.raises(Invalid):
            source_at(kind, {field: url}, allowed)


def test_plain_addresses_of_an_origin_lead_there() -> None:
    allowed = Surroundings(origins=frozenset([DOCS, "http://wiki.local:8080", "http://[::1]:81"]))
    for url, path in {
        f"{DOCS}/a/b.html?q=1#part": "/a/b.html?q=1",
        f"{DOCS}:443": "/",
        "HTTPS://DOCS.example.com/年假": "/%E5%B9%B4%E5%81%87",
        "http://wiki.local:8080/x": "/x",
        "http://[::1]:81/": "/",
    }.items():
        assert allowed_target(url, allowed).path == path
    assert origin_of("HTTPS://Docs.Example.com:443/") == DOCS
    for wrong in ("docs.example.com", f"{DOCS}/path", "https://*.example.com/x", "ftp://x", "https://a b"):
        with pytest.raises(ValueError, match="no complete origin"):
            origin_of(wrong)


@pytest.mark.parametrize(
    "digits",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),  # noqa: S104 (an address to refuse)
        *("100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1"),
        *("::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:0a00:1::", "2001:db8::1"),
        *("fe80::1%eth0", "2001:0:7f00:1::", "not digits", ""),
    ],
)
def test_no_address_that_is_not_public_is_reached(digits: str) -> None:
    assert not may_reach(digits, Surroundings())


def test_public_addresses_and_opened_networks_are() -> None:
    assert may_reach("93.184.216.34", Surroundings())
    assert may_reach("2606:2800:220:1:248:1893:25c8:1946", Surroundings())
    # As a network that knows IPv6 alone writes the first.
    assert may_reach("64:ff9b::5db8:d822", Surroundings())
    opened = Surroundings(networks=(ip_network("10.20.0.0/16"),))
    assert may_reach("10.20.3.4", opened)
    assert may_reach("::ffff:10.20.3.4", opened)
    assert not may_reach("10.21.0.1", opened)


class TestFetching:
    def test_a_name_that_means_something_else_the_second_time_is_asked_once(
        self, site: Server, canary: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """DNS rebinding: what was looked at is what is connected to."""
        origin = f"http://rebind.test:{site.port}"
        site.answers["/"] = (200, {}, b"page")
        with resolving(monkeypatch, {"rebind.test": [HOST, CANARY]}) as asked:
            with fetched(f"{origin}/", reach(origin), seconds=10) as reply:
                assert reply.body.read() == b"page"
            assert asked.count("rebind.test") == 1
            assert site.asked[0][1]["host"] == f"rebind.test:{site.port}"
            with pytest.raises(Invalid, match="source_address_not_allowed"):
                page(f"{origin}/", reach(origin))

    def test_a_redirect_is_looked_at_like_any_address(self, site: Server, canary: Server) -> None:
        site.answers["/good"] = (302, {"Location": "/page"}, b"")
        site.answers["/page"] = (200, {}, b"page")
        for number, location in enumerate(
            [
                f"{canary.origin}/",
                f"//{CANARY}:{canary.port}/",
                f"http://{HOST}:{site.port}@{CANARY}:{canary.port}/",
                "file:///etc/passwd",
                "gopher://x/",
                "http://[x",
                "",
            ]
        ):
            site.answers[f"/bad{number}"] = (302, {"Location": location}, b"")
            with pytest.raises(Invalid):
                page(f"{site.origin}/bad{number}", reach(site.origin))
        assert page(f"{site.origin}/good", reach(site.origin)) == b"page"
        # On the list, and in a network that is not open.
        site.answers["/other"] = (302, {"Location": f"{canary.origin}/"}, b"")
        with pytest.raises(Invalid, match="source_address_not_allowed"):
            page(f"{site.origin}/other", reach(site.origin, canary.origin))

    def test_redirects_end(self, site: Server) -> None:
        site.answers["/round"] = (302, {"Location": "/round"}, b"")
        with pytest.raises(Invalid, match="source_answer_unusable"):
            page(f"{site.origin}/round", reach(site.origin))
        assert len(site.asked) == 6

    @pytest.mark.parametrize(
        ("scheme", "first"),
        [
            ("http", b"HTTP/1.1 200 OK\r\n"),
            ("http", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"),
            ("http", b"HTTP/1.0 200 OK\r\n\r\n"),
            # A record of 16 KiB, which is to hold what greets.
            ("https", b"\x16\x03\x03\x40\x00"),
        ],
        ids=["head", "body", "body-until-closed", "handshake"],
    )
    def test_whoever_sends_a_little_now_and_then_is_left(self, scheme: str, first: bytes) -> None:
        with dripping(first) as (port, was_left):
            origin = f"{scheme}://{HOST}:{port}"
            with pytest.raises(Unavailable):
                page(f"{origin}/", reach(origin), seconds=0.5)
            assert was_left.wait(10)

    def test_nothing_is_asked_once_connecting_took_all_the_time(
        self, site: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        is_over = threading.Event()
        cut_off, connect = fetching._Connection.cut_off, socket.create_connection

        def told(connection: fetching._Connection) -> None:
            cut_off(connection)
            is_over.set()

        def late(*arguments: Any) -> socket.socket:
            assert is_over.wait(10)
            return connect(*arguments)

        monkeypatch.setattr(fetching._Connection, "cut_off", told)
        monkeypatch.setattr(socket, "create_connection", late)
        with pytest.raises(Unavailable):
            page(f"{site.origin}/", reach(site.origin), seconds=0.1)
        assert site.asked == []

    def test_no_proxy_is_asked(self, site: Server, canary: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, canary.origin)
        site.answers["/"] = (200, {}, b"page")
        assert page(f"{site.origin}/", reach(site.origin)) == b"page"

    def test_what_the_server_does_not_have_and_cannot_do_are_told_apart(self, site: Server) -> None:
        site.answers["/busy"] = (503, {}, b"")
        with pytest.raises(Unavailable):
            page(f"{site.origin}/busy", reach(site.origin))
        with pytest.raises(Invalid, match="source_answer_unusable"):
            page(f"{site.origin}/none", reach(site.origin))
        with pytest.raises(Unavailable, match="source_unreachable"):
            page("http://nobody.invalid/", reach("http://nobody.invalid"))


class TestWebsite:
    def test_pages_of_a_sitemap_are_listed_and_fetched_again_where_they_changed(
        self, site: Server, canary: Server
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
        self, site: Server, path: str, name: str
    ) -> None:
        site.answers[path] = (200, {"Content-Type": "text/html"}, b"page")
        source = source_at("website", {"sitemap": site.origin}, reach(site.origin))
        assert source.fetch(Item(f"{site.origin}{path}"), "", io.BytesIO()) == Fetched(name)

    @pytest.mark.parametrize("validator", ['"a\0b"', '"a\r\n b"', '"a\tb"'])
    @pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
    def test_a_validator_that_cannot_be_kept_or_sent_is_none(
        self, site: Server, header: str, validator: str
    ) -> None:
        site.answers["/a.html"] = (200, {header: validator, "Content-Type": "text/html"}, b"page")
        source = source_at("website", {"sitemap": site.origin}, reach(site.origin))
        assert source.fetch(Item(f"{site.origin}/a.html"), "", io.BytesIO()) == Fetched("a.html")

    def test_a_sitemap_that_lacks_a_part_is_not_complete(self, site: Server) -> None:
        """F12: a source that answers 500 in the middle."""
        site.answers["/sitemap.xml"] = index(site, "/one.xml", "/two.xml")
        site.answers["/one.xml"] = urls((f"{site.origin}/leave", ""))
        site.answers["/two.xml"] = (500, {}, b"")
        source = source_at("website", {"sitemap": f"{site.origin}/sitemap.xml"}, reach(site.origin))
        assert source.listing("") == Listing([Item(f"{site.origin}/leave")], is_complete=False)
        site.answers["/sitemap.xml"] = (500, {}, b"")
        with pytest.raises(Unavailable):
            source.listing("")

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
    def test_what_is_no_sitemap_is_refused(self, site: Server, body: bytes) -> None:
        site.answers["/sitemap.xml"] = (200, {}, body)
        source = source_at("website", {"sitemap": f"{site.origin}/sitemap.xml"}, reach(site.origin))
        with pytest.raises(Invalid, match="source_sitemap_unusable"):
            source.listing("")

    def test_entities_name_nothing(self, site: Server, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text(f"{site.origin}/secret")
        body = (
            f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{secret}">]><urlset><url><loc>&x;</loc></url></urlset>'
        )
        site.answers["/sitemap.xml"] = (200, {}, body.encode())
        source = source_at("website", {"sitemap": f"{site.origin}/sitemap.xml"}, reach(site.origin))
        assert source.listing("") == Listing([])

    def test_bodies_are_bounded_and_whole(self, site: Server) -> None:
        site.answers["/large"] = (200, {}, b"x" * 1001)
        site.answers["/cut"] = (200, {"Content-Length": "100"}, b"x")
        source = source_at("website", {"sitemap": site.origin}, reach(site.origin, most_bytes=1000))
        with pytest.raises(Invalid, match="too_large"):
            source.fetch(Item(f"{site.origin}/large"), "", io.BytesIO())
        with pytest.raises(Unavailable):
            source.fetch(Item(f"{site.origin}/cut"), "", io.BytesIO())


class TestGitByHttp:
    def test_git_connects_to_what_was_looked_at(
        self, site: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
        self, site: Server, canary: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = "/moved.git/info/refs?service=git-upload-pack"
        site.answers[path] = (302, {"Location": canary.origin + path}, b"")
        for url, names in (
            (f"{site.origin}/moved.git", {}),
            (f"http://rebind.test:{canary.port}/x.git", {"rebind.test": [CANARY]}),
        ):
            with resolving(monkeypatch, names):
                source = source_at(
                    "git", {"url": url}, reach(site.origin, f"http://rebind.test:{canary.port}")
                )
                with pytest.raises(KbchatError):
                    source.listing("")
                source.close()


def page(url: str, surroundings: Surroundings, seconds: float = 10) -> bytes:
    with fetched(url, surroundings, seconds=seconds) as reply:
        return reply.body.read()


def urls(*pages: tuple[str, str]) -> Answer:
    entries = "".join(f"<url><loc>{page}</loc><lastmod>{day}</lastmod></url>" for page, day in pages)
    return 200, {}, f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'.encode()


def index(site: Server, *paths: str) -> Answer:
    entries = "".join(f"<sitemap><loc>{site.origin}{path}</loc></sitemap>" for path in paths)
    return 200, {}, f"<sitemapindex>{entries}</sitemapindex>".encode()


@contextmanager
def dripping(first: bytes) -> Iterator[tuple[int, threading.Event]]:
    """A server that sends this, and then a little more now and then; its port, and whether somebody left it."""
    with socket.create_server((HOST, 0)) as listening:
        was_left, ended = threading.Event(), threading.Event()

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    connection.sendall(first)
                    for _ in range(100):
                        if ended.wait(0.1):
                            return
                        connection.sendall(b"X: y\r\n")
                except OSError:
                    was_left.set()

        threading.Thread(target=drip, daemon=True).start()
        yield listening.getsockname()[1], was_left
        ended.set()


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

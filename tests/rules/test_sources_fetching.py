"""T54: what is fetched comes from where it may, by no detour, and within its time; a canary listens where nothing may
come."""

import socket
import threading
from dataclasses import replace
from typing import Any

import pytest

from kbchat.core.errors import Invalid, Unavailable
from kbchat.sources import fetching
from kbchat.sources.fetching import fetched
from kbchat.sources.port import Surroundings
from tests.rules.web_support import CANARY, HOST, Server, dripping, reach, resolving


def test_a_name_that_means_something_else_the_second_time_is_asked_once(
    site: Server, canary: Server, monkeypatch: pytest.MonkeyPatch
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


def test_a_redirect_is_looked_at_like_any_address(site: Server, canary: Server) -> None:
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


def test_redirects_end(site: Server) -> None:
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
def test_whoever_sends_a_little_now_and_then_is_left(scheme: str, first: bytes) -> None:
    with dripping(first) as (port, was_left):
        origin = f"{scheme}://{HOST}:{port}"
        with pytest.raises(Unavailable):
            page(f"{origin}/", reach(origin), seconds=0.5)
        assert was_left.wait(10)


def test_nothing_is_asked_once_connecting_took_all_the_time(
    site: Server, monkeypatch: pytest.MonkeyPatch
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


def test_nothing_is_asked_when_nobody_waits_for_it_any_more(site: Server) -> None:
    with pytest.raises(Unavailable, match="source_unreachable"):
        page(f"{site.origin}/", replace(reach(site.origin), is_over=lambda: True))
    assert site.asked == []


def test_no_proxy_is_asked(site: Server, canary: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, canary.origin)
    site.answers["/"] = (200, {}, b"page")
    assert page(f"{site.origin}/", reach(site.origin)) == b"page"


def test_what_the_server_does_not_have_and_cannot_do_are_told_apart(site: Server) -> None:
    site.answers["/busy"] = (503, {}, b"")
    with pytest.raises(Unavailable):
        page(f"{site.origin}/busy", reach(site.origin))
    site.answers["/broken"] = (500, {}, b"")
    with pytest.raises(Unavailable, match="source_answer_unusable"):
        page(f"{site.origin}/broken", reach(site.origin))
    with pytest.raises(Invalid, match="source_answer_unusable"):
        page(f"{site.origin}/none", reach(site.origin))
    with pytest.raises(Unavailable, match="source_host_unknown"):
        page("http://nobody.invalid/", reach("http://nobody.invalid"))
    site.close()
    with pytest.raises(Unavailable, match="source_unreachable"):
        page(f"{site.origin}/gone", reach(site.origin))


def page(url: str, surroundings: Surroundings, seconds: float = 10) -> bytes:
    with fetched(url, surroundings, seconds=seconds) as reply:
        return reply.body.read()

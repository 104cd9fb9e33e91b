"""The page at all of its addresses, static files, headers, and the two questions of operators (T39)."""

import json
import logging
import re
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pytest
from django.core.exceptions import SuspiciousOperation
from django.test import Client, RequestFactory

from kbchat.composition import environment
from kbchat.indexing.encoders import only
from kbchat.inference.scripted import HashEmbedder
from kbchat.settings.environment import PROJECT_ROOT
from kbchat.web import pages, warming
from kbchat.web.headers import CONTENT_POLICY, page_policy
from kbchat.web.urls import urlpatterns

HTML = (
    b'<!doctype html><title>kbchat</title><script src="/static/app/theme.js" nonce="kbchat-nonce"></script>'
)
Policy = dict[str, list[str]]


def parsed(policy: str) -> Policy:
    """The directives of a content policy with their sources; none is said twice."""
    told = [directive.split() for directive in policy.split(";")]
    directives = {name: sources for name, *sources in told}
    assert len(directives) == len(told)
    return directives


def nonce_of(policy: str) -> str:
    [nonce] = re.findall(r"script-src 'nonce-([\w-]{22,})' ", policy)
    return str(nonce)


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    index = tmp_path / "index.html"
    index.write_bytes(HTML)
    monkeypatch.setattr(pages, "INDEX", index)
    return index


@pytest.mark.parametrize(
    "address",
    [
        "/",
        f"/c/{uuid4()}",
        "/search?q=leave",
        "/library",
        f"/library/{uuid4()}",
        f"/d/{uuid4()}/{uuid4()}?start=1&end=2",
        "/audit",
        "/signin",
        "/setup?token=x",
    ],
)
def test_every_address_of_the_page_gives_the_page(built: Path, address: str) -> None:
    reply = Client().get(address)
    nonce = nonce_of(reply["Content-Security-Policy"])
    assert (reply.status_code, reply.content) == (200, HTML.replace(b"kbchat-nonce", nonce.encode()))
    assert reply["Content-Type"] == "text/html; charset=utf-8"
    assert reply["Cache-Control"] == "no-store"
    assert "kbchat_csrf" in reply.cookies
    assert not reply.cookies["kbchat_csrf"]["httponly"]


def test_other_addresses_are_not_found(built: Path) -> None:
    for address in ("/nothing", "/c/1", "/api", "/static/app/none.js", "/admin/"):
        assert Client().get(address).status_code == 404, address
    assert Client().post("/signin").status_code == 405


def test_a_browser_at_another_address_gets_the_page_which_says_so(built: Path, tmp_path: Path) -> None:
    looking = {"headers": {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}}
    reply = Client().get("/nothing", **looking)
    assert (reply.status_code, b"<title>kbchat" in reply.content) == (404, True)
    assert nonce_of(reply["Content-Security-Policy"]).encode() in reply.content
    assert Client().get("/nothing", headers={"accept": "*/*"})["Content-Type"].startswith("text/plain")
    assert Client().get("/api/nothing", **looking)["Content-Type"].startswith("application/json")
    built.unlink()
    assert Client().get("/nothing", **looking).status_code == 404


def test_a_missing_build_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "INDEX", tmp_path / "nothing.html")
    reply = Client().get("/")
    assert reply.status_code == 503
    assert "make install" in reply.content.decode()


def test_every_response_is_fenced(built: Path) -> None:
    for address in ("/", "/healthz", "/nothing", "/api/nothing", "/static/app/none.js"):
        reply = Client().get(address)
        policy = parsed(reply["Content-Security-Policy"])
        for name in ("default-src", "base-uri", "form-action", "frame-ancestors"):
            assert policy[name] == ["'none'"], (address, name)
        assert reply["X-Content-Type-Options"] == "nosniff"
        assert reply["X-Frame-Options"] == "DENY"
        assert reply["X-DNS-Prefetch-Control"] == "off"
        assert reply["Referrer-Policy"] == "same-origin"
        assert reply["Cross-Origin-Opener-Policy"] == "same-origin"
        assert reply["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in reply["Permissions-Policy"]


def test_what_is_no_page_loads_nothing(built: Path) -> None:
    for address in ("/healthz", "/nothing", "/api/nothing"):
        assert Client().get(address)["Content-Security-Policy"] == CONTENT_POLICY
    assert set(parsed(CONTENT_POLICY)) == {"default-src", "base-uri", "form-action", "frame-ancestors"}


def test_the_policy_lets_nothing_foreign_in(built: Path) -> None:
    """T39: no wildcard, no other host, nothing inline, scripts and styles by nonce alone, Trusted Types required."""
    policies = [Client().get(address)["Content-Security-Policy"] for address in ("/", "/static/app/none.js")]
    known = {"'none'", "'self'", "'wasm-unsafe-eval'", "data:", "blob:", "'script'"}
    for told in policies:
        policy = parsed(told)
        named = set(policy.pop("trusted-types"))
        assert named in ({"'none'"}, {"svelte-trusted-html", "dompurify", "kbchat"})
        assert policy.pop("require-trusted-types-for") == ["'script'"]
        for sources in policy.values():
            assert {word for word in sources if not word.startswith("'nonce-")} <= known
    page = parsed(policies[0])
    nonce = f"'nonce-{nonce_of(policies[0])}'"
    assert page["script-src"] == [nonce, "'wasm-unsafe-eval'"]
    assert page["style-src"] == [nonce]
    assert {name for name, sources in page.items() if {"data:", "blob:"} & set(sources)} == {"img-src"}


def test_a_nonce_is_given_once(built: Path) -> None:
    assert len({Client().get("/")["Content-Security-Policy"] for _ in range(20)}) == 20


def test_the_page_is_developed_under_the_same_policy() -> None:
    mock = (PROJECT_ROOT / "frontend" / "dev" / "mock.ts").read_text()
    block = mock[mock.index("contentPolicy = [") : mock.index("].join('; ')")]
    written = "; ".join(re.findall(r'^ {2}"(.+)",$', block, re.MULTILINE))
    assert written == page_policy("kbchat-nonce")
    assert "noncePlaceholder = 'kbchat-nonce'" in mock


@pytest.mark.django_db
def test_no_address_leads_elsewhere(built: Path) -> None:
    """T39: whatever is asked of whichever address, nobody is sent to another host."""
    routes = {str(route.pattern).strip("^/").split("<")[0] for route in urlpatterns}
    assert {"", "signin", "setup", "d/"} <= routes
    tricks = [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "javascript:x",
    ]
    names = ["next", "url", "to", "return", "return_to", "redirect", "redirect_uri", "continue", "RelayState"]
    asked = [(f"/{route}", urlencode(dict.fromkeys(names, trick))) for route in routes for trick in tricks]
    asked += [
        (path, "") for path in ("//evil.example/", "//evil.example/..", "/\\evil.example", "/%5cevil.example")
    ]
    client = Client()
    for path, query in asked:
        for method in (client.get, client.post):
            reply = method("/", PATH_INFO=path, QUERY_STRING=query)
            there = reply.headers.get("Location", "/").replace("\\", "/")
            assert urlsplit(urljoin("http://testserver/", there)).netloc == "testserver", (path, query)
            assert "Refresh" not in reply.headers


@pytest.mark.django_db
def test_readiness_names_what_does_not_answer(settings: object) -> None:
    assert Client().get("/readyz").json() == {"database": True, "redis": True, "search_model": True}
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    reply = Client().get("/readyz")
    assert (reply.status_code, reply.json()) == (
        503,
        {"database": True, "redis": False, "search_model": True},
    )


@pytest.mark.django_db
def test_nothing_is_ready_while_the_model_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = threading.Event()

    class Slow(HashEmbedder):
        def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
            loaded.wait(10)
            return super().embed_queries(texts)

    monkeypatch.setattr(warming, "encoders", lambda: only(Slow()))
    warming.warm_up()
    reply = Client().get("/readyz")
    assert (reply.status_code, reply.json()["search_model"]) == (503, False)
    loaded.set()
    for _ in range(100):
        if not warming.is_warming_up():
            break
        time.sleep(0.05)
    assert Client().get("/readyz").status_code == 200


@pytest.mark.parametrize("path", ["/", "/search?q=leave", "/nothing", "/scim/v2/Users"])
def test_under_another_host_name_it_says_what_to_set(
    built: Path, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    """The setting that an operator knows, in both languages; Django's own advice names one that there is not."""
    for method in (Client().get, Client().post):
        reply = method(path, headers={"host": "kb.intranet:8110"})
        told = reply.content.decode()
        assert (reply.status_code, reply["Content-Type"]) == (400, "text/plain; charset=utf-8")
        assert told.count("KBCHAT_PUBLIC_ORIGINS") == 2
        assert "not set up for the host name" in told
        assert "主机名" in told
        assert reply["X-Content-Type-Options"] == "nosniff"
    named = [record.getMessage() for record in caplog.records if record.name == "kbchat.web.pages"]
    assert len(named) == 2
    assert all("KBCHAT_PUBLIC_ORIGINS" in line and "kb.intranet:8110" in line for line in named)


def test_djangos_own_advice_about_host_names_is_not_logged() -> None:
    assert not logging.getLogger("django.security.DisallowedHost").isEnabledFor(logging.ERROR)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "is not set up for the host name"), ("zh-hans", "主机名")]
)
def test_under_another_host_name_the_api_answers_in_its_own_shape(language: str, words: str) -> None:
    for path in ("/api/v1/session", "/api/nothing"):
        reply = Client().get(path, headers={"host": "kb.intranet:8110", "accept-language": language})
        assert reply.status_code == 400
        assert set(reply.json()) == {"code", "message", "next_step"}
        assert reply.json()["code"] == "host_unknown"
        assert words in reply.json()["message"]
        assert "KBCHAT_PUBLIC_ORIGINS" in reply.json()["next_step"]


def test_a_host_name_is_logged_short_and_plain(caplog: pytest.LogCaptureFixture) -> None:
    Client().get("/", headers={"host": "kb\x1b[2J\u202e\n" + "x" * 5000})
    [line] = [record.getMessage() for record in caplog.records if record.name == "kbchat.web.pages"]
    assert line.isprintable()
    assert "kb[2Jxxx" in line
    assert len(line) < 300


@pytest.mark.django_db
def test_what_cannot_prove_to_be_the_pages_own_is_told_plainly(built: Path) -> None:
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "zh-hans"})
    reply = client.post("/signin")
    assert (reply.status_code, reply["Content-Type"]) == (403, "text/plain; charset=utf-8")
    assert "Reload the page" in reply.content.decode()
    assert "刷新页面" in reply.content.decode()
    told = pages.unproven(RequestFactory().post("/api/v1/session", headers={"accept-language": "zh-hans"}))
    assert (told.status_code, json.loads(told.content)["code"]) == (403, "csrf_failed")
    assert json.loads(told.content)["message"] == "页面无法证明此请求由您发出。"


def test_any_other_bad_request_is_told_in_both_languages() -> None:
    reply = pages.unusable(RequestFactory().get("/sso/callback"), SuspiciousOperation("secret"))
    assert (reply.status_code, reply["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert reply.content.decode().splitlines() == [
        "What was sent cannot be used.",
        "Check it and send it again.",
        "发送的内容无法使用。",
        "请检查后重新发送。",
    ]


def test_being_alive_asks_nobody() -> None:
    reply = Client().get("/healthz")
    assert (reply.status_code, reply.content) == (200, b"ok\n")


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("kb.example.com", "/", 403),
        ("kb.example.com", "/api/v1/session", 403),
        ("kb.example.com", "/healthz", 200),
        ("localhost:8000", "/api/nothing", 404),
        ("[::1]:8000", "/api/nothing", 404),
    ],
)
def test_plain_http_is_refused_to_other_machines(
    monkeypatch: pytest.MonkeyPatch, settings: Any, host: str, path: str, status: int
) -> None:
    """T29."""
    monkeypatch.setenv("KBCHAT_HOST", "192.0.2.7")
    settings.ALLOWED_HOSTS = ["*"]
    environment.cache_clear()
    try:
        reply = Client(headers={"host": host}).get(path)
    finally:
        monkeypatch.undo()
        environment.cache_clear()
    assert reply.status_code == status

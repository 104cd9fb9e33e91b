"""The page at all of its addresses, static files, headers, and the two questions of operators (T39)."""

import re
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pytest
from django.test import Client

from kbchat.composition import environment
from kbchat.inference.scripted import HashEmbedder
from kbchat.settings.environment import PROJECT_ROOT
from kbchat.web import pages, warming
from kbchat.web.headers import CONTENT_POLICY

HTML = b"<!doctype html><title>kbchat</title>"


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
        "/signin",
        "/setup?token=x",
    ],
)
def test_every_address_of_the_page_gives_the_page(built: Path, address: str) -> None:
    reply = Client().get(address)
    assert (reply.status_code, reply.content) == (200, HTML)
    assert reply["Content-Type"] == "text/html; charset=utf-8"
    assert reply["Cache-Control"] == "no-cache"
    assert "kbchat_csrf" in reply.cookies
    assert not reply.cookies["kbchat_csrf"]["httponly"]


def test_other_addresses_are_not_found(built: Path) -> None:
    for address in ("/nothing", "/c/1", "/api", "/static/app/none.js", "/admin/"):
        assert Client().get(address).status_code == 404, address
    assert Client().post("/signin").status_code == 405


def test_a_missing_build_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "INDEX", tmp_path / "nothing.html")
    reply = Client().get("/")
    assert reply.status_code == 503
    assert "make install" in reply.content.decode()


def test_every_response_is_fenced(built: Path) -> None:
    for address in ("/", "/healthz", "/nothing", "/api/nothing"):
        reply = Client().get(address)
        assert reply["Content-Security-Policy"] == CONTENT_POLICY
        assert reply["X-Content-Type-Options"] == "nosniff"
        assert reply["X-Frame-Options"] == "DENY"
        assert reply["Referrer-Policy"] == "same-origin"
        assert reply["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in reply["Permissions-Policy"]


def test_the_policy_lets_nothing_foreign_in() -> None:
    """T39: no wildcard, no other host, nothing inline, Trusted Types required."""
    assert "default-src 'none'" in CONTENT_POLICY
    assert "require-trusted-types-for 'script'" in CONTENT_POLICY
    for word in ("*", "unsafe-inline", "'unsafe-eval'", "http:", "https:", "//"):
        assert word not in CONTENT_POLICY


def test_the_page_is_developed_under_the_same_policy() -> None:
    mock = (PROJECT_ROOT / "frontend" / "dev" / "mock.ts").read_text()
    block = mock[mock.index("contentPolicy = [") : mock.index("].join('; ')")]
    assert "; ".join(re.findall(r'^ {2}"(.+)",$', block, re.MULTILINE)) == CONTENT_POLICY


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

    monkeypatch.setattr(warming, "embedder", Slow)
    warming.warm_up()
    reply = Client().get("/readyz")
    assert (reply.status_code, reply.json()["search_model"]) == (503, False)
    loaded.set()
    for _ in range(100):
        if not warming.is_warming_up():
            break
        time.sleep(0.05)
    assert Client().get("/readyz").status_code == 200


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

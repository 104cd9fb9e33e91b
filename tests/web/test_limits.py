"""Every limit, reached once: it is counted under its name, and whoever reaches it is told in both languages which it is
and when to go on (T33, T45, T46, T47)."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from prometheus_client import REGISTRY

from kbchat.access.viewing import viewing
from kbchat.accounts.models import User
from kbchat.chat.spending import add_tokens, seconds_to_a_new_day
from kbchat.core.limits import Limit
from kbchat.web.ws.incoming import Pace
from tests.rules.workbook_support import zipped
from tests.web.conftest import Company, SignIn, file
from tests.web.limits_support import LANGUAGES, count, set_limit
from tests.web.page_socket import Page, connected

pytestmark = [pytest.mark.django_db(transaction=True)]

QUESTION = {"question": "How many days?"}


def open_one(client: Client, language: str, **question: str) -> Any:
    return client.post(
        "/api/v1/conversations",
        QUESTION | question,
        content_type="application/json",
        headers={"accept-language": language},
    )


def spend(company: Company, tokens: int) -> None:
    with viewing(company.viewer(company.owner)):
        add_tokens(company.owner.pk, tokens)


def upload_of(
    client: Client, company: Company, language: str, *names: str, content: bytes = b"# Note\n\nA sentence.\n"
) -> Any:
    return client.post(
        f"/api/v1/collections/{company.collection_id}/documents",
        {"files": [file(name, content) for name in names]},
        headers={"accept-language": language},
    )


class TestOverHttp:
    """Who asks is signed in once; each case is tried in both languages."""

    @pytest.fixture
    def client(self, company: Company, signed_in: SignIn) -> Client:
        return signed_in(company.owner)

    def test_each_is_counted_and_told(
        self, company: Company, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def tried(
            limit: Limit, ask: Callable[[str], Any], status: int, *says: str, wait: bool = False
        ) -> None:
            for language, said in zip(LANGUAGES, says, strict=True):
                before = count(limit)
                reply = ask(language)
                assert reply.status_code == status, reply.content
                assert said in reply.json()["message"]
                assert reply.json()["next_step"]
                assert count(limit) == before + 1
                assert ("Retry-After" in reply.headers) is wait

        set_limit(monkeypatch, most_question_characters=20)
        long = "x" * 21
        tried(
            Limit.QUESTION_CHARACTERS,
            lambda language: open_one(client, language, question=long),
            400,
            "longer than 20 characters",
            "超过 20 个字符",
        )
        tried(
            Limit.QUESTION_CHARACTERS,
            lambda language: client.get("/api/v1/search", {"q": long}, headers={"accept-language": language}),
            400,
            "longer than 20 characters",
            "超过 20 个字符",
        )
        set_limit(monkeypatch, upload_max_bytes=10)
        tried(
            Limit.UPLOAD_BYTES,
            lambda language: upload_of(client, company, language, "a.md"),
            413,
            "larger than",
            "文件超过",
        )
        monkeypatch.setattr(settings, "DATA_UPLOAD_MAX_NUMBER_FILES", 2)
        set_limit(monkeypatch, most_files_at_once=2)
        tried(
            Limit.FILES_AT_ONCE,
            lambda language: upload_of(client, company, language, "a.md", "b.md", "c.md"),
            413,
            "More than 2 files",
            "超过 2 个",
        )
        set_limit(monkeypatch, most_files_in_archive=2, upload_max_bytes=10_000)
        tried(
            Limit.FILES_IN_ARCHIVE,
            lambda language: upload_of(
                client, company, language, "a.zip", content=zipped(dict.fromkeys("abc", "x"))
            ),
            413,
            "more than 2 files",
            "超过 2 个",
        )
        monkeypatch.setattr(settings, "DATA_UPLOAD_MAX_MEMORY_SIZE", 100)
        tried(
            Limit.BODY_BYTES,
            lambda language: open_one(client, language, question="y" * 200),
            413,
            "larger than 1 MB",
            "超过 1 MB",
        )
        monkeypatch.undo()
        spend(company, settings.LIMITS.most_tokens_a_day - 1)
        assert open_one(client, "en").status_code == 202
        spend(company, 1)
        tried(
            Limit.TOKENS_A_DAY,
            lambda language: open_one(client, language),
            429,
            "in one day",
            "一天",
            wait=True,
        )
        assert abs(int(open_one(client, "en").headers["Retry-After"]) - seconds_to_a_new_day()) < 60
        set_limit(monkeypatch, most_answers_at_once=1)
        tried(
            Limit.ANSWERS_AT_ONCE,
            lambda language: open_one(client, language),
            429,
            "You have 1 question",
            "您有 1 个问题",
            wait=True,
        )
        set_limit(monkeypatch, most_sign_in_failures=0)
        tried(
            Limit.SIGN_IN_FAILURES,
            lambda language: client.post(
                "/api/v1/session",
                {"email": "lin@example.com", "password": "guess"},
                content_type="application/json",
                headers={"accept-language": language},
            ),
            429,
            "Too many failed sign-ins",
            "登录失败次数过多",
            wait=True,
        )
        set_limit(monkeypatch, most_resets=0)
        tried(
            Limit.RESETS,
            lambda language: client.post(
                "/api/v1/password-resets",
                {"email": "lin@example.com"},
                content_type="application/json",
                headers={"accept-language": language},
            ),
            429,
            "Too many links",
            "请求链接的次数过多",
            wait=True,
        )


async def told_and_closed(page: Page) -> tuple[str, str, int]:
    refused = await page.frame()
    assert (refused["type"], refused["turn_id"]) == ("refused", None)
    return refused["code"], refused["message"], await page.closed()


class TestOverTheSocket:
    """The reader's language is Chinese, the owner's English."""

    @pytest.fixture
    def people(self, company: Company, session: Callable[[User], str]) -> dict[str, str]:
        return {"en": session(company.owner), "zh-hans": session(company.reader)}

    async def test_each_is_counted_told_and_closes(
        self, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def large(page: Page) -> None:
            await page.raw(json.dumps({"type": "ping", "filler": "好" * 30_000}))

        async def often(page: Page) -> None:
            for _ in range(3):
                await page.send(type="ping")
            assert [(await page.frame())["type"] for _ in range(2)] == ["pong", "pong"]

        async def nothing(page: Page) -> None:
            pass

        cases: list[
            tuple[Limit, dict[str, float], Callable[[Page], Awaitable[None]], str, int, tuple[str, str]]
        ] = [
            (Limit.FRAME_BYTES, {}, large, "frame_too_large", 1009, ("larger than 65536", "超过 65536")),
            (
                Limit.FRAMES_A_MINUTE,
                {"most_frames_a_minute": 2},
                often,
                "too_many_frames",
                1013,
                ("More than 2 commands", "超过 2 条"),
            ),
            (
                Limit.SOCKET_IDLE,
                {"socket_idle_seconds": 0.2},
                nothing,
                "socket_idle",
                4408,
                ("Nothing was heard", "没有任何消息"),
            ),
        ]
        for limit, limits, act, code, close, says in cases:
            with monkeypatch.context() as patch:
                set_limit(patch, **limits)
                for language, said in zip(LANGUAGES, says, strict=True):
                    before = count(limit)
                    async with connected(people[language]) as page:
                        await act(page)
                        told, message, closed = await told_and_closed(page)
                    assert (told, closed, count(limit)) == (code, close, before + 1)
                    assert said in message

    async def test_the_sockets_of_a_person_are_counted_and_one_too_many_is_told(
        self, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        set_limit(monkeypatch, most_sockets=1)
        for language, said in zip(LANGUAGES, ("more than 1 windows", "超过 1 个"), strict=True):
            before = count(Limit.SOCKETS)
            async with connected(people[language]) as first:
                await first.send(type="ping")
                await first.frame()
                assert REGISTRY.get_sample_value("kbchat_sockets_open") == 1
                async with connected(people[language]) as second:
                    code, message, closed = await told_and_closed(second)
            assert (code, closed, count(Limit.SOCKETS)) == ("too_many_sockets", 1013, before + 1)
            assert said in message
        assert REGISTRY.get_sample_value("kbchat_sockets_open") == 0

    async def test_whoever_waits_for_an_answer_may_be_silent(
        self, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        set_limit(monkeypatch, socket_idle_seconds=0.2)
        async with connected(people["en"]) as page:
            await page.send(type="ask", client_message_id=uuid4(), question="How many days?")
            accepted = await page.frame()
            assert await page.silent(0.7)
            await page.send(type="unfollow", turn_id=accepted["turn_id"])
            assert (await told_and_closed(page))[2] == 4408

    async def test_who_cannot_be_let_in_in_time_is_let_go(
        self, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        set_limit(monkeypatch, handshake_seconds=0.1)
        before = count(Limit.HANDSHAKE)

        async def never(*_: object) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr("kbchat.web.ws.presence.in_database", never)
        async with connected(people["en"]) as page:
            assert await page.closed() == 1013
        assert count(Limit.HANDSHAKE) == before + 1


def test_a_pace_is_kept_on_average_and_lets_a_minute_s_worth_through_at_once() -> None:
    now = 0.0
    pace = Pace(60, now=lambda: now)
    assert [pace.allows() for _ in range(61)] == [True] * 60 + [False]
    now = 1.0
    assert [pace.allows(), pace.allows()] == [True, False]
    now = 1000.0
    assert [pace.allows() for _ in range(61)] == [True] * 60 + [False]
